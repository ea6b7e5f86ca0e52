"""What concept scores tell of the class beyond the concepts themselves.

Margeloiu et al., "Do Concept Bottleneck Models Learn as Intended?", 2021, and Havasi et al., "Addressing Leakage in
Concept Bottleneck Models", NeurIPS 2022: a score is a number, not a yes or no, and its shades may carry the class past
the concept. So the same kind of head is fitted three times: on the scores, on the scores called present or absent, and
on the truth. What the scores tell beyond the truth is leakage.

Where the true concepts determine the class, nothing can be beyond them, and this measure sees none; what the shades
tell beyond present and absent is shown beside it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.random_words import test_splits
from engine.array_types import Bools, Floats
from engine.data.streams import TRAIN, VAL
from engine.interventions.evidence import LABELLED, Evidence
from engine.methods.base import METHODS
from engine.metrics.concepts import best_thresholds
from engine.metrics.differences import mean_difference
from engine.records.answers import Returns
from engine.records.forms import number, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

KINDS = ("scores", "called", "truth")
"""What a head is fitted on: scores, scores above or below the threshold of each concept, true concepts."""
GAPS = (("scores", "truth"), ("scores", "called"))
"""Differences that are told: what scores tell beyond the truth, and beyond being called present or absent."""
_STRENGTHS = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3)  # of the elastic net, from which validation chooses
_L1_SHARE = 0.5


@ANALYSES.register
@dataclass(frozen=True)
class Leakage(Analysis):
    """What scores tell beyond their concepts.

    Fits an elastic-net head on training images of all classes seen, three times, each with the strength that is most
    accurate on validation images. Only concepts of which the truth is known take part.

    Result, for S test splits:
        accuracy: of each of `KINDS`.
        gap: of each of `GAPS`, by how much more often the first is right, image by image, and its 95 % interval.
        concepts: how many of them take part.
        strength: chosen for each kind.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "splits": text("S", among="splits", exact=True),
            "accuracy": share(len(KINDS), "S"),
            "gap": number(len(GAPS), "S", 3, low=-1.0, high=1.0),
            "concepts": whole(low=1),
            "strength": number(len(KINDS), low=0.0),
        }
    )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What thresholds and strengths are chosen on."""
        return (LABELLED,)

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts whose truth is known."""
        if not METHODS.get(lab.config.method).learns_concepts:
            return "its method learns no concepts, so there is nothing beside which something could leak"
        known = lab.truth(TRAIN, np.zeros(0, np.int64), lab.snapshot(0).bank)[1]
        if not known.any():
            return "its data do not say which concepts are true of which images"
        return None

    def run(self, lab: Lab, task: int) -> Answering:
        """Fit the heads and compare them."""
        seen = _Seen(lab, lab.snapshot(task))
        right: dict[str, list[Bools]] = {}
        chosen = []
        for place, kind in enumerate(KINDS):
            yield Step(place, len(KINDS), f"a head on {kind}")
            right[kind], strength = yield from seen.fitted(kind, place)
            chosen.append(strength)
        names = test_splits(lab)
        gaps = [[_gap(right[a][s], right[b][s]) for s in range(len(names))] for a, b in GAPS]
        return {
            "splits": np.array(names, np.str_),
            "accuracy": np.array([[one.mean() for one in right[kind]] for kind in KINDS]),
            "gap": np.array(gaps),
            "concepts": np.array(seen.concepts, np.int64),
            "strength": np.array(chosen),
        }


def _gap(first: Bools, second: Bools) -> tuple[float, float, float]:
    found = mean_difference(first.astype(np.float64) - second)
    return found.value, found.low, found.high


class _Seen:
    """Scores, calls and truth of the images of every split, for the concepts whose truth is known."""

    def __init__(self, lab: Lab, model: Snapshot) -> None:
        self._classes = len(model.class_ids)
        samples = {TRAIN: lab.train(model.task), VAL: lab.sample(VAL, model.task)}
        self._tests = test_splits(lab)
        samples |= {split: lab.sample(split, model.task) for split in self._tests}
        self.labels = {split: sample.labels.numpy() for split, sample in samples.items()}
        scores, truth = {}, {}
        for split, sample in samples.items():
            found, known = lab.truth(split, sample.rows, model.bank)
            scores[split] = (sample.features @ model.bottleneck.T).numpy().astype(np.float64)[:, known]
            truth[split] = found[:, known]
        thresholds = best_thresholds(scores[VAL], truth[VAL])
        told = ~np.isnan(thresholds)  # a concept that is true of all or none tells nothing
        self.concepts = int(told.sum())
        self._inputs = {
            "scores": {split: each[:, told] for split, each in scores.items()},
            "called": {split: (each > thresholds)[:, told].astype(np.float64) for split, each in scores.items()},
            "truth": {split: each[:, told].astype(np.float64) for split, each in truth.items()},
        }

    def fitted(self, kind: str, place: int) -> Generator[Step, None, tuple[list[Bools], float]]:
        """Which test images are right, by split, with the best strength on validation images; and that."""
        best: tuple[float, list[Bools], float] = (-1.0, [], 0.0)
        for tried, strength in enumerate(_STRENGTHS):
            yield Step(place * len(_STRENGTHS) + tried, len(KINDS) * len(_STRENGTHS), f"a head on {kind}")
            head = self._head(self._inputs[kind][TRAIN], strength)
            accuracy = float(self._right(kind, VAL, head).mean())
            if accuracy > best[0]:
                best = accuracy, [self._right(kind, split, head) for split in self._tests], strength
        return best[1], best[2]

    def _head(self, inputs: Floats, strength: float) -> tuple[Floats, Floats]:
        import torch

        from engine.model.sparse_head import sparse_head

        told = torch.from_numpy(inputs), torch.from_numpy(self.labels[TRAIN])
        weights, bias = sparse_head(*told, self._classes, strength, _L1_SHARE)
        return weights.numpy().astype(np.float64), bias.numpy().astype(np.float64)

    def _right(self, kind: str, split: str, head: tuple[Floats, Floats]) -> Bools:
        answers = (self._inputs[kind][split] @ head[0].T + head[1]).argmax(1)
        return np.asarray(answers == self.labels[split], np.bool_)
