"""What edits make of the model, measured: validation as it is and elsewhere, and every test split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.exhibits.words import SPLITS
from engine.interventions.edit import Edit
from engine.interventions.edits import apply, from_mappings, skipped, to_mapping
from engine.interventions.outcome import Outcome, outcome
from engine.runs.analyses import Analyses, Question, Result
from engine.runs.store import RunStore

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.runs.lab import Lab

VAL, AWAY = "val", "away"
IntArray = npt.NDArray[np.int64]


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
    before: dict[str, IntArray]
    after: dict[str, IntArray]


def names(lab: Lab, how: str = "") -> dict[str, str]:
    """What the splits are called on screen."""
    moved = "Validation, elsewhere" if how != "swapped" else "Validation, swapped"
    told = {**SPLITS, AWAY: moved}
    return {split: told.get(split, split) for split in (VAL, AWAY, *(s for s in lab.splits if s != VAL))}


def repaired(lab: Lab, task: int, group: str) -> Result | None:
    """The analysis of repairs, if it is there."""
    return Analyses(RunStore()).result(question(lab, task, group))


def question(lab: Lab, task: int, group: str) -> Question:
    """What the analysis of repairs is asked."""
    return Question(lab.view.id, task, "repairs", settings(group))


def settings(group: str) -> dict[str, str]:
    """The settings that name a group; the default is not spelt out."""
    return {} if group == "habitat" else {"group": group}


def measure(lab: Lab, task: int, edits: Sequence[Edit], away: Result | None) -> Measured:
    """Apply edits to the model after `task` and compare; remembered.

    Args:
        away: the analysis of repairs, for its moved validation images.

    Raises:
        NotApplicable: an edit needs what this model does not keep.
    """
    told = json.dumps([to_mapping(edit) for edit in edits], sort_keys=True)
    where = "" if away is None else hashlib.sha256(away["away"].tobytes()).hexdigest()
    return _measure(lab.view.id, task, told, where, lab, away)


@st.cache_resource(show_spinner=False, max_entries=64)
def _measure(run: str, task: int, told: str, where: str, _lab: Lab, _away: Result | None) -> Measured:
    edits, snapshot = from_mappings(json.loads(told)), _lab.snapshot(task)
    model = apply(snapshot, edits)
    outcomes, before, after = {}, {}, {}
    for split in names(_lab):
        if split == AWAY and _away is None:
            continue
        labels = _lab.sample(VAL if split == AWAY else split, task).labels.numpy()
        before[split] = predictions(_lab, task, split, snapshot, _away)
        after[split] = predictions(_lab, task, split, model, _away)
        outcomes[split] = outcome(before[split], after[split], labels, _lab.stream.task_of_position, task + 1)
    return Measured(model, edits, skipped(snapshot, edits), outcomes, before, after)


def predictions(lab: Lab, task: int, split: str, model: Snapshot, away: Result | None) -> IntArray:
    """What a model says of the images of a split of all classes seen after `task`, [N]."""
    import torch

    features = torch.from_numpy(away["away"]) if split == AWAY and away else lab.sample(split, task).features
    return np.asarray(model.from_features(features).logits.argmax(1).numpy(), np.int64)
