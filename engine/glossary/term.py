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
        drawn: one or two sentences more that are true of the drawn data and of what is shipped with them only.
        see: keys of other terms, or of definitions of metrics.
        aka: other words for it and other forms of it, by which texts are linked to it; a word leads to one term only.
        drawn_only: whether nothing but the drawn data has what it names.
    """

    key: str
    title: str
    plain: str
    more: str
    see: tuple[str, ...] = ()
    aka: tuple[str, ...] = ()
    drawn: str = ""
    drawn_only: bool = False

    def told(self, drawn: bool) -> str:
        """What else is worth knowing to who looks at drawn data, or at others."""
        return f"{self.more} {self.drawn}".strip() if drawn else self.more
