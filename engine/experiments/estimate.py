"""How many runs an experiment still has to do, and how long that may take, before it starts. No torch here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from engine.experiments.experiment import Experiment
from engine.experiments.standing import CellState
from engine.store.labels import method_title
from engine.store.store import RunStore
from engine.training.known_costs import in_words
from engine.training.offers import costs


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is left to do.

    Attributes:
        runs: all of them.
        left: those that are not finished.
        at_once: as many as that train at the same time.
        seconds: of those left, as many at once as allowed, by what their methods took here; None where no method did.
        unknown: titles of methods that never finished a run on this machine, whose runs are not counted.
    """

    runs: int
    left: int
    at_once: int
    seconds: float | None
    unknown: tuple[str, ...]

    @property
    def words(self) -> str:
        """In a sentence."""
        if not self.left:
            return "All runs are finished."
        told = f"{self.left} of {self.runs} runs to do, {self.at_once} at once"
        if self.seconds is None:
            return f"{told}; nothing like them was finished on this machine yet, so nobody can say how long."
        beside = f", not counting {', '.join(self.unknown)}" if self.unknown else ""
        return f"{told}: about {in_words(self.seconds)}{beside}."


def estimate(store: RunStore, experiment: Experiment, states: Sequence[CellState]) -> Estimate:
    """Of what is left of an experiment."""
    left = [state for state in states if not state.finished or state.outdated]
    at_once = min(experiment.at_once or os.cpu_count() or 1, max(1, len(left)))
    known = costs(store, left[0].cell.config) if left else {}
    methods = dict.fromkeys(state.cell.config.method for state in left)
    took = [known[state.cell.config.method].seconds for state in left if state.cell.config.method in known]
    unknown = tuple(method_title(method) for method in methods if method not in known)
    return Estimate(len(states), len(left), at_once, sum(took) / at_once if took else None, unknown)
