"""Which class of the data a name from a concept file means."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.data.texts.understood import NamedClass

_LIKE = 0.6  # how alike names are that are offered instead, of 1
_OFFERED = 3
_LONGEST = 200  # characters of an unknown name that are compared
_LOOKED_UP = 20
"""Unknown names for which others are offered: comparing all of 10,000 with all of 10,000 would take minutes."""


def plain(name: str) -> str:
    """A name without what does not matter: case, and underscores for spaces."""
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").split()).casefold()


def matched(given: Iterable[str], class_names: Sequence[str]) -> tuple[NamedClass, ...]:
    """What each name means: the class of that name, else the only one that has the same letters and digits behind a
    leading number ("001.Black_footed_Albatross" and "black-footed albatross")."""
    exact = {plain(name): name for name in class_names}
    often = Counter(map(_loose, class_names))
    loose = {_loose(name): name for name in class_names if often[_loose(name)] == 1}
    found = [NamedClass(name, exact.get(plain(name)) or loose.get(_loose(name))) for name in given]
    unknown = [i for i, each in enumerate(found) if each.name is None][:_LOOKED_UP]
    for i in unknown:
        found[i] = NamedClass(found[i].given, None, nearest(found[i].given, class_names))
    return tuple(found)


def nearest(name: str, class_names: Sequence[str]) -> tuple[str, ...]:
    """The classes with names most like one that is unknown."""
    exact = {plain(each): each for each in class_names}
    near = difflib.get_close_matches(plain(name)[:_LONGEST], exact, _OFFERED, _LIKE)
    return tuple(exact[each] for each in near)


def _loose(name: str) -> str:
    kept = re.sub(r"^\d+[.\s]+", "", plain(name))
    return re.sub(r"\W", "", kept) or plain(name)
