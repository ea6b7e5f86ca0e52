"""Do edits last? A scenario's edits, made after one task, replayed into the models of the later tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.repairs import why_no_edits
from engine.array_types import Bools, Ints
from engine.errors import BadInput
from engine.interventions.outcome import outcome
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import index, share, text, whole
from engine.steps import Step
from engine.store.scenarios import Scenarios

if TYPE_CHECKING:
    from torch import Tensor

    from engine.interventions.edit import Edit
    from engine.jobs.analyses import Result
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

_MOST_TASKS = 10_000


@ANALYSES.register
@dataclass(frozen=True)
class Replay(Analysis):
    """Edits replayed into later tasks.

    The edits name concepts by text, so they can be made again to the model after each later task. What counts is the
    images that they put right at the start: how many stay right, how many the unedited run gets right by itself, and,
    where a fork was trained on from the edited model, how many it still gets right.

    Result, over V splits (`"val"` first) and the U models after this task and the later ones (`task`):
        corrected, broken: images that the edits put right and broke at the start.
        kept, alone, trained: of the corrected ones those that are right with edits replayed, without, and in the fork
            (-1 where it has no such task).
        edited, plain, forked: accuracy on all classes seen; NaN where there is no fork.
        skipped: edits that the model had nothing for.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("V", among="with val", exact=True),
            "task": index("tasks", "U"),
            "corrected": whole("V"),
            "broken": whole("V"),
            "kept": whole("V", "U"),
            "alone": whole("V", "U"),
            "trained": whole("V", "U", low=-1),
            "edited": share("V", "U", nan=True),
            "plain": share("V", "U", nan=True),
            "forked": share("V", "U", nan=True),
            "skipped": whole("U"),
        }
    )

    scenario: str = param("", high=40, help="Id of the scenario whose edits are replayed.")
    until: int = param(_MOST_TASKS, low=1, high=_MOST_TASKS, unit="tasks", help="Later tasks than this do not count.")
    fork: str = param("", high=80, help="Id of a fork that was trained on from the edited model, or nothing.")

    def why_not(self, lab: Lab) -> str | None:
        """Only models made of concepts can be edited."""
        return why_no_edits(lab)

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """Tasks follow each other."""
        task = arrays["task"]
        if (np.diff(task) != 1).any() or ("T" in sizes and task[0] != sizes["T"] - 1):
            yield "task: it must count from the task that was asked for"

    def run(self, lab: Lab, task: int) -> Answering:
        """Model by model.

        Raises:
            BadInput: the scenario is another run's, or was made after another task; or the fork is of another run.
        """
        from engine.interventions.edits import apply, skipped
        from engine.interventions.stored_edits import from_mappings

        scenario = Scenarios(lab.store).get(lab.view.id, self.scenario)
        if scenario.task != task:
            given = f"scenario “{scenario.name}” after task {task + 1}"
            raise BadInput(given, f"its edits were made after task {scenario.task + 1}", "Ask for that task")
        edits = from_mappings(scenario.edits)
        forked = _fork_of(lab, self.fork, task) if self.fork else None
        tasks = range(task, min(lab.view.tasks_done, self.until))
        watched = [_Watched(lab, split, task, edits) for split in lab.splits]
        columns: list[list[dict[str, float]]] = []
        missing = []
        for number, later in enumerate(tasks):
            yield Step(number, len(tasks), f"the model after task {later + 1}")
            plain = lab.snapshot(later)
            edited = apply(plain, edits)
            missing.append(len(skipped(plain, edits)))
            third = forked if forked and later < forked.view.tasks_done else None
            columns.append([one.look(plain, edited, third) for one in watched])
        found: Result = {
            "split": np.array(lab.splits, np.str_),
            "task": np.array(list(tasks), np.int64),
            "skipped": np.array(missing, np.int64),
            "corrected": np.array([int(one.corrected.sum()) for one in watched], np.int64),
            "broken": np.array([int(one.broken.sum()) for one in watched], np.int64),
        }
        for name in ("kept", "alone", "trained", "edited", "plain", "forked"):
            table = np.array([[row[name] for row in column] for column in columns]).T  # [S, U]
            found[name] = table if name in ("edited", "plain", "forked") else table.astype(np.int64)
        return found


class _Watched:
    """The images of one split that the edits put right or broke at the start."""

    def __init__(self, lab: Lab, split: str, task: int, edits: tuple[Edit, ...]) -> None:
        from engine.interventions.edits import apply

        self._lab, self._split = lab, split
        sample, start = lab.sample(split, task), lab.snapshot(task)
        self._labels = sample.labels.numpy()
        before, after = (_predicted(model, sample.features) for model in (start, apply(start, edits)))
        found = outcome(before, after, self._labels, lab.stream.task_of_position, task + 1)
        self.corrected, self.broken = np.zeros((2, len(self._labels)), np.bool_)
        self.corrected[found.corrected], self.broken[found.broken] = True, True

    def look(self, plain: Snapshot, edited: Snapshot, fork: Lab | None) -> dict[str, float]:
        """One column of the result, every image as it is seen after that task."""
        sample = self._lab.sample(self._split, plain.task)
        labels = sample.labels.numpy()
        found = {
            "kept": self._right(edited, sample.features),
            "alone": self._right(plain, sample.features),
            "trained": -1,
            "edited": _accuracy(edited, sample.features, labels),
            "plain": _accuracy(plain, sample.features, labels),
            "forked": np.nan,
        }
        if fork is None:
            return found
        model = fork.snapshot(plain.task)
        seen = (fork if fork.changes_backbone else self._lab).sample(
            self._split, plain.task
        )  # a fork has backbones of its own
        return found | {
            "trained": self._right(model, seen.features),
            "forked": _accuracy(model, seen.features, labels),
        }

    def _right(self, model: Snapshot, features: Tensor) -> int:
        """How many of the corrected images a model gets right; those of the start come first in every later sample."""
        right: Bools = _predicted(model, features[: len(self._labels)]) == self._labels
        return int(right[self.corrected].sum())


def _fork_of(lab: Lab, fork: str, task: int) -> Lab:
    from engine.session.lab import Lab

    found = Lab(lab.store, fork)
    if found.view.parent != lab.view.id or found.view.parent_task != task:
        reason = f"it is no fork of {lab.view.id} after task {task + 1}"
        raise BadInput(f"run {fork}", reason, "Choose the fork that was trained on from the edits")
    return found


def _predicted(model: Snapshot, features: Tensor) -> Ints:
    return np.asarray(model.from_features(features).logits.argmax(1).numpy(), np.int64)


def _accuracy(model: Snapshot, features: Tensor, labels: Ints) -> float:
    return float((_predicted(model, features) == labels).mean()) if len(labels) else float("nan")
