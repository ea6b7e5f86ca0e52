"""The model edited: see what edits of its weights correct and break, keep them, see whether they last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.repair.measured import AWAY, VAL, Measured, names
from engine.jobs.analyses import Result
from pages.ui import laboratory, notices
from pages.ui.context import Context
from pages.ui.repair import (
    model_draft,
    model_edit,
    model_effect,
    model_fix,
    model_keep,
    model_log,
    model_repair,
    model_save,
)
from pages.ui.repair.model_draft import Work
from pages.ui.repair.model_measure import measure, repaired
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab


def show(here: Context) -> None:
    """Edits being made. The run never changes here: edits are a draft until they are saved as a scenario."""
    lab, work, group, away = _opened(here)
    measured = _measured(lab, work, away)
    if measured is None:
        return
    model_log.conflict(work)
    _edit_and_see(here, lab, work, measured, away, group)
    _closer(lab, measured, away)


def kept(here: Context) -> None:
    """Edits that were saved under a name."""
    lab, work, _, away = _opened(here)
    model_keep.section(lab, work, away)


def _opened(here: Context) -> tuple[Lab, Work, str | None, Result | None]:
    """The run, the edits under way, the group it may lean on, and what was measured of its repairs."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    group = model_repair.group(lab.snapshot(here.moment))
    away = repaired(lab, here.moment, group) if group else None
    return lab, model_draft.current(here.view.id, here.moment), group, away


def _edit_and_see(
    here: Context, lab: Lab, work: Work, measured: Measured, away: Result | None, group: str | None
) -> None:
    """Left the ways to edit and the log, right what comes of it."""
    class_names = lab.dataset.class_names
    told = names(lab, str(away["how"]) if away else "")
    left, right = st.columns([2, 3])
    with left:
        kind = model_edit.kind(group is not None)
    with left, st.container(border=kind != "offer", key="panel-model-edit"):
        if kind == "offer" and group is not None:
            model_repair.offer(lab, work, group)
        elif kind == "group":
            model_edit.group(work, measured, class_names)
        elif kind == "concept":
            model_edit.concept(work, measured, class_names)
        elif kind == "weight":
            model_edit.weight(work, measured, class_names, here.class_id)
        else:
            model_fix.mistakes(here, lab, work, measured, told)
    with right:
        model_effect.splits(measured, told)
        with st.container(key="panel-model-log"):
            with st.container(horizontal=True, vertical_alignment="center", key="model-bar"):
                model_log.buttons(work)
                model_save.save(work)
                model_save.drafts(work, lab.view.id)
            model_log.log(work, measured, class_names)


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
