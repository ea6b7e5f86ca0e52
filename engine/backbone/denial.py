"""How words are denied to a text tower, for complementary attention: what is looked for, and what it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_PROMPTS = (("This is a photo of a {}", "This is not a photo of a {}"), ("{}", "no {}"))
"""Words as they are affirmed and denied: the sentences of Comp-TGA (Yu et al., TPAMI 2026), and for a backbone of a
small vocabulary the shortest denial. CLIP reacts weakly to either."""


def denied(words: str, unknown: Callable[[Iterable[str]], frozenset[str]]) -> str | None:
    """The words denied, in the first wording that the backbone knows, or None.

    Args:
        unknown: the words of some texts that the backbone was never trained on.
    """
    for affirmed, denial in _PROMPTS:
        if not unknown((affirmed.format(words), denial.format(words))):
            return denial.format(words)
    return None
