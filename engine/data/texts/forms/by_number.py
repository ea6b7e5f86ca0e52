"""Numbered classes, whose names stand in a label map beside the file.

Yu et al., "Language Guided Concept Bottleneck Models for Interpretable Continual Learning" (CLG-CBM), CVPR 2025:
`cub200_4o_simple_cpts.json` and `cub200_label2class.json`.
"""

from __future__ import annotations

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, ListedTexts, is_numbered, texts_by
from engine.data.texts.label_maps import RULE, found_beside, is_label_map, renamed


@FORMS.register
class ByNumber(ConceptForm):
    """JSON, class number to texts, with a label map beside it (CLG-CBM)."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """A JSON object whose names are numbers."""
        return is_numbered(file.json)

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """With the names that the label map gives; a number that is the name of a class stays."""
        if is_label_map(file.json):
            raise file.wrong("it names classes and lists no texts; it is a label map", "Give the file with the texts")
        numbers, entries = tuple(file.json), texts_by(file, file.json)
        beside = found_beside(file, numbers)
        if beside is not None:
            return renamed(file, entries, numbers, beside[1], beside[0])
        if set(numbers) <= set(file.class_names):
            return ListedTexts(entries, numbers)
        problem = "its classes are numbers, and no file beside it says which class each one is"
        raise file.wrong(problem, f"Put its label map beside it as JSON: {RULE}")
