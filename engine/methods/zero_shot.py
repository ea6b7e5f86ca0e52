"""Zero-shot CLIP: class names instead of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS, Method

if TYPE_CHECKING:
    from engine.methods.base import Learning, Setup, TaskData


@METHODS.register
@dataclass(frozen=True)
class ZeroShot(Method):
    """Zero-shot CLIP.

    Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021. An image goes to
    the class whose name's embedding has the highest cosine with it. The bottleneck's rows are those embeddings, one per
    class and not concepts; the head is the identity. No image is learnt from.
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = "Every class is its name; no image is learnt from."
    learns_concepts: ClassVar[bool] = False

    def why_not(self, setup: Setup) -> str | None:
        """Needs class names that the backbone knows."""
        return setup.nameless()

    def learn(self, data: TaskData) -> Learning:
        """Append the new classes' name embeddings."""
        from engine.methods.prototypes import measured, with_rows

        model = with_rows(data, data.class_texts.clone(), "name")
        yield measured(model, data)
        return model
