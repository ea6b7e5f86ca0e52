"""What clicks are worth: a person answers, concept by concept, and the model is asked again after every answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.interventions.base import Head, Policy, State
from engine.interventions.levels import Levels, said
from engine.interventions.propagation import Correlations, propagate
from engine.rng import numpy_stream

_ANSWERS = 2_000_000
"""Probabilities of possible answers in memory at once: images x units x 2 x classes."""


@dataclass(frozen=True)
class Instances:
    """The images to intervene on, and all it takes.

    Attributes:
        scores: [N, K].
        labels: [N], true classes as columns of the head.
        answers: [N, U], what a person says of each unit.
        head, levels: the model's last layer for these images, and what present and absent mean.
        units: U units (see `engine.interventions.base.units_of`).
        correlations: how other concepts follow, or None where they stay.
        noise: [N, U], uniform numbers that decide what policies leave to chance.
    """

    scores: Floats
    labels: Ints
    answers: Bools
    head: Head
    levels: Levels
    units: tuple[Ints, ...]
    correlations: Correlations | None
    noise: Floats

    def some(self, rows: slice | Ints) -> Instances:
        """Only these images."""
        return Instances(
            self.scores[rows],
            self.labels[rows],
            self.answers[rows],
            self.head.some(rows),
            self.levels,
            self.units,
            self.correlations,
            self.noise[rows],
        )


@dataclass(frozen=True, slots=True)
class InterventionTrace:
    """What happened, click by click; M clicks.

    Attributes:
        right: [M + 1, N], whether each image is right before any click and after each.
        asked: [M, N], the unit asked about.
        urgency: [M, N], how much the policy wanted that click.
    """

    right: Bools
    asked: Ints
    urgency: Floats


def answers_of(truth: Bools, competence: float, seed: int) -> Bools:
    """What a person says who is wrong about each fact with probability 1 - `competence`; once and for all, [N, U]."""
    wrong = numpy_stream(seed, "competence").random(truth.shape) >= competence
    return np.asarray(truth ^ wrong, np.bool_)


def noise_of(shape: tuple[int, int], seed: int) -> Floats:
    """The uniform numbers that policies may use, [N, U]."""
    return numpy_stream(seed, "policy").random(shape)


def click_by_click(policy: Policy, instances: Instances, clicks: int) -> Iterator[InterventionTrace]:
    """Ask about `clicks` units of every image, each the most urgent one not asked yet; one piece of images at a time.

    The pieces are in order: joined along N they are the whole trace (see `joined`). No more units than there are are
    asked about.
    """
    batch = max(1, _ANSWERS // max(2 * len(instances.units) * len(instances.head.weights), 1))
    for start in range(0, len(instances.scores), batch):
        yield _trace(policy, instances.some(slice(start, start + batch)), min(clicks, len(instances.units)))


def joined(pieces: list[InterventionTrace]) -> InterventionTrace:
    """The trace of all images."""
    return InterventionTrace(
        np.concatenate([piece.right for piece in pieces], axis=1),
        np.concatenate([piece.asked for piece in pieces], axis=1),
        np.concatenate([piece.urgency for piece in pieces], axis=1),
    )


def _trace(policy: Policy, instances: Instances, clicks: int) -> InterventionTrace:
    size, rows = len(instances.scores), np.arange(len(instances.scores))
    open_units = np.ones((size, len(instances.units)), np.bool_)
    scores = instances.scores
    right = [instances.head.predicted(scores) == instances.labels]
    asked, urgency = np.empty((clicks, size), np.int64), np.empty((clicks, size))
    for click in range(clicks):
        wanted = np.where(open_units, policy.urgency(_state(policy, instances, scores)), -np.inf)  # [N, U]
        asked[click] = wanted.argmax(1)
        urgency[click] = wanted[rows, asked[click]]
        open_units[rows, asked[click]] = False
        scores = answered(instances, ~open_units)
        right.append(instances.head.predicted(scores) == instances.labels)
    return InterventionTrace(np.stack(right), asked, urgency)


def answered(instances: Instances, asked: Bools) -> Floats:
    """The scores once a person has answered about the units `asked` [N, U], [N, K]."""
    changed, present = _spread(asked, instances), _spread(instances.answers, instances)  # [N, K]
    scores = np.where(changed, said(instances.levels, instances.scores, present), instances.scores)
    if instances.correlations is None:
        return scores
    followed = [
        propagate(instances.correlations, before, mine, after)
        for before, mine, after in zip(instances.scores, changed, scores, strict=True)
    ]
    return np.stack(followed) if followed else scores


def everything(instances: Instances) -> Bools:
    """Which images are right once a person has answered about every unit, [N]: what M clicks lead to."""
    told = answered(instances, np.ones_like(instances.answers))
    return np.asarray(instances.head.predicted(told) == instances.labels, np.bool_)


def height(curves: Floats | Bools) -> Floats:
    """Mean height of curves over their clicks, by trapezoids, [M + 1, ...] from no click to M -> [...].

    Of accuracies 0..1 it is the area under the curve; of right answers the share of the clicks for which each is right.
    """
    values = np.asarray(curves, np.float64)
    return np.asarray((values[1:] + values[:-1]).mean(0) / 2 if len(values) > 1 else values[0], np.float64)


def _state(policy: Policy, instances: Instances, scores: Floats) -> State:
    return State(
        scores,
        instances.head,
        instances.levels,
        instances.units,
        instances.noise,
        instances.answers if policy.needs_truth else None,
        instances.labels if policy.needs_labels else None,
    )


def _spread(of_units: Bools, instances: Instances) -> Bools:
    """[N, U] -> [N, K]; False for concepts in no unit."""
    spread = np.zeros(instances.scores.shape, np.bool_)
    for u, unit in enumerate(instances.units):
        spread[:, unit] = of_units[:, u, None]
    return spread
