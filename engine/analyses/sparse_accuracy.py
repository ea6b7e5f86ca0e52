"""Accuracy at 5 to 30 concepts a class: with the run's own head pruned, and with a sparse head refitted.

Srivastava et al., "VLG-CBM: Training Concept Bottleneck Models with Vision-Language Guidance", NeurIPS 2024: with many
concepts a bottleneck is accurate whatever they mean, so accuracies are compared at equal numbers of effective concepts
(NEC). ANEC is their average over 5, 10, 15, 20, 25 and 30 (`measure_level` of the released code).

Released code: of a path of elastic-net heads (l1 share 0.99) it takes the first that is dense enough, and cuts the
smallest weights, of all classes together, until the average is met; no data select anything. Ours: the head nearest to
each level, then the same cut, by |weight| times the score's spread, since scores are not standardised here. So a class
may use more concepts than another, as long as the average holds; a pruned head keeps so many of each class.

The refitted head sees the training images of all tasks at once. It asks what the bottleneck's scores could tell, not
what a continual learner would have made of them; the pruned head asks that.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.random_banks import words
from engine.analyses.random_words import CONTROLS, relearn, test_splits
from engine.array_types import Bools, Floats, Ints
from engine.backbone.presets import GIVEN
from engine.methods.base import METHODS
from engine.metrics.concepts import prune_head, right_at_nec
from engine.metrics.differences import mean_difference
from engine.params import param
from engine.records.answers import Returns
from engine.records.forms import number, optional, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

LEVELS = (5, 10, 15, 20, 25, 30)
"""Concepts a class; ANEC is the mean over all of them."""
_L1_SHARE = 0.99  # of the elastic net, as in the released code
_PARTS = 100  # steps of progress for each bank


@ANALYSES.register
@dataclass(frozen=True)
class SparseAccuracy(Analysis):
    """Accuracy at 5 to 30 concepts a class.

    Result, for L levels and S test splits; a level above the number of concepts counts as all of them:
        levels: concepts a class.
        pruned: accuracy when every class of the run's own head keeps its so many strongest concepts.
        refitted: accuracy of a sparse head fitted anew on the training images of all tasks.
        random_pruned, random_refitted: the same of R banks of as many random words, on which the run's method was
            trained again; none where the backbone's texts are given with the data.
        gain: how much more often the refitted head is right than those on random words, image by image, and the ends of
            its 95 % interval.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "splits": text("S", among="splits", exact=True),
            "levels": whole("L", low=1),
            "pruned": share("L", "S"),
            "refitted": share("L", "S"),
            "random_pruned": share("R", "L", "S"),
            "random_refitted": share("R", "L", "S"),
            "gain": optional(number("L", "S", 3, low=-1.0, high=1.0)),
        },
        free={"R": (0, CONTROLS), "L": (len(LEVELS), len(LEVELS))},
    )

    controls: int = param(
        1, low=0, high=CONTROLS, unit="controls", help="How many banks of random words stand beside it."
    )

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts."""
        if not METHODS.get(lab.config.method).learns_concepts:
            return "its method learns no concepts, so there are none to leave out"
        return None

    def run(self, lab: Lab, task: int) -> Answering:
        """Measure the run, then train and measure the controls."""
        banks = 0 if lab.config.backbone == GIVEN else self.controls
        total = _PARTS * (banks + 1)
        own = yield from _curves(lab, lab.snapshot(task), (0, total))
        controls = []
        for control in range(banks):
            before = _PARTS * (control + 1)
            model = yield from _on_random_words(lab, task, control, (before, total))
            controls.append((yield from _curves(lab, model, (before + _PARTS // 2, total))))
        names = test_splits(lab)
        answer = {
            "splits": np.array(names, np.str_),
            "levels": np.array(LEVELS, np.int64),
            "pruned": own.shares(0),
            "refitted": own.shares(1),
            "random_pruned": _stacked([each.shares(0) for each in controls], len(names)),
            "random_refitted": _stacked([each.shares(1) for each in controls], len(names)),
        }
        return answer | ({"gain": _gain(own, controls)} if controls else {})


def _stacked(each: list[Floats], splits: int) -> Floats:
    return np.stack(each) if each else np.zeros((0, len(LEVELS), splits))


def _on_random_words(lab: Lab, task: int, control: int, place: tuple[int, int]) -> Generator[Step, None, Snapshot]:
    """The run's method on random words, after a task."""
    model, (before, total) = None, place
    for done, snapshot in relearn(lab, lab.stream.tasks[: task + 1], words(lab, control)):
        model = snapshot or model
        share = done / (_PARTS * (task + 1))
        yield Step(before + int(share * _PARTS / 2), total, f"training on random words, control {control + 1}")
    assert model is not None  # a task at least was learnt
    return model


