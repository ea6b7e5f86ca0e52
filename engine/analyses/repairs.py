"""Ways to make a model lean less on a group of concepts, each measured, the best by validation first."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Ints
from engine.data.aviary.world import SETTING
from engine.data.streams import VAL
from engine.interventions.edit import MOST_TEXT, of_group
from engine.interventions.evidence import CHOICES, DRAWN, ELSEWHERE, ORDINARY, STATISTICS, SWAPPED, Evidence
from engine.interventions.outcome import outcome, ranking
from engine.metrics.concepts import nec
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import index, number, optional, share, text, whole
from engine.steps import Step, finish, told
from engine.structures import Malformed, checked, parse_json

if TYPE_CHECKING:
    from torch import Tensor

    from engine.interventions.repair import Repair
    from engine.jobs.analyses import Result
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

    Samples = dict[str, tuple[Tensor, Ints]]
    """Features [N, D] and labels [N] by split."""

AWAY = "away"
"""The validation images after they were moved elsewhere."""
AS_IS = "none"
"""Name of the model without repair, always the first row."""
NCM = "ncm"
_MOST_EDITS = 20_000  # characters
_BY_STATISTICS = f"order_{STATISTICS.name}"
_ORDERS = ("order", *(f"order_{way}" for way in CHOICES))
"""The repairs, the best first, by every way to choose; the first is that of an older version."""


@ANALYSES.register
@dataclass(frozen=True)
class Repairs(Analysis):
    """Repairs of a model that leans on a group.

    Every repair of `engine.interventions.repair`, measured on validation images as they are, on the same images moved
    elsewhere (`engine.session.shifted`), and on the test splits. Which is offered first (by
    `engine.interventions.outcome.ranking`) is decided in three ways, which take more or less for granted
    (`engine.interventions.evidence.CHOICES`): on the stored class statistics, on those two validation sets, or on the
    newest task's part of the first of them.

    Result, over R models, the first as it is, and X splits (`"val"`, `"away"`, then the test splits):
        name, title, edits, why_not: of each repair; its edits are JSON.
        accuracy, corrected, broken: on each split.
        nec: effective concepts.
        order_statistics, order_elsewhere, order_ordinary: places of the repairs that can be done, the best first, by
            each way to choose; no place where the run keeps no covariances to choose by.
        ncm: accuracy of nearest class means.
        away, rows, how: the moved validation images' embeddings, which they are, and how they were moved.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "name": text("R"),
            "title": text("R"),
            "edits": text("R", most=_MOST_EDITS),
            "why_not": text("R"),
            "split": text("X"),
            "accuracy": share("R", "X", nan=True),
            "corrected": whole("R", "X"),
            "broken": whole("R", "X"),
            "nec": number("R", low=0.0, nan=True),
            **{name: optional(index("R", name)) for name in _ORDERS},
            "ncm": share("X", nan=True),
            "rows": optional(index("train images", "N")),
            "away": number("N", "D", low=-1.0, high=1.0, dtype="f4"),
            "how": text(among=(DRAWN, SWAPPED)),
        },
        free=dict.fromkeys(_ORDERS, (0, 1000)),
    )

    group: str = param(SETTING, high=MOST_TEXT, help="The group of concepts that shall count less.")

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All ways to choose."""
        return tuple(CHOICES.values())

    def why_not(self, lab: Lab) -> str | None:
        """Only models made of concepts have a group to lean on."""
        return why_no_edits(lab)

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """Embeddings, splits, orders and edits are what they say."""
        if not np.allclose(np.linalg.norm(arrays["away"], axis=1), 1.0, atol=1e-3):
            yield "away: it must hold embeddings, which are of length 1"
        done = np.flatnonzero(arrays["why_not"] == "")
        if arrays["split"].tolist()[:2] != [VAL, AWAY]:
            yield "split: it must begin with the validation images, here and elsewhere"
        if not len(done) or done[0] != 0:
            yield "why_not: the first is the model as it is, which can be had"
        for name in _ORDERS:
            none = name == _BY_STATISTICS and not arrays.get(name, done).size  # not every run keeps those
            if name in arrays and not none and sorted(arrays[name].tolist()) != done[1:].tolist():
                yield f"{name}: it must hold every repair that can be done once"
        try:
            for told_of in arrays["edits"].tolist():
                checked(list[dict[str, object]], parse_json(told_of))
        except Malformed as error:
            yield f"edits: {error}"

    def run(self, lab: Lab, task: int) -> Answering:
        """Move the validation images, then make every repair."""
        return (yield from _measured(lab, task, self.group))


def habitat_repairs(lab: Lab, task: int, group: str = SETTING) -> Result:
    """The arrays of the analysis, computed here."""
    return finish(_measured(lab, task, group))


def why_no_edits(lab: Lab) -> str | None:
    """Why the run's model has no concepts to edit, or None if it has."""
    if lab.view.concept_metrics(0) is not None:
        return None
    return f"the rows of {lab.config.method} are not concepts but prototypes or class names, so there is none to edit"


