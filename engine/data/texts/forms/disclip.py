"""Numbered classes with their names in the same file.

The released descriptions of Ommer's group (CompVis/DisCLIP), "Does VLM Classification Benefit from LLM Description
Semantics?", AAAI 2025: `descriptions_cub_dclip.json` and others.
"""

from __future__ import annotations

from typing import Any

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, ListedTexts, is_numbered, texts_by
from engine.data.texts.label_maps import is_label_map, renamed

TEXTS, NAMES = "index_to_descriptions", "index_to_classname"


@FORMS.register
class Disclip(ConceptForm):
    """JSON, numbered texts and class names in one (DisCLIP)."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """It has one of the two names."""
        return isinstance(file.json, dict) and bool({NAMES, TEXTS} & set(file.json))

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """Both parts joined by number."""
        content: dict[str, Any] = file.json
        if not is_numbered(content.get(TEXTS)) or not is_label_map(content.get(NAMES)):
            raise file.wrong(f"{TEXTS!r} must map numbers to lists of texts and {NAMES!r} numbers to names")
        return renamed(file, texts_by(file, content[TEXTS]), tuple(content[TEXTS]), content[NAMES], "")
