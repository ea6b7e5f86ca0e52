"""Class names and their texts.

Yang et al., "Language in a Bottle" (LaBo), CVPR 2023: `class2concepts.json`. Oikarinen et al., "Label-Free Concept
Bottleneck Models", ICLR 2023: `gpt3_cifar100_important.json`. Srivastava et al., "VLG-CBM", NeurIPS 2024:
`cub_per_class.json`. Menon and Vondrick, "Visual Classification via Description from Large Language Models", ICLR 2023.
"""

from __future__ import annotations

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, ListedTexts, is_numbered, texts_by
from engine.data.texts.forms.concept_set import is_set
from engine.data.texts.forms.disclip import NAMES, TEXTS


@FORMS.register
class ByClass(ConceptForm):
    """JSON, class name to texts (LaBo, Label-free CBM, VLG-CBM)."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """Any JSON object whose names are neither numbers nor those of another form."""
        found = file.json
        return isinstance(found, dict) and not (is_numbered(found) or {NAMES, TEXTS} & set(found) or is_set(found))

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """As it stands there."""
        return ListedTexts(texts_by(file, file.json), tuple(file.json))
