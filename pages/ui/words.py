"""Known words in a text, made links to the glossary."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache

from engine.glossary import TERMS
from pages.ui.text import safe

GLOSSARY, TERM = "glossary", "term"
"""The page's address and the key in it."""


def linked(text: str, told: set[str] | None = None, here: Container[str] = ()) -> str:
    """A text as HTML, escaped, in which the first occurrence of every known word leads to the glossary.

    Args:
        told: terms that need no link any more; those linked now are added to it.
        here: entries on the page itself, as `link` takes them.
    """
    told = set() if told is None else told
    keys, pattern = _known()
    parts, at = [], 0
    for found in pattern.finditer(text):
        key = keys[found[0].casefold()]
        if key not in told:
            told.add(key)
            parts += [safe(text[at : found.start()]), link(key, found[0], here)]
            at = found.end()
    return "".join([*parts, safe(text[at:])])


def link(key: str, words: str, here: Container[str] = ()) -> str:
    """A link to an entry of the glossary, in HTML. It opens beside the page, so that nobody loses their place.

    Args:
        here: entries on the page itself, to which a link only scrolls; the glossary's own elements are called so.
    """
    where = f"#{element(key)}" if key in here else f"{GLOSSARY}?{TERM}={key}"
    beside = "" if key in here else " target='_blank'"
    return f"<a class='plg-word' href='{safe(where)}'{beside}>{safe(words)}</a>"


def element(key: str) -> str:
    """The id of an entry's element on the glossary page."""
    return f"word-{key}"


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], re.Pattern[str]]:
    """Terms by every word that leads to them, and a pattern of all words; the longest that fits is found."""
    keys = {word.casefold(): term.key for term in TERMS.values() for word in (term.title, *term.aka)}
    words = "|".join(re.escape(word) for word in sorted(keys, key=lambda word: (-len(word), word)))
    return keys, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
