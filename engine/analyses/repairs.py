"""Ways to make a model lean less on a group of concepts, each measured, the best by validation first."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.analyses.base import ANALYSES, Analysis, Answering, Step
from engine.interventions.edit import MOST_TEXT, of_group
from engine.interventions.edits import apply, to_mapping
from engine.interventions.outcome import outcome, ranking
from engine.interventions.repair import Repair, repairs
from engine.metrics.concepts import nec
from engine.model.snapshot import Snapshot
from engine.params import param
from engine.runs.analyses import Result
from engine.runs.answers.repairs import AWAY
from engine.runs.elsewhere import SETTING, moved_validation
from engine.runs.lab import VAL, Lab

AS_IS = "none"
"""Name of the model without repair, always the first row."""
NCM = "ncm"

Samples = dict[str, tuple[Tensor, npt.NDArray[np.int64]]]
"""Features [N, D] and labels [N] by split."""


@ANALYSES.register
@dataclass(frozen=True)
class Repairs(Analysis):
    """Repairs of a model that leans on a group.

    Every repair of `engine.interventions.repair`, measured on validation images as they are, on the same images moved
    elsewhere (`engine.runs.elsewhere`), and on the test splits. Which is offered first is decided on the two validation
    sets alone (`engine.interventions.outcome.ranking`).
    """

    group: str = param(SETTING, high=MOST_TEXT, help="The group of concepts that shall count less.")

    def why_not(self, lab: Lab) -> str | None:
        """Only models made of concepts have a group to lean on."""
        return why_no_edits(lab)

    def run(self, lab: Lab, task: int) -> Answering:
        """Arrays over repairs [R], splits [S]: `name`, `title`, `edits` (JSON), `why_not` [R]; `split` [S] (`"val"`,
        `"away"`, then the test splits); `accuracy`, `corrected`, `broken` [R, S]; `nec` [R], effective concepts;
        `order`, places of the repairs that can be done, the best first; `ncm` [S], accuracy of nearest class means;
        `away` [N, D], the moved validation images, their `rows` [N], and `how` they were moved.
        """
        return (yield from _measured(lab, task, self.group))


def habitat_repairs(lab: Lab, task: int, group: str = SETTING) -> Result:
    """The arrays of the analysis, computed here."""
    steps = _measured(lab, task, group)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Result = end.value
            return found


def why_no_edits(lab: Lab) -> str | None:
    """Why the run's model has no concepts to edit, or None if it has."""
    if lab.view.concept_metrics(0) is not None:
        return None
    return f"the rows of {lab.config.method} are not concepts but prototypes or class names, so there is none to edit"


def _measured(lab: Lab, task: int, group: str) -> Generator[Step, None, Result]:
    snapshot = lab.snapshot(task)
    samples: Samples = {}
    for split in lab.splits:
        sample = lab.sample(split, task)
        samples[split] = sample.features, sample.labels.numpy()
    moving = moved_validation(lab, task, group)
    while True:
        try:
            done, total = next(moving)
        except StopIteration as end:
            moved = end.value
            break
        yield Step(done, total, "moving the validation images elsewhere")
    tests = {split: sample for split, sample in samples.items() if split != VAL}
    samples = {VAL: samples[VAL], AWAY: (moved.features, samples[VAL][1]), **tests}
    offered = repairs(snapshot, group) if of_group(snapshot, group) else ()
    tried = (Repair(AS_IS, "The model as it is", ()), *offered)
    owners = lab.stream.task_of_position
    found: Result = {
        "name": np.array([repair.name for repair in tried], np.str_),
        "title": np.array([repair.title for repair in tried], np.str_),
        "edits": np.array([json.dumps([to_mapping(edit) for edit in repair.edits]) for repair in tried], np.str_),
        "why_not": np.array([repair.why_not or "" for repair in tried], np.str_),
        "split": np.array(list(samples), np.str_),
        "rows": lab.sample(VAL, task).rows,
        AWAY: moved.features.numpy(),
        "how": np.array(moved.how, np.str_),
        NCM: np.array([_accuracy(_nearest_mean(snapshot, s[0]), s[1]) for s in samples.values()]),
    }
    return {**found, **_compared(snapshot, tried, samples, owners)}


def _compared(snapshot: Snapshot, tried: tuple[Repair, ...], samples: Samples, owners: npt.NDArray[np.int64]) -> Result:
    """Every repair against the model as it is."""
    size = len(tried), len(samples)
    accuracy, effective = np.full(size, np.nan), np.full(len(tried), np.nan)
    counts = {name: np.zeros(size, np.int64) for name in ("corrected", "broken")}
    done = [r for r, repair in enumerate(tried) if not repair.why_not]
    right = []  # of the repairs that can be done: [2, N] each
    for r in done:
        model, known = apply(snapshot, tried[r].edits), []
        effective[r] = nec(model.head.numpy())
        for s, (features, labels) in enumerate(samples.values()):
            before, after = _predicted(snapshot, features), _predicted(model, features)
            found = outcome(before, after, labels, owners, snapshot.task + 1)
            accuracy[r, s] = found.after
            counts["corrected"][r, s], counts["broken"][r, s] = len(found.corrected), len(found.broken)
            known.append(after == labels)
        right.append(np.stack(known[:2]))  # as they are, and elsewhere
    order = np.array(done, np.int64)[1:][ranking(np.stack(right[1:]))] if len(done) > 1 else np.zeros(0, np.int64)
    return {"accuracy": accuracy, "nec": effective, "order": order, **counts}


def _predicted(snapshot: Snapshot, features: Tensor) -> npt.NDArray[np.int64]:
    return np.asarray(snapshot.from_features(features).logits.argmax(1).numpy(), np.int64)


def _accuracy(predicted: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> float:
    return float((predicted == labels).mean()) if len(labels) else float("nan")


def _nearest_mean(snapshot: Snapshot, features: Tensor) -> npt.NDArray[np.int64]:
    """The class whose mean is nearest, from the same statistics: what a repair has to beat."""
    means = torch.nn.functional.normalize(snapshot.classes.means, dim=1)  # [C, D]
    return np.asarray((features @ means.T).argmax(1).numpy(), np.int64)
