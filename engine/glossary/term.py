"""The form of a term: a word that people meet here, explained to somebody who never heard it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word.

    Attributes:
        key: its name in an address; small letters and hyphens.
        title: the word as a heading.
        plain: what it is, in one sentence that a child understands.
        more: what else is worth knowing; a few sentences.
        see: keys of other terms, or of definitions of metrics.
        aka: other words for it and other forms of it, by which texts are linked to it; a word leads to one term only.
    """

    key: str
    title: str
    plain: str
    more: str
    see: tuple[str, ...] = ()
    aka: tuple[str, ...] = ()
