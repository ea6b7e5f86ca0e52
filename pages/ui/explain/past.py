"""The picture through the tasks, and why it was forgotten where it was."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.errors import NotApplicable
from engine.explain.story import Moment, once_right
from engine.explain.wording import signed
from engine.figures.attribution import headline, restored_words, waterfall, waterfall_table
from engine.figures.look import CONFIG, percent
from engine.figures.story import story_headline, story_line, story_table, tip_words
from pages.ui import address, context, notices
from pages.ui.explain.case import Case
from pages.ui.panels import panel
from pages.ui.text import safe

_CHART = "story"
EYES_CHANGE = (
    "This run hardens its eyes before each task, so the model sees other features of the same picture. The loss is "
    "divided among the parts of a model that looks at the same features before and after"
)
"""Why a run that hardens its eyes has no parts of forgetting."""


def story(case: Case) -> None:
    """The line, and every change of the answer with what tipped it."""
    moments, names = case.story, case.class_names
    told = story_headline(moments, names)
    known = [m for m in moments if m.known]
    note = "What it was taken for after each task"
    note += "; a dot where that was right, a cross where not. Click a point for its moment." if known else ""
    with panel("story", told, note, lambda: story_table(moments, names), ("margin", "tipped")):
        drawn = known or list(moments)
        st.plotly_chart(
            story_line(moments, names, case.moment, len(case.lab.view.task_classes)),
            key=_CHART,
            config=CONFIG,
            on_select=lambda: _clicked(drawn),
            selection_mode="points",
            alt=told,
        )
        st.html(_turns(moments, names, case.moment))


def _clicked(drawn: list[Moment]) -> None:
    def act() -> None:
        points = (st.session_state.get(_CHART) or {}).get("selection", {}).get("points", [])
        if points:
            address.choose(context.TASK, int(points[0]["x"]))

    if drawn:
        notices.attempt(act)


def _turns(moments: tuple[Moment, ...], names: tuple[str, ...], moment: int) -> str:
    """The changes as a list: from what to what, and why."""
    first = moments[0]
    items = [
        f"<li><b>Task 1</b><span>Taken for {safe(names[first.predicted])} ({percent(first.confidence)})</span></li>"
    ]
    for m in moments:
        if m.tip is not None:
            now = " class='ex-now'" if m.task == moment else ""
            mark = "" if not m.known else " ✓" if m.right else " ✗"
            items.append(
                f"<li{now}><b>Task {m.task + 1}</b><span>Now {safe(names[m.predicted])}{mark} ({percent(m.confidence)})"
                f"<small>{safe(tip_words(m.tip, names))}</small></span></li>"
            )
    return f"<ol class='ex-turns'>{''.join(items)}</ol>"


def forgetting(case: Case) -> None:
    """The margin's way from when the picture was right to now, or why there is none."""
    if case.lab.changes_eyes:
        with panel("forgetting-parts", "This loss cannot be divided", EYES_CHANGE):
            return
    then = once_right(case.story, case.moment)
    if then is None:
        known = case.true is not None
        _absent(_why_not(case), "Nothing was forgotten here" if known else "Whether it was forgotten is not known")
        return
    from engine.explain.forgetting import attribute

    labels = np.array([case.true])
    try:
        found = attribute(case.lab.snapshot(then), case.snapshot, case.subject.feature[None], labels)
    except NotApplicable as error:
        _absent(f"{error.allowed[:1].upper()}{error.allowed[1:]}", "This loss cannot be divided")
        return
    values, shares, restored = found.values[0], found.shares[0], found.restored[0]
    before, after = float(found.before[0]), float(found.after[0])
    told = headline(shares)
    note = f"Right after task {then + 1}, wrong after task {case.moment + 1}: what became of the margin"
    rows = waterfall_table(values, shares, restored, before, after)
    with panel("forgetting-parts", told, note, lambda: rows, ("forgetting_parts", "margin")):
        st.plotly_chart(waterfall(values, before, after, then, case.moment), key="parts", config=CONFIG, alt=told)
        st.caption(f"The three parts add up to {signed(after - before, 3)} exactly. {restored_words(restored)}")


def _absent(why: str, told: str) -> None:
    with panel("forgetting-parts", told, why):
        st.caption("Choose an image that is marked “once right, now wrong” to see which part of the model lost it.")


def _why_not(case: Case) -> str:
    if case.true_name is None:
        return "Nobody knows the class of this picture, so nobody can say whether it was ever right"
    now = f"after task {case.moment + 1}"
    if case.true is None:
        return f"The model has not learnt {case.true_name} {now}"
    if case.right:
        return f"The picture is right {now}"
    if case.story[case.moment].task == 0 or not any(m.known for m in case.story[: case.moment]):
        return f"Its class is new {now}: there is nothing earlier to forget"
    return f"No earlier model recognised it: it was never learnt, so it was not forgotten {now}"
