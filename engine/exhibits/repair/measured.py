"""What edits make of the model, measured: validation as it is and elsewhere, and every test split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Ints
from engine.errors import StoreDamaged
from engine.exhibits.words import SPLITS
from engine.interventions.outcome import Outcome, outcome
from engine.jobs.analyses import Question

if TYPE_CHECKING:
    from engine.interventions.edit import Edit
    from engine.jobs.analyses import Result
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

VAL, AWAY = "val", "away"
HABITAT = "habitat"
"""The group that a bird can be moved away from."""


@dataclass(frozen=True)
class Measured:
    """Edits and what they do.

    Attributes:
        model: the edited model.
        edits: what was done.
        missing: those of them that this model had nothing for.
        outcomes: before and after, by split, validation first.
        before, after: predicted classes by split, positions in the order of learning.
    """

    model: Snapshot
    edits: tuple[Edit, ...]
    missing: tuple[Edit, ...]
    outcomes: dict[str, Outcome]
    before: dict[str, Ints]
    after: dict[str, Ints]


def measured(lab: Lab, task: int, edits: Sequence[Edit], away: Result | None) -> Measured:
    """Apply edits to the model after `task` and compare.

    Args:
        away: the analysis of repairs, for its moved validation images.

    Raises:
        NotApplicable: an edit needs what this model does not keep.
        StoreDamaged: the moved images are not this run's.
    """
    from engine.interventions.edits import apply, skipped

    snapshot = lab.snapshot(task)
    model = apply(snapshot, edits)
    if away is not None:
        _check_moved(away, lab.sample(VAL, task).rows, snapshot.bottleneck.shape[1])
    outcomes, before, after = {}, {}, {}
    for split in names(lab):
        if split == AWAY and away is None:
            continue
        labels = lab.sample(own(split), task).labels.numpy()
        before[split] = _predictions(lab, task, split, snapshot, away)
        after[split] = _predictions(lab, task, split, model, away)
        outcomes[split] = outcome(before[split], after[split], labels, lab.stream.task_of_position, task + 1)
    return Measured(model, tuple(edits), skipped(snapshot, edits), outcomes, before, after)


def names(lab: Lab, how: str = "") -> dict[str, str]:
    """What the splits are called on screen.

    Args:
        how: validation images were moved (see the analysis of repairs).
    """
    moved = "Validation, elsewhere" if how != "swapped" else "Validation, swapped"
    told = {**SPLITS, AWAY: moved}
    return {split: told.get(split, split) for split in (VAL, AWAY, *(s for s in lab.splits if s != VAL))}


def own(split: str) -> str:
    """The split of the data that an outcome's images come from: those elsewhere are validation images, moved."""
    return VAL if split == AWAY else split


def groups(snapshot: Snapshot) -> dict[str, int]:
    """Groups of the bank with how many concepts each has, habitat first, then the largest."""
    found = Counter(concept.group for concept in snapshot.bank.concepts if concept.group)
    order = sorted(found, key=lambda group: (group != HABITAT, -found[group], group))
    return {group: found[group] for group in order}


def question(lab: Lab, task: int, group: str) -> Question:
    """What the analysis of repairs is asked."""
    return Question(lab.view.id, task, "repairs", settings(group))


def settings(group: str) -> dict[str, str]:
    """The settings that name a group; the default is not spelt out."""
    return {} if group == HABITAT else {"group": group}


def _check_moved(away: Result, rows: Ints, width: int) -> None:
    """Check that moved images are those of the run: nothing that is stored with them tells how many there must be."""
    same = np.array_equal(away.get("rows", rows), rows)  # an older version kept no rows
    if away["away"].shape != (len(rows), width) or not same:
        why = f"its array away must hold the {len(rows)} validation images of this run, {width} numbers each"
        raise StoreDamaged("the analysis of repairs", why, "Compute it again")


def _predictions(lab: Lab, task: int, split: str, model: Snapshot, away: Result | None) -> Ints:
    """What a model says of the images of a split of all classes seen after `task`, [N]."""
    import torch

    features = torch.from_numpy(away["away"]) if split == AWAY and away else lab.sample(split, task).features
    return np.asarray(model.from_features(features).logits.argmax(1).numpy(), np.int64)
