"""What edits make of the model, measured once and kept between reruns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.repair import measured as shared
from engine.interventions.edit import Edit
from engine.interventions.stored_edits import from_mappings, to_mapping
from engine.jobs.analyses import Analyses
from engine.store.store import RunStore

if TYPE_CHECKING:
    from engine.exhibits.repair.measured import Measured
    from engine.jobs.analyses import Result
    from engine.session.lab import Lab


def repaired(lab: Lab, task: int, group: str) -> Result | None:
    """The analysis of repairs, if it is there and whole."""
    return Analyses(RunStore()).intact(shared.question(lab, task, group))


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
    return shared.measured(_lab, task, from_mappings(json.loads(told)), _away)
