"""The numbers every paper reports, after any task, for both test splits; and all of them at once as a table."""

from __future__ import annotations

import math

import streamlit as st

from engine.exhibits.exhibit import Lesson
from engine.figures.tables import Table, cell
from engine.metrics import accuracy as metrics
from engine.metrics.wording import UNITS, column, in_unit, shown
from engine.session.floor import SETTING, floor
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import panels
from pages.ui.text import duration

_SETTINGS = {"class_il": "all classes seen", "task_il": "task known"}
_OTHER = {"test": ("moved", "moved"), "moved": ("test", "ordinary")}
TERMS = (
    "last_accuracy",
    "average_accuracy",
    "forgetting",
    "forgetting_floor",
    "backward_transfer",
    "forward_transfer",
)
LESSON = Lesson(
    what="Five numbers that papers report, on the test images and after the task chosen above; below each one its "
    "value on the other test images.",
    why="No number tells everything: a model may forget little because it knew little.",
    reading="Begin with last accuracy and forgetting. A negative backward transfer is forgetting, too. Where there "
    "are pictures moved before another background: what is lost on those, the background had carried.",
    caveats="One run is one seed: compare several before calling a difference one. Forgetting counts what more "
    "classes to choose among cost as well; the line below it says what references lose that forget nothing.",
)


def row(view: RunView, split: str, setting: str, moment: int) -> None:
    """Five numbers, each with its value on the other split below."""
    mine = _numbers(view, split, setting, moment)
    other, words = _OTHER[split]
    theirs = _numbers(view, other, setting, moment) if other in view.splits else {}
    below = {}
    if setting == SETTING and moment:
        references = floor(RunStore(), view, split, moment).words
        # The line is there before its words are: else all below would move, under whoever is about to click there.
        below = {"forgetting": f"<dd class='pl-other'>{references or '&nbsp;'}</dd>"}
    cells = "".join(
        f"<div><dt>{UNITS[name][0]}</dt><dd>{shown(name, value)}</dd>"
        f"<dd class='pl-other'>{f'{shown(name, theirs[name])} {words}' if name in theirs else ''}</dd>"
        f"{below.get(name, '')}</div>"
        for name, value in mine.items()
    )
    st.html(f"<dl class='pl-kpis'>{cells}</dl>")


def everything(view: RunView) -> None:
    """All numbers of the run, both splits and settings, and the time each task took; made only when opened."""
    box = st.expander(
        "All numbers of this run",
        key="all-numbers",
        icon=":material/table:",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        panels.numbers("summary", summary_table(view))
        panels.numbers("timing", _timing_table(view))


def summary_table(view: RunView) -> Table:
    """One row a metric, one column a split and setting."""
    columns = {
        f"{split}, {words}": view.summary(split, setting)
        for split in view.splits
        for setting, words in _SETTINGS.items()
    }
    names = list(next(iter(columns.values())))
    table: Table = {"metric": [column(name) for name in names]}
    for heading, found in columns.items():
        table[heading] = [cell(in_unit(name, found[name]), 2) for name in names]
    return table


def _numbers(view: RunView, split: str, setting: str, moment: int) -> dict[str, float]:
    matrix, sizes = metrics.until(view.accuracy(split, setting), moment), view.test_sizes(split)
    numbers = {
        "last_accuracy": metrics.last_accuracy(matrix, sizes),
        "average_accuracy": metrics.average_incremental_accuracy(matrix, sizes),
        "forgetting": metrics.forgetting(matrix),
        "backward_transfer": metrics.backward_transfer(matrix),
    }
    if moment + 1 == view.tasks_done:  # stored for the whole run only
        forward = view.summary(split, setting)["forward_transfer"]
        numbers["forward_transfer"] = math.nan if forward is None else forward
    return numbers


def _timing_table(view: RunView) -> Table:
    rows = view.timing
    return {
        "task": [r.task + 1 for r in rows],
        "seconds": [cell(r.seconds, 2) for r in rows],
        "in words": [duration(r.seconds) for r in rows],
        "peak memory (MiB)": [cell(r.peak_memory_mb, 0) for r in rows],
    }
