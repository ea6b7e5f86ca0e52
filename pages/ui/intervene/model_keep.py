"""Scenarios: edits saved under a name, compared with each other and with the run, replayed, exported and imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.errors import BadInput, NotApplicable, PlumageError
from engine.figures.comparison import side_by_side, side_by_side_table
from engine.figures.look import CONFIG
from engine.interventions.edits import describe, from_mappings, to_mapping
from engine.runs.analyses import Result
from engine.runs.scenarios import MAX_NAME, MAX_NOTE, Draft, Scenario, Scenarios
from engine.runs.store import RunStore
from pages.ui import address, notices
from pages.ui.intervene import model_draft, model_later
from pages.ui.intervene.model_draft import Work
from pages.ui.intervene.model_measure import Measured, measure, names
from pages.ui.panels import panel
from pages.ui.text import safe, unmarked

if TYPE_CHECKING:
    from engine.runs.lab import Lab

SCENARIO = "scenario"
"""Key of the chosen scenario in the address."""
_SAVES, _REMOVED, _SEEN = "model-saves", "model-removed", "model-scenarios-seen"
_MOST = 8
"""Scenarios compared, and unsaved edits offered, at once; the newest first."""


def save(work: Work) -> None:
    """Name the edits and keep them."""
    key = f"model-save-{st.session_state.get(_SAVES, 0)}"  # a new one after each save, which comes up closed
    with st.popover("Save as scenario", icon=":material/bookmark_add:", disabled=not work.edits, key=key):
        st.text_input("Name", max_chars=MAX_NAME, key="model-name", placeholder="without habitat")
        st.text_area("Note (optional)", max_chars=MAX_NOTE, key="model-note", height=80)
        st.button("Save", key="model-save-now", type="primary", on_click=_save, args=(work,))
        st.caption("A scenario never changes. To go on, open it and save under another name.")


def _save(work: Work) -> None:
    def act() -> None:
        name, note = st.session_state.get("model-name", ""), st.session_state.get("model-note", "")
        made = [to_mapping(edit) for edit in work.edits]
        kept = Scenarios(RunStore()).save(work.run, work.task, name, made, note, work.base)
        model_draft.saved(work, kept)
        st.session_state["model-name"] = st.session_state["model-note"] = ""
        st.session_state[_SAVES] = st.session_state.get(_SAVES, 0) + 1
        address.choose(SCENARIO, kept.id)

    notices.attempt(act)


def drafts(work: Work, run: str) -> None:
    """Edits that were left unsaved, in this tab or another."""
    waiting = [draft for draft in Scenarios(RunStore()).drafts(run) if draft.id != work.draft and draft.edits]
    if not waiting:
        return
    with st.popover(f"Unsaved edits ({len(waiting)})", icon=":material/history:", key="model-drafts"):
        for draft in waiting[:_MOST]:
            st.markdown(unmarked(_left(draft)))
            with st.container(horizontal=True, key=f"model-draft-{draft.id}"):
                st.button("Continue", key=f"model-go-on-{draft.id}", on_click=model_draft.go_on, args=(draft,))
                away = f"model-drop-{draft.id}"
                st.button("Throw away", key=away, type="tertiary", on_click=model_draft.drop, args=(draft.id,))


def _left(draft: Draft) -> str:
    many = "1 edit" if len(draft.edits) == 1 else f"{len(draft.edits)} edits"
    return f"{many} of the model after task {draft.task + 1} not saved yet, here or in another tab."


def section(lab: Lab, work: Work, away: Result | None) -> None:
    """All scenarios of the run, side by side, and what can be done with one."""
    kept = Scenarios(RunStore()).all(lab.view.id)
    _bring_back(lab.view.id)
    _refused(lab.view.id, {scenario.id for scenario in kept})
    if kept:
        _compare(lab, work, kept[:_MOST], away)
        _one(lab, kept)
    else:
        st.caption("No scenario is saved yet. A scenario keeps edits under a name; the run itself never changes.")
    _import(lab.view.id)


def _compare(lab: Lab, work: Work, kept: list[Scenario], away: Result | None) -> None:
    """The run, the edits being made, and every scenario, on the same model and images."""
    rows: list[tuple[str, Measured]] = [("The run", measure(lab, work.task, (), away))]
    if work.edits:
        rows.append(("The edits above", measure(lab, work.task, work.edits, away)))
    for scenario in kept:
        try:
            rows.append((scenario.name, measure(lab, work.task, from_mappings(scenario.edits), away)))
        except PlumageError:
            continue  # its own row below says why
    told_names = names(lab, str(away["how"]) if away else "")
    splits = [told_names[split] for split in rows[0][1].outcomes]
    accuracy = np.array([[outcome.after for outcome in m.outcomes.values()] for _, m in rows])
    best = max(range(len(rows)), key=lambda r: accuracy[r, : 2 if away else 1].mean())
    told = f"{rows[best][0]} does best on validation" if best else "No scenario beats the run on validation"
    note = f"Share right after task {work.task + 1}, all edits made to this same model"
    titles, missing = [name for name, _ in rows], [len(m.missing) for _, m in rows]
    table = side_by_side_table(titles, splits, accuracy, missing)
    with panel("model-scenarios", told, note, lambda: table, ("moved_validation",)):
        st.plotly_chart(side_by_side(titles, splits, accuracy), key="model-side", config=CONFIG, alt=told)


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
    asked, widget = address.value(SCENARIO), f"{SCENARIO}-choice"
    chosen = asked if asked in known else next(iter(known))
    seen: set[str] = st.session_state.setdefault(_SEEN, set())  # those may be of a run looked at before
    seen.update(known)
    st.session_state[widget] = chosen
    st.selectbox(
        "Scenario",
        list(known),
        key=widget,
        format_func=lambda i: known[i].name,
        on_change=address.take,
        args=(SCENARIO, widget),
    )
    address.settle(SCENARIO, chosen, default=next(iter(known)))
    return str(chosen)


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
        st.file_uploader("A scenario file that was exported here", type="json", key="model-file")
        given = st.session_state.get("model-file")
        st.button(
            "Import it",
            key="model-import-now",
            disabled=given is None,
            on_click=lambda: notices.attempt(lambda: import_scenario(run, given.getvalue() if given else b"")),
        )


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
