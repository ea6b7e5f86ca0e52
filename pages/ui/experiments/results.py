"""What an experiment found: its leaderboard, curves of the best, what each axis does, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np
import streamlit as st

from engine.exhibits.experiments import settings
from engine.exhibits.missing import Missing
from engine.exhibits.tasks import compare
from engine.exhibits.words import SPLITS
from engine.experiments.board import SettingResult, best, effects, ranked, results, shared_splits
from engine.experiments.experiment import Experiment
from engine.experiments.standing import CellState
from engine.experiments.toml import written
from engine.figures.compare import Line
from engine.figures.latex import to_latex
from engine.figures.leaderboard import effects_headline, effects_table, leaderboard
from engine.figures.look import percent
from engine.figures.tables import Table, to_csv
from engine.session.comparison import MEASURES, MOST
from engine.steps import finish
from engine.store.experiments import KeptExperiment
from engine.store.states import LIVE
from engine.store.store import RunStore
from pages.ui import context, panels, segments
from pages.ui.experiments import filtering
from pages.ui.text import STATUS_WORDS

_BASELINE, _MEASURE = "baseline", "measure"
_TALL, _MOST_ROWS = 35, 16


def draw(store: RunStore, kept: KeptExperiment, declared: Experiment, states: Sequence[CellState]) -> None:
    """Draw what there is."""
    found = results(store, declared, states)
    some = [one for one in found if one.finished]
    if some:
        splits = {name: SPLITS.get(name, name) for name in shared_splits(some)}
        with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-controls"):
            split = segments.choose("Test images", segments.SPLIT, splits) if len(splits) > 1 else next(iter(splits))
            baseline = _baseline(found)
            chosen = filtering.chosen(declared, found)
        _board(store, kept, declared, found, baseline, split, chosen)
        _settings(declared, found, split)
        _curves(chosen, split)
        _effects(declared, found, split)
    else:
        st.caption("Its leaderboard appears with the first finished run.")
    _failed(states)


def _baseline(found: Sequence[SettingResult]) -> SettingResult:
    """The setting that the others are held against."""
    some = {str(place): one for place, one in enumerate(found) if one.finished}
    chosen = segments.pick("Differences to", _BASELINE, {place: one.title for place, one in some.items()}, 320)
    return some[chosen]


def _board(
    store: RunStore,
    kept: KeptExperiment,
    declared: Experiment,
    found: Sequence[SettingResult],
    baseline: SettingResult,
    split: str,
    chosen: Sequence[SettingResult],
) -> None:
    """The leaderboard, of which the chosen settings' rows are shown and saved."""
    every = ranked(found, split)
    rows = [one for one in every if one in chosen]
    shown = [one in chosen for one in every]
    whole = leaderboard(declared, found, baseline, split)
    table = {head: [*compress(values, shown)] for head, values in whole.items()}
    top = best(found)
    told = "No setting has all its runs yet"
    if top is not None:
        value = percent(float(np.mean(top.measured("last_accuracy", split))), 1)
        told = f"Best by validation: {top.title}, {value} of test images right in the end"
    note = "Click a row to open the newest of its runs. Intervals hold for all settings together; p is Holm's."
    if len(rows) < len(every):
        note = f"{len(rows)} of {len(every)} settings are shown. {note}"
    with panels.panel("experiment-board", told, note):
        panels.listing(
            table,
            "experiment-rows",
            lambda row: _open(rows[row]),
            "A row a setting, the most accurate first",
            _columns(declared),
            _TALL * (min(len(rows), _MOST_ROWS) + 1) + 3,
        )
        with st.container(horizontal=True, key="save-experiment"):
            panels.save("Save as CSV", f"experiment-{kept.id}", to_csv(table), "csv", "text/csv")
            panels.save("Save as LaTeX", f"experiment-{kept.id}", to_latex(table), "tex", "text/x-tex")
            panels.save("Save as TOML", f"experiment-{kept.id}", written(declared), "toml", "application/toml")
            panels.save("Report", f"experiment-{kept.id}", _report(store, kept, baseline), "html", "text/html")


def _report(store: RunStore, kept: KeptExperiment, baseline: SettingResult) -> Callable[[], bytes]:
    """Makes it when the button is pressed."""

    def make() -> bytes:
        from engine.report.experiment import read  # draws charts, which takes seconds to load

        return finish(read(store, kept, baseline)).text.encode()

    return make


def _columns(declared: Experiment) -> Mapping[str, Any]:
    """Values of axes stay in sight while the rest is scrolled."""
    return {one.title: st.column_config.TextColumn(pinned=True) for one in declared.varied}


def _open(one: SettingResult) -> None:
    runs = [state.run for state in one.states if state.run is not None]
    if runs:
        context.select(max(runs, key=lambda run: run.created).id)
        st.switch_page("pages/run.py")


def _settings(declared: Experiment, found: Sequence[SettingResult], split: str) -> None:
    """Every setting as a line; nothing while there are fewer than two."""
    made = settings.exhibit(declared, found, split)
    if not isinstance(made, Missing):
        panels.show(made)


def _curves(found: Sequence[SettingResult], split: str) -> None:
    """The first settings of the leaderboard over the tasks."""
    top = [one for one in ranked(found, split) if one.finished][:MOST]
    if not top:
        return
    words = {key: text for key, (text, _) in MEASURES.items()}
    measure = segments.choose("Over the tasks", _MEASURE, words)
    if len({tasks for one in top for tasks in one.tasks}) == 1:
        lines = [Line(one.title, one.over_time(split, measure)) for one in top]
        panels.show(compare.curves(lines, split, measure), chart="experiment-curves")
    else:
        st.caption("Its settings have different numbers of tasks, so their curves do not stand side by side.")


def _effects(declared: Experiment, found: Sequence[SettingResult], split: str) -> None:
    told = [one for one in effects(declared, found, split) if len(declared.varied) > 0]
    if len(told) < 2:
        return
    note = "Means over all settings with a value, whatever their other values."
    with panels.panel("experiment-effects", effects_headline(told), note):
        panels.numbers("experiment-effects", effects_table(told), for_paper=True)


def _failed(states: Sequence[CellState]) -> None:
    """Runs that ended without being finished, and why."""
    odd = [state for state in states if state.run and not state.finished and state.status not in LIVE]
    if not odd:
        return
    table: Table = {
        "run": [state.run.name if state.run else "" for state in odd],
        "state": [STATUS_WORDS.get(state.status, state.status) for state in odd],
        "why": [(state.run.error if state.run else None) or "" for state in odd],
    }
    head = f"{len(odd)} run{'s'[: len(odd) != 1]} did not finish"
    with panels.panel("experiment-failed", head, "Resume tries them again; click one to open it."):
        panels.listing(table, "experiment-failed-rows", lambda row: _show(odd[row]), head)


def _show(state: CellState) -> None:
    if state.run is not None:
        context.select(state.run.id)
        st.switch_page("pages/run.py")
