"""In which order the classes are learnt: by seed, by hand, or by the similarity of their names.

An order is a tuple of class indices; its position t is the class learnt as the t-th.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.errors import BadParameter

LITERATURE_SEED = 1993
"""The seed of nearly all published class-incremental results, since iCaRL (Rebuffi et al., 2017)."""
_SHOWN = 5
_REMEDY = "Name every class once"


def seeded_order(classes: int, seed: int = LITERATURE_SEED) -> tuple[int, ...]:
    """Shuffled as PILOT and CLG-CBM do with `np.random.seed(seed); np.random.permutation(classes)`."""
    return tuple(int(i) for i in np.random.RandomState(seed).permutation(classes))


def given_order(entries: str | Sequence[str | int], class_names: Sequence[str]) -> tuple[int, ...]:
    """An order written by a person.

    Args:
        entries: class names or indices from 0; in a text, separated by commas or line breaks. Upper and lower case,
            and underscores and spaces, do not matter. A class that is called "7" is meant before the class at index 7.
        class_names: all names, by index.

    Raises:
        BadParameter: an entry is no class, or a class is missing or comes twice; the message names it.
    """
    parts = re.split(r"[,\n]", entries) if isinstance(entries, str) else list(entries)
    wanted = [part for part in parts if str(part).strip()]
    index_of = {_plain(name): i for i, name in enumerate(class_names)}
    order = [_find(entry, index_of, len(class_names)) for entry in wanted]
    unknown = [str(entry).strip() for entry, found in zip(wanted, order, strict=True) if found is None]
    if unknown:
        raise BadParameter(
            f"Class order: {_some(unknown)}", f"classes are {_some(class_names)}", "Check the spelling", "class_order"
        )
    found = [i for i in order if i is not None]
    _check_once(found, class_names)
    return tuple(found)


def similarity_order(embeddings: Floats) -> tuple[int, ...]:
    """A chain of classes in which neighbours have similar names.

    Starts with the class least similar to the others on average, then always goes on to the most similar class left.
    Ties go to the lower index, so the same embeddings always give the same order.

    Args:
        embeddings: text embeddings of the class names, [C, D], any length but 0.
    """
    if len(embeddings) == 0:
        return ()
    unit = np.asarray(embeddings, np.float64)
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    similarity = (unit @ unit.T).round(9)  # [C, C]; rounded so that ties are ties on every machine
    order = [int(similarity.sum(1).argmin())]
    left = np.ones(len(unit), bool)
    left[order[0]] = False
    while left.any():
        order.append(int(np.where(left, similarity[order[-1]], -np.inf).argmax()))
        left[order[-1]] = False
    return tuple(order)


def _plain(name: object) -> str:
    return " ".join(str(name).replace("_", " ").split()).casefold()


def _find(entry: str | int, index_of: dict[str, int], classes: int) -> int | None:
    plain = _plain(entry)
    if not isinstance(entry, int) and plain in index_of:
        return index_of[plain]
    if plain.isascii() and plain.isdigit() and int(plain) < classes:
        return int(plain)
    return None


def _check_once(order: list[int], class_names: Sequence[str]) -> None:
    twice = [class_names[i] for i, times in Counter(order).items() if times > 1]
    if twice:
        raise BadParameter(f"Class order: {_some(twice)}", "comes more than once", _REMEDY, "class_order")
    missing = [name for i, name in enumerate(class_names) if i not in set(order)]
    if missing:
        raise BadParameter(f"Class order: {_some(missing)}", "is missing", _REMEDY, "class_order")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
