"""The page's choices: class, rival, concept, reading, target; each kept in the address and checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages.ui import address, segments

TAB, HOW, WHY, RATHER, CONCEPT, READING, FLIP = "tab", "how", "why", "rather", "concept", "reading", "flip"
"""Keys in the address; `concept` is shared with the Concepts page."""
WHAT, WHERE, WORDS = "what", "where", "words"
"""The tabs in which something is changed, with the maps, and with what the backbone sees in words."""


def shown(key: str, options: Mapping[str, str], default: str | None = None) -> str | None:
    """What a choice is at present; the page may ask before the widget is drawn."""
    asked = address.value(key)
    return asked if asked is not None and asked in options else default


def select(
    label: str,
    key: str,
    options: Mapping[str, str],
    default: str | None = None,
    *,
    placeholder: str = "",
    width: int = 300,
) -> None:
    """A list to choose one option from; the options' keys stand in the address.

    Args:
        default: what is shown where nothing was chosen; it is not spelt out in the address.
        placeholder: shown in place of a default; such a choice can be cleared.
    """
    asked, now = address.value(key), shown(key, options, default)
    segments.listed(label, key, options, now, width, empty=placeholder)
    if asked is None or asked in options:  # what fits another picture only is kept for it
        address.settle(key, None if now == default else now)  # a default follows the picture, so it is not held


def concept(words: Sequence[str], default: int) -> int:
    """Index of the chosen concept, else `default`. What another page chose stays chosen even where it is unknown."""
    asked = address.value(CONCEPT)
    return default if asked is None or asked not in words else list(words).index(asked)


def look_at(word: str) -> None:
    """See where a concept is; for callbacks."""
    address.choose(CONCEPT, word)
    address.choose(TAB, WHERE)
