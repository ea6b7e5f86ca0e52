"""The picture through the tasks, and why it was forgotten where it was."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.exhibits.missing import Missing
from engine.exhibits.picture import past as exhibits
from engine.explain.story import Moment
from engine.figures.look import certainty
from engine.figures.story import tip_words
from pages.ui import address, context, picker
from pages.ui.panels import on_point, panel, show
from pages.ui.picture.case import SharedCase
from pages.ui.text import safe

_CHART = "story"


def story(case: SharedCase) -> None:
    """The line; a click on a point chooses its moment."""
    show(exhibits.story(case), chart=_CHART, on_select=on_point(_CHART, _at_task))


def _at_task(_: int, task: int) -> None:
    picker.keep()
    address.choose(context.TASK, task)


def turns(case: SharedCase) -> None:
    """Every change of the answer, with what tipped it."""
    st.html(_turns(case.story, case.class_names, case.moment))


def _turns(moments: Sequence[Moment], names: Sequence[str], moment: int) -> str:
    """The changes as a list: from what to what, and why."""
    first = moments[0]
    items = [
        f"<li><b>Task 1</b><span>Taken for {safe(names[first.predicted])} ({certainty(first.confidence)})</span></li>"
    ]
    for m in moments:
        if m.tip is not None:
            now = " class='pi-now'" if m.task == moment else ""
            mark = "" if not m.known else " ✓" if m.right else " ✗"
            items.append(
                f"<li{now}><b>Task {m.task + 1}</b><span>Now {safe(names[m.predicted])}{mark} "
                f"({certainty(m.confidence)})<small>{safe(tip_words(m.tip, names))}</small></span></li>"
            )
    return f"<ol class='pi-turns'>{''.join(items)}</ol>"


def forgetting(case: SharedCase) -> None:
    """The margin's way from when the picture was right to now, or why there is none."""
    found = exhibits.parts(case)
    if not isinstance(found, Missing):
        show(found, chart="parts")
        return
    with panel(
        exhibits.PARTS.name, found.headline, found.why, terms=exhibits.PARTS.terms, lesson=exhibits.PARTS.lesson
    ):
        if not case.lab.changes_backbone:
            st.caption("Choose an image that is marked “once right, now wrong” to see which part of the model lost it.")
