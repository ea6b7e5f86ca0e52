"""How texts are cut into words where a backbone's vocabulary is closed."""

from __future__ import annotations

import re
from collections.abc import Iterable


def words_of(text: str) -> list[str]:
    """Lower-case words, numbers and stray symbols of a text; hyphens, commas and full stops part words."""
    return re.findall(r"[a-z]+|[0-9]+|[^\sa-z0-9,.\-]+", text.lower())


def unknown_words(texts: Iterable[str], vocabulary: frozenset[str] | None) -> frozenset[str]:
    """Words of the texts that are not in the vocabulary; none where the vocabulary is open (None)."""
    if vocabulary is None:
        return frozenset()
    return frozenset(word for text in texts for word in words_of(text)) - vocabulary
