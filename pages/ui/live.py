"""One run as it trains: what it does now, its curves, its tasks, and the accuracy matrix filling in row by row.

Everything is read from the store on every tick, so a reloaded tab, a second viewer and this one see the same.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.figures.curves import PHASES, accuracy_curve, curve_table, loss_curve
from engine.figures.look import CONFIG, MINUS, percent
from engine.figures.matrix import accuracy_matrix, accuracy_table
from engine.metrics.accuracy import finished, old_and_new
from engine.runs.progress import EpochRow, ProgressRow
from engine.runs.view import RunView
from pages.ui import context, controls, firstly, methods, notices, onward, ribbon
from pages.ui.panels import panel
from pages.ui.reading import Reading
from pages.ui.text import chip, duration, safe, title

_TICK = 1.0
"""Seconds between two looks at a run that trains."""
_CURVE_TICK = 3.0
"""Seconds between two drawings of its curves: drawn each second they slow the training on two cores."""
_DOING = {
    "start": "starting",
    "hardening": "hardening the eyes",
    "features": "reading images",
    "done": "done",
    **PHASES,
}
_COUNTED = {"features": "Images", "hardening": "Steps"}
_STORY = {
    "hardening": "hardening the eyes",
    "features": "looking at its images",
    "search": "choosing its concepts",
}
_MOVED = "moved"
_LEANS = 0.05
"""A loss of accuracy, when birds move, from which the model is said to lean on the background."""
_SPLITS = {"test": "ordinary test birds", _MOVED: "the same birds, habitats shuffled"}


def show(here: context.Context) -> None:
    """Draw the chosen run. While its worker lives, what changes every second is looked at every second; the ribbon and
    the matrices change when the data is open and with every finished task, which draws the whole page anew."""
    view = here.view
    if view is None:
        return
    drawn = _stage(view)
    every = _TICK if view.active else None
    st.fragment(_top, run_every=every)(view.id, drawn)
    if view.tasks_done and not view.active:
        onward.links()
    firstly.text()
    _ribbon(view)
    if not view.active:
        _matrices(view)
    st.fragment(_curves, run_every=_CURVE_TICK if view.active else None)(view.id)
    if view.active:
        _matrices(view)


def _stage(view: RunView) -> tuple[str, bool, int]:
    """What the page outside of the fragments depends on."""
    return view.status, bool(view.task_classes), view.tasks_done


def _top(run: str, drawn: tuple[str, bool, int]) -> None:
    with notices.caught():
        view = Reading(context.RunStore(), run)
        status = view.status
        if _stage(view) != drawn:
            st.rerun()
        _head(view, status)
        controls.buttons(view, status)
        if status == "failed":
            notices.panel(notices.Notice("The run failed", view.error or "it left no message", _where(view)))
        _strip(view, status)


def _head(view: RunView, status: str) -> None:
    config = view.config
    facts = [
        methods.known()[config.method].title,
        f"{len(view.class_names)} classes" if view.class_names else "",
        f"{view.tasks_total} tasks" if view.tasks_total else "",
        f"seed {config.seed}",
        f"forked from {view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else "",
    ]
    told = "".join(f"<span class='pl-fact'>{safe(fact)}</span>" for fact in facts if fact)
    word = "pausing" if status == "running" and view.wanted == "pause" else None
    st.html(f"<div class='pl-run'>{chip(status, word)}<strong>{safe(view.name or view.id)}</strong>{told}</div>")
    title(*story(view, status))


def story(view: RunView, status: str) -> tuple[str, str]:
    """What is going on, as a headline, and what is known so far, as a sentence."""
    total, done = view.tasks_total, view.tasks_done
    now = view.progress
    learnt = _knowledge(view)
    if status == "finished":
        return learnt, f"After all {total} tasks.{_elsewhere(view)} The Tasks page shows what was lost on the way."
    if status == "queued" or total is None or (status == "running" and not view.task_classes):
        return "Opening the data and the backbone", "The first accuracy appears after the first task."
    if status == "running":
        new = len(view.task_classes[now.task]) if now.task < total else 0
        doing = _STORY.get(now.phase, "learning")
        return f"Task {now.task + 1} of {total}: {doing}", f"{new} new classes. {learnt}"
    words = {
        "paused": ("Paused", "Resume goes on where it stopped."),
        "interrupted": ("Interrupted", "Its process ended without a word. Resume goes on from the last finished task."),
        "stopped": ("Stopped", "Resume goes on from the last finished task."),
        "failed": ("Failed", "What is finished is kept."),
    }
    head, note = words[status]
    return f"{head} after {done} of {total} tasks", f"{learnt}. {note}" if learnt else note


def _knowledge(view: RunView) -> str:
    matrix = view.accuracy()
    if not len(finished(matrix)):
        return ""
    seen = len(view.class_ids_seen(view.tasks_done - 1))
    last = view.summary()["last_accuracy"] or 0.0
    old, _ = old_and_new(matrix, view.test_sizes("test"))
    kept = f", {percent(old[-1])} of the earlier ones" if np.isfinite(old[-1]) and view.active else ""
    return f"It tells {seen} classes apart and is right {percent(last)} of the time{kept}"


def _elsewhere(view: RunView) -> str:
    """What becomes of the accuracy when the habitats are shuffled, where the data can tell."""
    if _MOVED not in view.splits:
        return ""
    home, moved = (view.summary(split)["last_accuracy"] or 0.0 for split in ("test", _MOVED))
    verdict = "part of what it knows is the background" if home - moved >= _LEANS else "it does not need the background"
    return f" Of the same birds in other habitats it gets {percent(moved)} right: {verdict}."


def _where(view: RunView) -> str:
    return f"Resume starts it again from the last finished task; the log is {view.log_path}"


def _strip(view: RunView, status: str) -> None:
    now = view.progress
    cells = _doing(now, view.tasks_total) if status in ("queued", "running", "paused") else {}
    if status == "running" and now.eta_seconds is not None:
        cells["Time left"] = duration(now.eta_seconds)
    if view.tasks_done:
        cells["Training time"] = duration(view.seconds)
        cells["Peak memory"] = f"{view.peak_memory_mb or 0:.0f} MB"
    listed = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells.items() if value)
    done = 100 * min(max(now.fraction, 0.0), 1.0)
    bar = f"<div class='pl-bar' role='progressbar' aria-valuenow='{done:.0f}'><i style='width:{done:.1f}%'></i></div>"
    st.html(f"<div class='pl-strip'><dl>{listed}</dl>{bar}</div>")


def _doing(now: ProgressRow, total: int | None) -> dict[str, str]:
    counted = _COUNTED.get(now.phase, "Epoch")
    return {
        "Task": f"{min(now.task + 1, total or 1)} of {total or '?'}",
        "Doing": _DOING.get(now.phase, now.phase),
        counted: f"{now.epoch} of {now.epochs}" if now.epochs else "",
    }


def _ribbon(view: RunView) -> None:
    tasks = view.task_classes
    if not tasks:
        if view.active and view.config.dataset == "aviary" and view.config.order == "listed":
            st.html(ribbon.preview(view.config))  # the worker will find what is known already
        return
    matrix = finished(view.accuracy())
    now = dict(enumerate(matrix[-1].tolist())) if len(matrix) else {}
    current = view.tasks_done if view.status == "running" else None
    images = ribbon.pictures(view.config, ribbon.shown(tasks))
    st.html(ribbon.cards(view.class_names, tasks, images, now, current))


def _curves(run: str) -> None:
    with notices.caught():
        rows = RunView(context.RunStore(), run).epochs()
        if rows and all(r.epochs == 1 for r in rows):
            st.caption("This method learns each task in one step, so there are no curves.")
        elif rows:
            _draw_curves(rows)


def _draw_curves(rows: list[EpochRow]) -> None:
    left, right = st.columns(2)
    told = f"Training loss is {rows[-1].loss:.3f}".replace("-", MINUS)
    note = "Mean of every epoch; below zero once the learned scores follow their texts"
    with left, panel("loss", told, note, lambda: curve_table(rows)):
        st.altair_chart(loss_curve(rows), key="loss-curve", alt=f"{told} after {len(rows)} epochs")
    last = next((r.val_accuracy for r in reversed(rows) if r.val_accuracy is not None), None)
    told = f"Validation accuracy is {percent(last)}" if last is not None else "Accuracy while training"
    with right, panel("accuracy", told, "On the newest task's own classes, every epoch", lambda: curve_table(rows)):
        st.altair_chart(accuracy_curve(rows), key="accuracy-curve", alt=f"Accuracy by epoch. {told}")


def _matrices(view: RunView) -> None:
    if not view.tasks_done:
        if view.active:
            st.caption("The accuracy matrix fills in row by row, from the first finished task on.")
        return
    splits = view.splits
    for split, column in zip(splits, st.columns(max(2, len(splits))), strict=False):
        matrix = view.accuracy(split)
        last = view.summary(split)["last_accuracy"]
        images = _SPLITS[split] if len(splits) > 1 else "test images"
        told = f"{percent(last)} on {images}" if last is not None else images.capitalize()
        note = "Accuracy on each task after each task, in per cent; choosing among all classes seen"
        with column, panel(f"matrix-{split}", told, note, lambda m=matrix: accuracy_table(m), ("accuracy_matrix",)):
            st.plotly_chart(accuracy_matrix(matrix), key=f"matrix-{split}", config=CONFIG, alt=told)
