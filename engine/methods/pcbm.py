"""PCBM: a sparse head on fixed concept directions, made after the fact for any backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.bottleneck import BOTTLENECK
from engine.methods.choosing import CONCEPTS
from engine.methods.variant import VariantMethod
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Learning, Setup, TaskData
    from engine.methods.variant import Ground
    from engine.model.snapshot import Snapshot

TEXT, CAV = "text", "cav"


@METHODS.register
@dataclass(frozen=True)
class PCBM(VariantMethod):
    """PCBM (a sparse head on fixed directions).

    Yuksekgonul et al., "Post-hoc Concept Bottleneck Models", ICLR 2023, arXiv 2205.15480. A concept's score is how far
    an image lies along the concept's direction; directions are texts, or concept activation vectors from images with
    and without the concept (Kim et al., ICML 2018). Nothing is trained but a sparse linear head.

    Published: one data set at a time; directions by linear SVM of 50 images each with and without, or of CLIP's texts;
    elastic net with an l1 share of 0.99 whose strength is tuned for each data set; CUB, ResNet-18: 58.8 (black
    box 61.2).

    Ours: class-incremental: the directions of old concepts stay, the head is solved anew after every task from the new
    images and stand-ins of old classes, to the optimum (`engine.model.sparse_head`). Scores are standardised, which is
    folded into head and bias. A concept activation vector uses all of the task's images with and without, weighted
    alike; a concept of which all or none of them show it, or nobody says, keeps its text.

    Released code: github.com/mertyg/post-hoc-cbm does not standardise, so that its penalty bears unevenly; fits one
    class against the rest by SGD; reports test accuracy of whatever strength was given.

    Claim: nearly as accurate as the model it is made for. Held here, in the sense of the linear classifier on all
    images: 89.1 and 89.8 % after the last task on the Aviary's demo (three seeds).
    """

    summary: ClassVar[str] = (
        "Concepts are fixed directions, taken from texts or example images; only a sparse head is fitted to them."
    )

    directions: str = param(
        TEXT,
        choices=(TEXT, CAV),
        help="What a concept's direction is: its text, or what tells images with it from those without (linear SVM).",
        group=CONCEPTS,
    )
    svm_c: float = param(
        0.1, low=1e-4, high=1e3, help="C of the linear SVM (directions = cav); less is smoother.", group=CONCEPTS
    )
    strength: float = param(
        1e-3, low=1e-6, high=1.0, help="Strength of the head's elastic net; more uses fewer concepts.", group=BOTTLENECK
    )
    l1_share: float = param(
        0.99, low=0.01, high=1.0, help="Share of the elastic net that is absolute values.", group=BOTTLENECK
    )

    def why_not(self, setup: Setup) -> str | None:
        """Besides concepts, activation vectors need images of which somebody says what they show."""
        if self.directions == CAV and not setup.has_truth:
            return "directions = cav needs data that say which concepts are true of training images; take texts"
        return super().why_not(setup)

    def learn(self, data: TaskData) -> Learning:
        """Choose concepts, look up their directions, solve the head."""
        from engine.methods.prototypes import measured

        ground = yield from self.ground(data)
        model = self.solved(data, ground)
        yield measured(model, data)
        return model

    def solved(self, data: TaskData, ground: Ground) -> Snapshot:
        """The bottleneck of fixed directions with its head."""
        import torch

        from engine.device import fixed_threads
        from engine.model.sparse_head import sparse_head

        fresh = ground.bank.select(range(ground.old_concepts, len(ground.bank)))
        rows, before, samples = self.rows(data, fresh), data.previous, ground.samples
        if before is not None:
            rows = torch.cat([before.bottleneck, rows])
        with fixed_threads(1):
            scores, seen = samples.features @ rows.T, len(ground.class_ids)
            head = sparse_head(scores, samples.labels, seen, self.strength, self.l1_share)
        return ground.snapshot(data.task, rows, *head)

    def rows(self, data: TaskData, fresh: ConceptBank) -> Tensor:
        """Unit-length directions of a task's new concepts, [new, D]."""
        import torch

        from engine.methods.concept_labels import shown

        rows = torch.nn.functional.normalize(fresh.embeddings, dim=1)
        if self.directions == TEXT:
            return rows
        labels = shown(data, fresh)
        for k in range(len(fresh)):
            column = labels[:, k]
            if not column.isnan().any() and 0 < column.sum() < len(column):
                rows[k] = activation_vector(data.features, column > 0, self.svm_c)
        return rows


def activation_vector(features: Tensor, true: Tensor, c: float) -> Tensor:
    """The unit-length normal of the linear SVM that tells images with a concept from those without, [D].

    Both kinds weigh alike. The features are centred first, which leaves the normal to say what differs.

    Args:
        features: [N, D].
        true: bool, [N], of both kinds.
        c: less is smoother.
    """
    import torch
    from sklearn.svm import LinearSVC

    centred = (features - features.mean(0)).double().numpy()
    machine = LinearSVC(C=c, dual=False, class_weight="balanced").fit(centred, true.numpy())
    return torch.nn.functional.normalize(torch.from_numpy(machine.coef_[0]), dim=0).float()
