"""One text a line, each for every class; empty lines and lines after `#` are skipped.

Oikarinen et al., "Label-Free Concept Bottleneck Models", ICLR 2023: `cub_filtered.txt` and others of its repository.
"""

from __future__ import annotations

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, Entry, ListedTexts


@FORMS.register
class Lines(ConceptForm):
    """One text a line (Label-free CBM)."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """Whatever begins neither as JSON nor as a table, nor as a page of the web."""
        return file.json is None and file.rows is None and not file.text.lstrip().startswith("<")

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """A text a line."""
        lines = file.text.splitlines()
        return ListedTexts(tuple(Entry(line) for line in lines if not line.lstrip().startswith("#")))
