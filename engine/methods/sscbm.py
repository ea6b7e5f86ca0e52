"""SSCBM: concepts learnt from few labelled images, the rest labelled by their neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.bottleneck import BOTTLENECK
from engine.methods.choosing import CONCEPTS
from engine.methods.variant import TrainedVariant
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData
    from engine.methods.concept_labels import ConceptTargets
    from engine.methods.variant import Ground
    from engine.model.snapshot import Snapshot

OFFSETS = "concept_offsets"
_NEAR = 1e-6  # keeps an image that equals a labelled one from dividing by zero, as published
_CHUNK = 1024  # images whose neighbours are looked for at once


@METHODS.register
@dataclass(frozen=True)
class SSCBM(TrainedVariant):
    """SSCBM (a bottleneck from few concept labels).

    Hu et al., "Semi-supervised Concept Bottleneck Models", ICCV 2025, arXiv 2406.18992. Only a share of the training
    images comes with concept labels. Every other image borrows those of its nearest labelled images, weighted by one
    over distance, and counts for less.

    Published: 3 neighbours at most in cosine distance, weights proportional to 1 / (d + 1e-6) that sum to 1;
    cross-entropy + labelled binary cross-entropy + 0.1 unlabelled; concept embeddings whose heat maps on the image are
    pooled into the concepts of unlabelled images; CUB with 20 % of labels: concepts 93.2, classes 75.5, and with all
    of them 96.4 and 79.8.

    Ours: class-incremental on frozen embeddings, old classes by stand-ins that carry the rate at which a concept held
    in their class, with the weight of unlabelled images. A concept is one linear row with an offset for both kinds of
    images; on a backbone whose embedding is the mean of its patches its score is the pooled heat map exactly. Labels
    are what the data say of the image, else what is listed for its class. A budget of 0 is refused: there would be
    nothing to borrow.

    Released code: github.com/Skyyyy0920/SSCBM divides the borrowed labels by the number of neighbours once more, weighs
    unlabelled images 5 unless told otherwise, and in some loaders labels the first images instead of random ones.

    Claim: with a fifth of the labels nearly as accurate as with all of them. Held here: concepts are told
    right 92.8 % of the time with a fifth of the labels and 93.4 with all; the class, 89.2 and 89.1, needs none
    (`bench methods.labels`).
    """

    summary: ClassVar[str] = (
        "Concept labels are known of a share of the images only; the others borrow those of their nearest neighbours."
    )

    label_budget: float = param(
        0.2,
        low=0.0,
        high=1.0,
        help="Share of training images whose concept labels are known, drawn at random in each task; above 0.",
        group=CONCEPTS,
    )
    neighbours: int = param(
        3, low=1, high=3, unit="images", help="Labelled images that an unlabelled one borrows from.", group=CONCEPTS
    )
    labelled_weight: float = param(
        1.0, low=0.0, high=100.0, help="Weight of the labelled images' concepts in the loss.", group=BOTTLENECK
    )
    unlabelled_weight: float = param(
        0.1, low=0.0, high=100.0, help="Weight of the other images' concepts in the loss.", group=BOTTLENECK
    )

    def why_not(self, setup: Setup) -> str | None:
        """Besides concepts it needs somebody who labels at least one image."""
        if self.label_budget <= 0:
            return "a label budget of 0 leaves no image to learn concepts or to borrow labels from; give it some"
        return super().why_not(setup)

    def memory_bytes(self, setup: Setup) -> int:
        """Besides the samples, concept labels of a task's images."""
        concepts = self.concepts_per_class * setup.classes
        return super().memory_bytes(setup) + 3 * 4 * (setup.images // max(setup.tasks, 1) + setup.classes) * concepts

    def learn(self, data: TaskData) -> Learning:
        """Label what the budget allows, borrow the rest, train rows, offsets and head."""
        from engine.device import fixed_threads
        from engine.methods.concept_labels import RATES, image_labels
        from engine.methods.variant import training
        from engine.model.descent import descend, leaf
        from engine.rng import torch_stream

        ground = yield from self.ground(data)
        labelled = drawn(len(data.labels), self.label_budget, torch_stream(data.seed, "label-budget", data.task))
        with fixed_threads(1):
            labels = borrowed(data.features, image_labels(data, ground.bank), labelled, self.neighbours)
        rates, targets = self.targets(data, ground, labels)
        weights = tuple(leaf(*self._grown(data.previous, ground)))
        stream = torch_stream(data.seed, "sscbm", data.task)
        objective = self._objective(ground, targets, labelled, weights)

        def model() -> Snapshot:
            rows, offsets, head, bias = weights
            memory = {OFFSETS: offsets.detach().clone(), RATES: rates}
            return replace(ground.snapshot(data.task, rows, head, bias), memory=memory)

        plan = self.plan(ground)
        passed = descend(weights, ground.samples.labels, objective, plan, stream)
        yield from training(passed, plan, data, model)
        return model()

    def _grown(self, previous: Snapshot | None, ground: Ground) -> tuple[Tensor, ...]:
        """Rows [K, D], offsets [K], head [C, K], bias [C]: what was learnt, new rows at their texts, the rest zero."""
        import torch

        rows, seen = ground.bank.embeddings.clone(), len(ground.class_ids)
        offsets, head, bias = torch.zeros(len(rows)), torch.zeros(seen, len(rows)), torch.zeros(seen)
        if previous is not None:
            classes, concepts = previous.head.shape
            rows[:concepts], offsets[:concepts] = previous.bottleneck, self.remembered(previous, OFFSETS)
            head[:classes, :concepts], bias[:classes] = previous.head, previous.bias
        return rows, offsets, head, bias

    def _objective(
        self, ground: Ground, targets: ConceptTargets, labelled: Tensor, weights: tuple[Tensor, ...]
    ) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
        import torch
        from torch.nn.functional import cross_entropy

        from engine.methods.concept_labels import concept_loss

        samples, (bottleneck, offsets, head, bias) = ground.samples, weights
        told = torch.zeros(len(samples.labels), dtype=torch.bool)
        told[labelled] = True

        def objective(rows: Tensor) -> tuple[Tensor, Tensor]:
            scores = samples.features[rows] @ bottleneck.T  # [n, K]
            logits = scores @ head.T + bias
            sure = told[rows].float().unsqueeze(1)  # [n, 1]
            labels, known = targets.of(rows)
            loss = cross_entropy(logits, samples.labels[rows])
            for weight, which in ((self.labelled_weight, sure), (self.unlabelled_weight, 1 - sure)):
                loss = loss + weight * concept_loss(scores + offsets, labels, known * which)
            return loss, logits

        return objective


def drawn(images: int, budget: float, stream: torch.Generator) -> Tensor:
    """Which images are labelled: the share `budget` of them, at least one, at random and in order."""
    import torch

    count = min(images, max(1, round(budget * images)))
    return torch.randperm(images, generator=stream)[:count].sort().values


def borrowed(features: Tensor, labels: Tensor, labelled: Tensor, neighbours: int) -> Tensor:
    """The labels where they are known, and means of the nearest known ones elsewhere, [N, K] in 0..1.

    Args:
        features: [N, D], unit length.
        labels: [N, K]; only the rows in `labelled` are looked at.
        labelled: rows whose labels are known.
        neighbours: how many to borrow from; fewer where fewer are labelled.
    """
    import torch

    sources, found = features[labelled], labels.clone()
    others = torch.ones(len(features), dtype=torch.bool)
    others[labelled] = False
    for rows in torch.split(others.nonzero().flatten(), _CHUNK):
        distances = (1 - features[rows] @ sources.T).clamp_min(0.0)  # [n, labelled]
        near = distances.topk(min(neighbours, len(labelled)), dim=1, largest=False)
        weights = 1 / (near.values + _NEAR)
        weights = weights / weights.sum(1, keepdim=True)  # [n, k]
        found[rows] = (weights.unsqueeze(2) * labels[labelled][near.indices]).sum(1)
    return found