@dataclass(frozen=True, slots=True)
class _Curves:
    """Which images are right: by kind of head (pruned, refitted), level and split, bool [N]."""

    right: dict[tuple[int, int, int], Bools]

    def shares(self, kind: int) -> Floats:
        """[L, S]."""
        splits = 1 + max(s for _, _, s in self.right)
        return np.array([[self.right[kind, i, s].mean() for s in range(splits)] for i in range(len(LEVELS))])


def _gain(own: _Curves, controls: list[_Curves]) -> Floats:
    splits = own.shares(1).shape[1]
    found = np.empty((len(LEVELS), splits, 3))
    for i, s in np.ndindex(found.shape[:2]):
        gap = mean_difference(own.right[1, i, s] - np.mean([each.right[1, i, s] for each in controls], axis=0))
        found[i, s] = gap.value, gap.low, gap.high
    return found


def _curves(lab: Lab, model: Snapshot, place: tuple[int, int]) -> Generator[Step, None, _Curves]:
    """Measure a model at every level; its concept scores alone answer, whatever passes by them."""
    train, (before, total) = lab.train(model.task), place
    scores = _scores(model, train.features)
    moments = scores.mean(0), scores.std(0)
    samples = [lab.sample(split, model.task) for split in test_splits(lab)]
    seen = [(_scores(model, sample.features), sample.labels.numpy()) for sample in samples]
    own = model.head.numpy().astype(np.float64), model.bias.numpy().astype(np.float64)
    right: dict[tuple[int, int, int], Bools] = {}
    heads: dict[int, tuple[Floats, Floats]] = {}
    for i, level in enumerate(LEVELS):
        yield Step(before + i * _PARTS // (2 * len(LEVELS)), total, f"a head of {level} concepts a class")
        few = min(level, scores.shape[1])  # of a small bank several levels are the same
        if few not in heads:
            heads[few] = refit(scores, train.labels.numpy(), len(model.class_ids), few)
        refitted = heads[few]
        for s, (tested, labels) in enumerate(seen):
            right[0, i, s] = right_at_nec(tested, labels, own, moments, level)
            right[1, i, s] = _right(tested, labels, refitted)
    return _Curves(right)


def _scores(model: Snapshot, features: Tensor) -> Floats:
    return (features @ model.bottleneck.T).numpy().astype(np.float64)  # [N, K]


def _right(scores: Floats, labels: Ints, head: tuple[Floats, Floats]) -> Bools:
    return np.asarray((scores @ head[0].T + head[1]).argmax(1) == labels, np.bool_)


def refit(scores: Floats, labels: Ints, classes: int, level: int) -> tuple[Floats, Floats]:
    """A sparse head, (weights [C, K], bias [C]), of at most `level` concepts a class on average.

    Args:
        scores, labels: [N, K] and [N], of training images.
    """
    import torch

    from engine.model.sparse_head import sparse_head_at

    aim = min(level, scores.shape[1])
    told = torch.from_numpy(scores), torch.from_numpy(labels)
    (weights, bias), _ = sparse_head_at(*told, classes, aim, _L1_SHARE)
    return cut(weights.numpy().astype(np.float64), bias.numpy().astype(np.float64), scores, aim)


def cut(weights: Floats, bias: Floats, scores: Floats, level: int) -> tuple[Floats, Floats]:
    """Leave out the weakest weights of all classes together until a class has `level` on average.

    A head is a single class of C x K concepts to `prune_head`; what is left out goes into the bias as its mean.
    """
    classes, concepts = weights.shape
    wide = np.tile(scores.std(0), classes)
    kept, _ = prune_head(weights.reshape(1, -1), np.zeros(1), np.zeros(classes * concepts), wide, level * classes)
    left = kept.reshape(classes, concepts)
    return left, np.asarray(bias + (weights - left) @ scores.mean(0), np.float64)
