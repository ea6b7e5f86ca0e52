"""A small model to intervene on, by hand or at random."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engine.interventions.base import Head, State
from engine.interventions.curves import Instances, noise_of
from engine.interventions.levels import Levels, levels
from engine.interventions.propagation import from_errors


def scale(size: int) -> Levels:
    """Absent at -1, present at 1, undecided at 0; slope 2."""
    ones = np.ones(size)
    return Levels(-ones, ones, 0 * ones, -3 * ones, 3 * ones, 2 * ones, np.ones(size, bool))


def singles(size: int) -> tuple[np.ndarray, ...]:
    """Every concept a unit by itself."""
    return tuple(np.array([k]) for k in range(size))


def state(scores: np.ndarray, weights: np.ndarray, truth=None, labels=None, noise=None) -> State:
    """A state of hand-made numbers."""
    size = scores.shape[1]
    noise = np.zeros(scores.shape) if noise is None else noise
    return State(scores, Head(weights, np.zeros(len(weights))), scale(size), singles(size), noise, truth, labels)


def world(seed: int = 0, size: int = 60, follow: bool = False) -> Instances:
    """Images of 4 classes with 6 concepts in 5 units, a head that fits them fairly, and a person who is right."""
    rng = np.random.default_rng(seed)
    facts = rng.random((4, 5)) < 0.5
    labels = rng.integers(0, 4, size)
    answers = facts[labels] ^ (rng.random((size, 5)) < 0.1)
    units = (np.array([0]), np.array([1, 5]), np.array([2]), np.array([3]), np.array([4]))
    column = np.array([0, 1, 2, 3, 4, 1])
    truth = answers[:, column]
    scores = np.where(truth, 1.0, -1.0) + rng.normal(0, 1.2, (size, 6))
    weights = np.where(facts[:, column], 1.0, -1.0) + rng.normal(0, 0.2, (4, 6))
    known = from_errors(scores, truth, np.ones(6, bool)) if follow else None
    return Instances(
        scores,
        labels,
        answers,
        Head(weights, np.zeros(4)),
        levels(scores, truth),
        units,
        known,
        noise_of((size, 5), seed),
    )


@pytest.fixture
def small() -> SimpleNamespace:
    """What the tests build with."""
    return SimpleNamespace(scale=scale, singles=singles, state=state, world=world)
