"""Scenarios: edits saved under a name, compared with each other and with the run, replayed, exported and imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import BadInput, NotApplicable, PlumageError
from engine.exhibits.repair import scenarios as side_by_side
from engine.exhibits.repair.measured import Measured, names
from engine.interventions.edits import describe
from engine.interventions.stored_edits import from_mappings
from engine.jobs.analyses import Result
from engine.store.scenarios import Scenario, Scenarios
from engine.store.store import RunStore
from pages.ui import address, notices
from pages.ui.panels import show
from pages.ui.repair import model_draft, model_later
from pages.ui.repair.model_draft import Work
from pages.ui.repair.model_measure import measure
from pages.ui.text import safe, unmarked

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from engine.session.lab import Lab

SCENARIO = "scenario"
"""Key of the chosen scenario in the address."""
_REMOVED, _SEEN, _FILE = "model-removed", "model-scenarios-seen", "model-file"


def section(lab: Lab, work: Work, away: Result | None) -> None:
    """All scenarios of the run, side by side, and what can be done with one."""
    kept = Scenarios(RunStore()).all(lab.view.id)
    _bring_back(lab.view.id)
    _refused(lab.view.id, {scenario.id for scenario in kept})
    if kept:
        _compare(lab, work, kept, away)
        _one(lab, kept)
    else:
        st.caption("No scenario is saved yet. A scenario keeps edits under a name; the run itself never changes.")
    _import(lab.view.id)


def _compare(lab: Lab, work: Work, kept: list[Scenario], away: Result | None) -> None:
    """The run, the edits being made, and every scenario, on the same model and images."""
    rows: list[tuple[str, Measured]] = [("The run", measure(lab, work.task, (), away))]
    if work.edits:
        rows.append(("The edits above", measure(lab, work.task, work.edits, away)))
    rows += side_by_side.measurable(kept, lambda edits: measure(lab, work.task, edits, away))
    show(side_by_side.exhibit(rows, names(lab, str(away["how"]) if away else "")), chart="model-side")


def _one(lab: Lab, kept: list[Scenario]) -> None:
    known = {scenario.id: scenario for scenario in kept}
    scenario = known[_chosen(known)]
    many = f"{len(scenario.edits)} edit{'' if len(scenario.edits) == 1 else 's'}"
    base = known.get(scenario.base or "")
    grew = f"Grew out of “{base.name}”" if base else ""
    said = [f"Made after task {scenario.task + 1}", many, grew, scenario.note]
    st.caption(unmarked(". ".join(part for part in said if part)))
    try:
        made = from_mappings(scenario.edits)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return
    lines = "".join(f"<li>{safe(describe(edit, lab.dataset.class_names))}</li>" for edit in made)
    st.html(f"<ol class='pl-log'>{lines}</ol>")
    with st.container(horizontal=True, vertical_alignment="center", key="model-one"):
        st.button("Open", key="model-open", on_click=model_draft.open_scenario, args=(scenario,))
        st.download_button(
            "Export",
            lambda: Scenarios(RunStore()).export(lab.view.id, scenario.id),
            file_name=f"plumage-{scenario.id}.json",
            mime="application/json",
            key="model-export",
            on_click="ignore",
        )
        st.button("Remove", key="model-remove", type="tertiary", on_click=_remove, args=(lab.view.id, scenario))
    model_later.train_on(lab, scenario)
    try:
        model_later.replay(lab, scenario)
    except NotApplicable as error:
        notices.panel(notices.of_error(error))


def _refused(run: str, known: set[str]) -> None:
    """Say so where a link asks for a scenario that this run does not have."""
    asked = address.value(SCENARIO)
    if asked is None or asked in known or asked in st.session_state.get(_SEEN, ()):
        return
    try:
        Scenarios(RunStore()).get(run, asked)
    except BadInput as error:
        notices.panel(notices.of_error(error))


def _chosen(known: dict[str, Scenario]) -> str:
    """The scenario looked at closely, kept in the address; the newest if none is asked for."""
    seen: set[str] = st.session_state.setdefault(_SEEN, set())  # those may be of a run looked at before
    seen.update(known)
    chosen = address.among(SCENARIO, known, next(iter(known)))
    st.selectbox("Scenario", list(known), format_func=lambda i: known[i].name, **address.bound(SCENARIO, chosen))
    address.settle(SCENARIO, chosen, default=next(iter(known)))
    return chosen


def _remove(run: str, scenario: Scenario) -> None:
    def act() -> None:
        Scenarios(RunStore()).remove(run, scenario.id)
        st.session_state[_REMOVED] = run, scenario.id, scenario.name

    notices.attempt(act)


def _bring_back(run: str) -> None:
    """The removal can be taken back as long as the page is open."""
    removed = st.session_state.get(_REMOVED)
    if removed is None or removed[0] != run:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="model-removed-row"):
        st.caption(unmarked(f"“{removed[2]}” was removed."))
        st.button("Bring it back", key="model-restore", on_click=_restore, args=removed[:2])


def _restore(run: str, scenario: str) -> None:
    def act() -> None:
        Scenarios(RunStore()).restore(run, scenario)
        st.session_state.pop(_REMOVED)

    notices.attempt(act)


def _import(run: str) -> None:
    with st.popover("Import", icon=":material/upload_file:", key="model-import"):
        given = st.file_uploader("A scenario file that was exported here", type="json", key=_FILE)
        notices.of_file(_FILE, given.file_id if given else None)
        st.button("Import it", key="model-import-now", disabled=given is None, on_click=_import_file, args=(run, given))


def _import_file(run: str, given: UploadedFile) -> None:
    notices.attempt_file(_FILE, given.file_id, lambda: import_scenario(run, given.getvalue()))


def import_scenario(run: str, data: bytes) -> Scenario:
    """Check a scenario file's edits and save it.

    Raises:
        BadInput: it is no scenario, holds something that is no edit, or does not fit this run.
    """
    try:
        edits = json.loads(data)["edits"]
    except (ValueError, KeyError, TypeError, RecursionError):
        edits = []  # `import_` knows the words for what is wrong
    if isinstance(edits, list):
        from_mappings(edits)
    return Scenarios(RunStore()).import_(run, data)