def _measured(lab: Lab, task: int, group: str) -> Generator[Step, None, Result]:
    from engine.interventions.repair import Repair, repairs
    from engine.interventions.stored_edits import to_mapping
    from engine.session.shifted import moved_validation

    snapshot = lab.snapshot(task)
    samples: Samples = {}
    for split in lab.splits:
        sample = lab.sample(split, task)
        samples[split] = sample.features, sample.labels.numpy()
    moving = moved_validation(lab, task, group)
    moved = yield from told(moving, lambda at: Step(*at, "moving the validation images elsewhere"))
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
        NCM: np.array([_accuracy(nearest_mean(snapshot, s[0]), s[1]) for s in samples.values()]),
    }
    found |= _compared(snapshot, tried, samples, owners)
    return {**found, **_orders(snapshot, tried, samples, owners, group, lab.config.seed)}


def _compared(snapshot: Snapshot, tried: tuple[Repair, ...], samples: Samples, owners: Ints) -> Result:
    """Every repair against the model as it is."""
    from engine.interventions.edits import apply

    size = len(tried), len(samples)
    accuracy, effective = np.full(size, np.nan), np.full(len(tried), np.nan)
    counts = {name: np.zeros(size, np.int64) for name in ("corrected", "broken")}
    for r in _possible(tried):
        model = apply(snapshot, tried[r].edits)
        effective[r] = nec(model.head.numpy())
        for s, (features, labels) in enumerate(samples.values()):
            before, after = _predicted(snapshot, features), _predicted(model, features)
            found = outcome(before, after, labels, owners, snapshot.task + 1)
            accuracy[r, s] = found.after
            counts["corrected"][r, s], counts["broken"][r, s] = len(found.corrected), len(found.broken)
    return {"accuracy": accuracy, "nec": effective, **counts}


def _possible(tried: tuple[Repair, ...]) -> list[int]:
    """Places of what can be done to this model."""
    return [r for r, repair in enumerate(tried) if not repair.why_not]


def _orders(
    snapshot: Snapshot,
    tried: tuple[Repair, ...],
    samples: Samples,
    owners: Ints,
    group: str,
    seed: int,
) -> Result:
    """Which repairs each way to choose would offer, the best first."""
    from engine.interventions.edits import apply
    from engine.session.shifted import imagined, swapped

    new = owners[samples[VAL][1]] == snapshot.task
    ordinary = samples[VAL][0][np.flatnonzero(new)], samples[VAL][1][new]
    pairs = {ELSEWHERE: (samples[VAL], samples[AWAY]), ORDINARY: (ordinary, ordinary)}
    if snapshot.classes.covariances.kept:
        features, labels = imagined(snapshot, seed)
        away = swapped(features, labels, snapshot, group, seed)
        pairs[STATISTICS] = (features, labels.numpy()), (away, labels.numpy())
    places = _possible(tried)[1:]
    models = [apply(snapshot, tried[r].edits) for r in places]
    found: Result = {}
    for way in CHOICES.values():
        right = [[_predicted(model, seen) == labels for seen, labels in pairs[way]] for model in models if way in pairs]
        chosen = ranking(np.array(right)) if right else np.zeros(0, np.int64)
        found[f"order_{way.name}"] = np.array(places, np.int64)[chosen]
    return found


def _predicted(snapshot: Snapshot, features: Tensor) -> Ints:
    return np.asarray(snapshot.from_features(features).logits.argmax(1).numpy(), np.int64)


def _accuracy(predicted: Ints, labels: Ints) -> float:
    return float((predicted == labels).mean()) if len(labels) else float("nan")


def nearest_mean(snapshot: Snapshot, features: Tensor) -> Ints:
    """The class whose mean is nearest, from the same statistics: what a repair has to beat."""
    from torch.nn.functional import normalize

    means = normalize(snapshot.classes.means, dim=1)  # [C, D]
    return np.asarray((features @ means.T).argmax(1).numpy(), np.int64)
