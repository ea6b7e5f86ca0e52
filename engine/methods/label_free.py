"""Label-free CBM with LaBo's choice of concepts, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.sparse import SparseHeadMethod
from engine.params import redeclared

if TYPE_CHECKING:
    from engine.concepts.bank import ConceptBank
    from engine.model.alignment import Goal
    from engine.model.snapshot import Snapshot


@METHODS.register
@dataclass(frozen=True)
class LabelFree(SparseHeadMethod):
    """Label-free CBM (with LaBo's choice of concepts).

    Oikarinen et al., "Label-Free Concept Bottleneck Models", ICLR 2023; Yang et al., "Language in a Bottle" (LaBo),
    CVPR 2023. No concept label is needed: a concept's score is what its text says of the image, and a sparse linear
    head turns scores into classes. Neither paper is continual. Here each task adds its concepts, whose rows then
    stay; the head is fitted anew on the new images and on pseudo features of old classes.

    Published: Label-free CBM learns rows on another backbone's features until they score like CLIP's texts (cos3), and
    chooses the strength of its elastic net (99 % absolute values, SAGA) for 25 to 35 concepts a class. LaBo takes the
    texts as rows, chooses concepts by coverage and discriminability, and weighs them by a softmax over classes.

    Ours: rows are the texts (`rows` learned learns the new ones by cos3); LaBo's choice, ten a class (`search`);
    Label-free CBM's head, at a strength of 7e-4, or at `target_nec` concepts a class. Old classes are stood in for by
    images of the new class whose mean is nearest, moved to the old mean, as in CI-CBM.

    Released code: Label-free CBM's filters concepts by length, by likeness to class names and to each other, and drops
    those whose rows it cannot learn; here filters are the run's own. LaBo's takes logarithms of cosines, NaN where one
    is negative, and weighs discriminability by 1e7 because it is not scaled.

    Claim: as accurate as a black box on the same features to within a few points, without a label for any concept.
    Weaker here: 87.6 % after the last task on the Aviary's demo (three seeds), 4.5 points below the best black box; to
    within a few points that holds.
    """

    family: ClassVar[str] = "bottleneck"
    summary: ClassVar[str] = (
        "Takes concept texts as they are, chosen to tell classes apart, and refits a sparse head in every task."
    )

    search: str = redeclared(SparseHeadMethod, "search", "submodular")
    rows: str = redeclared(SparseHeadMethod, "rows", "text")

    def goal(self, bank: ConceptBank, previous: Snapshot | None) -> Goal:
        """New rows resemble their texts; old ones do not move."""
        from engine.model.alignment import Goal

        new = bank.embeddings[len(previous.bank) if previous else 0 :]
        return Goal(new, new[:0], 0.0)
