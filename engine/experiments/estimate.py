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
        at_once: as many as that train at the same time; None: as many as a cluster takes.
        seconds: of those left, as many at once as allowed, by what their methods took here; None where no method did.
            On a cluster one after the other.
        unknown: titles of methods that never finished a run on this machine, whose runs are not counted.
    """

    runs: int
    left: int
    at_once: int | None
    seconds: float | None
    unknown: tuple[str, ...]

    @property
    def words(self) -> str:
        """In a sentence."""
        if not self.left:
            return "All runs are finished."
        told = f"{self.left} of {self.runs} runs to do, {self.at_once or 'as many as the cluster takes'} at once"
        if self.seconds is None:
            return f"{told}; nothing like them was finished on this machine yet, so nobody can say how long."
        beside = f", not counting {', '.join(self.unknown)}" if self.unknown else ""
        told += ": about" if self.at_once else "; one after the other they would take about"
        return f"{told} {in_words(self.seconds)}{beside}."


def estimate(store: RunStore, experiment: Experiment, states: Sequence[CellState], here: bool = True) -> Estimate:
    """Of what is left of an experiment.

    Args:
        here: whether it is done on this machine; how many runs a cluster takes at once is not known before it is asked.
    """
    left = [state for state in states if not state.finished or state.outdated]
    most = experiment.at_once or ((os.cpu_count() or 1) if here else 0)
    at_once = min(most, max(1, len(left))) or None
    known = costs(store, left[0].cell.config) if left else {}
    methods = dict.fromkeys(state.cell.config.method for state in left)
    took = [known[state.cell.config.method].seconds for state in left if state.cell.config.method in known]
    unknown = tuple(method_title(method) for method in methods if method not in known)
    return Estimate(len(states), len(left), at_once, sum(took) / (at_once or 1) if took else None, unknown)
