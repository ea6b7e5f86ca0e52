"""Tasks: what every task is worth now, what was lost on the way, and what is mistaken for what."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.figures.confusion import confusion_matrix, confusion_table, worst_mixup
from engine.figures.forgetting import (
    forgetting_lines,
    forgetting_table,
    headline,
    mean_headline,
    old_new_headline,
    old_new_lines,
    old_new_table,
    worst,
)
from engine.figures.look import CONFIG, percent
from engine.figures.matrix import Matrix, accuracy_matrix, accuracy_table
from engine.metrics.accuracy import finished, forgetting, old_and_new
from engine.runs.view import RunView
from pages.ui import classes, context, definitions, firstly, kpis, segments, selection, setup, shell
from pages.ui.panels import panel
from pages.ui.segments import SPLITS
from pages.ui.text import title

shell.guard()

_SETTINGS = {"class_il": "All classes seen", "task_il": "Task known"}
_CHOICES = {"class_il": "Choosing among all classes seen", "task_il": "Choosing among the task's own classes"}


def body(here: context.Context) -> None:
    """Findings first, then the numbers, then the detail."""
    view = setup.ready(
        here,
        "Nothing has been learnt yet",
        "This page shows what a run remembers and forgets. Train one first.",
        "The first accuracy appears after the first task.",
    )
    if view is None or here.moment is None:
        return
    head = st.container()
    split, setting = _controls(view)
    matrix = view.accuracy(split, setting)
    then = kpis.until(matrix, here.moment)
    with head:
        title(headline(worst(then)), _known(then, split, setting))
    kpis.row(view, split, setting, here.moment)
    firstly.text()
    left, right = st.columns(2)
    with left:
        _matrix(view, matrix, split, setting, here)
    with right:
        _forgetting(view, matrix, here)
    left, right = st.columns(2)
    with left:
        _old_new(view, then, split)
    with right:
        _confusion(view, split, here.moment)
    classes.detail(view, split, here)
    kpis.everything(view)


def _controls(view: RunView) -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="view-controls"):
        split = segments.split(view)
        setting = segments.choose("The model chooses among", "setting", _SETTINGS)
        definitions.popover((*kpis.TERMS, setting), "kpis")
    return split, setting


def _known(matrix: Matrix, split: str, setting: str) -> str:
    done = len(finished(matrix))
    told = worst(matrix)
    best = f"Task {told.task + 1} was at {percent(told.best)}, now {percent(told.final)}. " if told else ""
    return f"{best}After {done} of {len(matrix)} tasks; {SPLITS[split].lower()}; {_CHOICES[setting].lower()}."


def _matrix(view: RunView, matrix: Matrix, split: str, setting: str, here: context.Context) -> None:
    moment = here.moment or 0
    mean = float(matrix[moment, : moment + 1].mean())
    told = f"{percent(mean)} right on average over {moment + 1} task{'s' if moment else ''}"
    note = f"Accuracy in per cent, {SPLITS[split].lower()}. Click a cell for its moment and its weakest class."
    column = selection.task_of(view, here.class_id)
    with panel("accuracy-matrix", told, note, lambda: accuracy_table(matrix), ("accuracy_matrix", setting)):
        st.plotly_chart(
            accuracy_matrix(matrix, None if column is None else (moment, column)),
            key="cells",
            config=CONFIG,
            on_select=selection.on_cell(view, split, "cells"),
            selection_mode="points",
            alt=f"Accuracy matrix: {told}",
        )


def _forgetting(view: RunView, matrix: Matrix, here: context.Context) -> None:
    told = mean_headline(forgetting(matrix))
    note = "Accuracy on each task from the moment it was learnt; the largest fall is marked"
    with panel("forgetting", told, note, lambda: forgetting_table(matrix), ("task_drop", "forgetting")):
        chosen = selection.task_of(view, here.class_id)
        st.plotly_chart(forgetting_lines(matrix, chosen), key="lines", config=CONFIG, alt=told)


def _old_new(view: RunView, matrix: Matrix, split: str) -> None:
    old, new = old_and_new(matrix, view.test_sizes(split))
    told = old_new_headline(old, new)
    note = "Accuracy on the newest task's classes and on all earlier ones"
    with panel("old-new", told, note, lambda: old_new_table(old, new), ("old_accuracy", "new_accuracy")):
        st.plotly_chart(old_new_lines(old, new, len(matrix)), key="old-new", config=CONFIG, alt=told)


def _confusion(view: RunView, split: str, moment: int) -> None:
    kind = st.session_state.get("confused", "task")
    counts = view.confusion_tasks(moment, split) if kind == "task" else view.confusion(moment, split)
    seen = view.class_ids_seen(moment)
    names = [f"{t + 1}" for t in range(len(counts))] if kind == "task" else [view.class_names[i] for i in seen]
    mixup = worst_mixup(counts)
    what = "task " if kind == "task" else ""
    told = (
        f"{what}{names[mixup[0]]} is taken for {what}{names[mixup[1]]} most"
        if mixup
        else "Nothing is taken for anything else"
    )
    note = f"Share of each {kind}'s test images by what they are taken for; choosing among all classes seen"
    terms = ("confusion_across_tasks",) if kind == "task" else ("class_confusion",)
    with panel("confusion", told[:1].upper() + told[1:], note, lambda: confusion_table(counts, names, kind), terms):
        breaks = np.cumsum([len(ids) for ids in view.task_classes[:moment]]).tolist() if kind == "class" else []
        figure = confusion_matrix(counts, names, axis=kind, breaks=breaks, height=320 if kind == "task" else 420)
        react = (
            selection.on_task(view, split, moment, "mixups")
            if kind == "task"
            else selection.on_class(view, moment, "mixups")
        )
        st.plotly_chart(figure, key="mixups", config=CONFIG, on_select=react, selection_mode="points", alt=told)
        st.segmented_control(
            "Confusion of",
            ["task", "class"],
            default="task",
            required=True,
            key="confused",
            format_func=lambda k: {"task": "tasks", "class": "classes"}[k],
            label_visibility="collapsed",
            persist_state="session",
        )


shell.show(body)
