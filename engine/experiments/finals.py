"""The numbers of finished runs that a leaderboard is made of, read once: a finished run does not change. No torch here.

They are kept in memory, some hundred bytes a run. Thousands are read through one connection (`Database.one_moment`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.metrics import accuracy as measures
from engine.store.store import RunStore
from engine.store.view import RunView


@dataclass(frozen=True, slots=True)
class Finals:
    """What a finished run ends with.

    Attributes:
        splits: `last_accuracy`, `average_accuracy` and `forgetting` on each split, 0..1; NaN where one is not defined.
        validation: last accuracy on validation images, 0..1; NaN where none was kept.
        seconds: of training.
    """

    splits: Mapping[str, Mapping[str, float]]
    validation: float
    seconds: float


def finals(store: RunStore, runs: Sequence[str]) -> list[Finals]:
    """Of finished runs, in their order.

    Raises:
        UnknownRun, StoreDamaged, StoreError: one is gone, or not as it was written.
    """
    with store.database.one_moment():
        return [_finals(store.home, run) for run in runs]


@lru_cache(maxsize=16_384)
def _finals(home: Path, run: str) -> Finals:
    view = RunView(RunStore(home), run)
    numbers = {split: _numbers(view, split) for split in view.splits}
    return Finals(numbers, float(view.validation[-1]), view.seconds)


def _numbers(view: RunView, split: str) -> dict[str, float]:
    matrix, sizes = view.accuracy(split), view.test_sizes(split)
    return {
        "last_accuracy": measures.last_accuracy(matrix, sizes),
        "average_accuracy": measures.average_incremental_accuracy(matrix, sizes),
        "forgetting": measures.forgetting(matrix),
    }
