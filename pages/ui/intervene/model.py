"""Intervene on the model: edit its weights, see what that corrects and breaks, keep it, see whether it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.intervene.measured import AWAY, VAL, Measured, names
from engine.jobs.analyses import Result
from pages.ui import firstly, laboratory, notices
from pages.ui.context import Context
from pages.ui.intervene import (
    model_draft,
    model_edit,
    model_effect,
    model_fix,
    model_keep,
    model_log,
    model_repair,
    model_save,
)
from pages.ui.intervene.model_draft import Work
from pages.ui.intervene.model_measure import measure, repaired
from pages.ui.text import finding, unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab


def show(here: Context) -> None:
    """The whole part. The run never changes here: edits are a draft until they are saved as a scenario."""
    if here.view is None or here.moment is None:
        return
    firstly.text()
    lab = laboratory.open(here.view, here.moment)
    work = model_draft.current(here.view.id, here.moment)
    group = model_repair.group(lab.snapshot(here.moment))
    away = repaired(lab, here.moment, group) if group else None
    measured = _measured(lab, work, away)
    if measured is None:
        return
    st.caption(unmarked(_note(here)))
    model_log.conflict(work)
    _edit_and_see(here, lab, work, measured, away)
    if group:
        model_repair.offer(lab, work, group)
    _closer(lab, measured, away)
    st.html(finding("Scenarios"))
    model_keep.section(lab, work, away)


def _edit_and_see(here: Context, lab: Lab, work: Work, measured: Measured, away: Result | None) -> None:
    """Left the ways to edit and the log, right what comes of it."""
    class_names = lab.dataset.class_names
    told = names(lab, str(away["how"]) if away else "")
    left, right = st.columns([2, 3])
    with left, st.container(border=True, key="panel-model-edit", height="stretch"):
        kind = model_edit.kind()
        if kind == "group":
            model_edit.group(work, measured, class_names)
        elif kind == "concept":
            model_edit.concept(work, measured, class_names)
        elif kind == "weight":
            model_edit.weight(work, measured, class_names, here.class_id)
        else:
            model_fix.mistakes(here, lab, work, measured, told)
    with right:
        model_effect.splits(measured, told)
        with st.container(border=True, key="panel-model-log"):
            with st.container(horizontal=True, vertical_alignment="center", key="model-bar"):
                model_log.buttons(work)
                model_save.save(work)
                model_save.drafts(work, lab.view.id)
            model_log.log(work, measured, class_names)
            if away and not work.edits:
                model_repair.shortcut(work, away)


def _closer(lab: Lab, measured: Measured, away: Result | None) -> None:
    """One split looked at closely: tasks and birds."""
    if not measured.edits:
        return
    told = names(lab, str(away["how"]) if away else "")
    options = list(measured.outcomes)
    split = st.segmented_control(
        "Look closer at",
        options,
        default=AWAY if AWAY in options else VAL,
        required=True,
        key="model-split",
        format_func=lambda name: told[name],
    )
    chosen = str(split) if split in options else VAL
    if model_effect.changed(measured, chosen):
        model_effect.tasks(measured, told, chosen)
        model_effect.birds(lab, measured, told, chosen)
    else:
        st.caption(unmarked(f"{told[chosen]}: no prediction is another. Look at other images, or edit more."))


def _measured(lab: Lab, work: Work, away: Result | None) -> Measured | None:
    """What the edits do; edits that this model cannot take are told and can be undone."""
    try:
        return measure(lab, work.task, work.edits, away)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        model_log.buttons(work)
        return None


def _note(here: Context) -> str:
    assert here.view is not None and here.moment is not None
    said = f"The model after task {here.moment + 1}. The run itself never changes; edits are saved as scenarios."
    if here.view.active:
        done, total = here.view.tasks_done, len(here.view.task_classes)
        said += f" The run is still learning: {done} of {total} tasks are finished."
    return said
