"""The report of an experiment as one HTML file: what was asked, what was found, and how it was made."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.device import machine
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.experiments import settings
from engine.exhibits.missing import Missing
from engine.exhibits.tasks import compare
from engine.exhibits.words import SPLITS
from engine.experiments.board import SettingResult, best, effects, ranked, results, shared_splits
from engine.experiments.cells import cells, count
from engine.experiments.experiment import Experiment
from engine.experiments.search import known
from engine.experiments.standing import CellState, counted, shown
from engine.experiments.toml import written
from engine.figures.compare import Line
from engine.figures.leaderboard import effects_headline, effects_table, leaderboard
from engine.figures.tables import Cell, Table, cell
from engine.metrics.wording import percent, points
from engine.report.circumstances import dated, versions
from engine.report.frame import Numbering, definitions, render
from engine.report.write import check, save
from engine.session.comparison import MEASURES, MOST
from engine.steps import Step
from engine.store.experiments import KeptExperiment
from engine.store.store import RunStore

_LAST = {"made": "How it was made", "caveats": "What it does not say", "terms": "Definitions"}
_DIGITS = 16
"""Of a digest, shown."""
_TERMS = ("last_accuracy", "average_accuracy", "forgetting")
_CAVEATS = (
    "The best setting is chosen by validation images; its figure on test images was not chosen by. The other test "
    "figures are to be looked at, not chosen from.",
    "Intervals of differences hold for all settings of this experiment together (Bonferroni), and p is Holm's. They "
    "say nothing of other data, other tasks, or settings that were not tried.",
    "Seeds of one order of classes repeat less than they seem to: other orders move accuracy more.",
    "Seconds were taken while other runs used the machine.",
)


@dataclass(frozen=True, slots=True)
class ExperimentReport:
    """An experiment as a report tells it.

    Attributes:
        runs, finished: how many it has.
        exhibits: its charts.
        text: the file.
    """

    runs: int
    finished: int
    exhibits: tuple[Exhibit, ...]
    text: str


def write(
    store: RunStore, kept: KeptExperiment, path: Path, baseline: SettingResult | None = None
) -> Generator[Step, None, ExperimentReport]:
    """Write the report of an experiment; yields progress.

    Raises:
        BadInput: the path cannot be used or written.
        BadParameter: what was declared cannot be done any more.
    """
    check(path)
    made = yield from read(store, kept, baseline)
    save(made.text, path)
    return made


def read(
    store: RunStore, kept: KeptExperiment, baseline: SettingResult | None = None
) -> Generator[Step, None, ExperimentReport]:
    """The same without a file.

    Args:
        baseline: the setting that the others are held against; the first with a finished run if not given.
    """
    declared = Experiment.from_mapping(kept.declared)
    states = shown(store, cells(declared, known(declared, kept.settings)))
    told = _Experiment(store, declared, states, results(store, declared, states), baseline)
    parts, numbered, exhibits = dict[str, dict[str, Any]](), Numbering(), list[Exhibit]()
    for number, (key, (title, tell)) in enumerate(_PARTS.items()):
        yield Step(number, len(_PARTS), title.lower())
        part = tell(told)
        exhibits += part.exhibits
        if part.exhibits or part.tables:
            drawn = [numbered(one) for one in part.exhibits]
            parts[key] = {"exhibits": drawn, "tables": part.tables, "lead": part.lead}
    terms = {*_TERMS, *(term for one in exhibits for term in one.kind.terms)}
    text = render(
        "experiment.html",
        title=kept.name,
        contents={"summary": "In short"} | {key: _PARTS[key][0] for key in parts} | _LAST,
        sentences=_sentences(told),
        note=kept.note,
        parts=parts,
        circumstances=_circumstances(kept, told),
        declared=written(declared),
        caveats=_CAVEATS,
        definitions=definitions(terms),
    )
    return ExperimentReport(len(states), sum(one.finished for one in told.some), tuple(exhibits), text)


@dataclass(frozen=True)
class _Experiment:
    """What is told of."""

    store: RunStore
    declared: Experiment
    states: Sequence[CellState]
    found: Sequence[SettingResult]
    baseline: SettingResult | None

    @property
    def some(self) -> list[SettingResult]:
        """Settings with a finished run."""
        return [one for one in self.found if one.finished]


@dataclass(frozen=True)
class _Content:
    """One part of the report; left out where it has neither charts nor tables."""

    exhibits: Sequence[Exhibit] = ()
    tables: Sequence[Mapping[str, Any]] = ()
    lead: str = ""


def _leaderboard(told: _Experiment) -> _Content:
    if not told.some:
        return _Content()
    splits, against = shared_splits(told.some), told.baseline or told.some[0]
    tables = [
        _listed(f"leaderboard-{split}", _split(split), leaderboard(told.declared, told.found, against, split))
        for split in splits
    ]
    words = ", then ".join(_split(split).lower() for split in splits)
    return _Content(
        (), tables, f"A row a setting, the most accurate first: {words}. Differences are to {against.title}"
    )


def _settings(told: _Experiment) -> _Content:
    made = settings.exhibit(told.declared, told.found)
    return _Content() if isinstance(made, Missing) else _Content([made])


def _tasks(told: _Experiment) -> _Content:
    top = [one for one in ranked(told.found) if one.finished][:MOST]
    if len({tasks for one in top for tasks in one.tasks}) != 1:
        return _Content()
    lines = {measure: [Line(one.title, one.over_time("test", measure)) for one in top] for measure in MEASURES}
    return _Content([compare.curves(each, "test", measure) for measure, each in lines.items()])


def _effects(told: _Experiment) -> _Content:
    found = effects(told.declared, told.found)
    if len(found) < 2:
        return _Content()
    lead = f"{effects_headline(found)}. Means over all settings with a value, whatever their other values"
    return _Content((), [_listed("effects", "What each value does", effects_table(found))], lead)


def _runs(told: _Experiment) -> _Content:
    """Every cell with its run, and the digest of its last model, by which somebody else can tell whether theirs is
    the same."""
    rows: list[list[Cell]] = []
    for state in told.states:
        run = state.run
        done = run.tasks_done if run else 0
        rows.append(
            [
                ", ".join((*state.cell.setting, *state.cell.repeat)),
                run.id if run else "",
                state.status,
                cell(100 * run.last_accuracy, 2) if run and run.last_accuracy is not None else None,
                cell(run.seconds, 1) if run else None,
                told.store.snapshot_digest(run.id, done - 1)[:_DIGITS] if run and done else "",
                (run.error or "") if run else "",
            ]
        )
    heads = ("values", "run", "status", "last, %", "seconds", "last model", "why it failed")
    table: Table = {head: [row[place] for row in rows] for place, head in enumerate(heads)}
    return _Content((), [_listed("runs", "Every run", table)])


_PARTS: Mapping[str, tuple[str, Callable[[_Experiment], _Content]]] = {
    "leaderboard": ("Leaderboard", _leaderboard),
    "settings": ("What the settings have in common", _settings),
    "tasks": ("Over the tasks", _tasks),
    "effects": ("What each thing that varies does", _effects),
    "runs": ("Every run", _runs),
}
"""Titles, and what makes each part, by their name in the address."""


def _split(name: str) -> str:
    return SPLITS.get(name, name)


def _listed(name: str, title: str, table: Table) -> dict[str, Any]:
    return {"name": f"experiment-{name}", "title": title, "table": table}


def _sentences(told: _Experiment) -> list[str]:
    far = ", ".join(f"{number} {status}" for status, number in counted(told.states).items())
    declared, arithmetic = count(told.declared)
    differ = f"; {len(told.states)} of them differ" if len(told.states) < declared else ""
    said = [f"{arithmetic} runs were declared{differ}: {far}."]
    top = best(told.found)
    if top is None:
        return [*said, "No setting has all its runs yet."]
    last, number = top.measured("last_accuracy"), top.finished
    spread = f" ± {points(float(np.std(last, ddof=1)), 1)}" if number > 1 else ""
    said.append(
        f"Best by validation images is {top.title} ({percent(float(top.validation.mean()), 1)}). After the last task "
        f"it gets {percent(float(last.mean()), 1)}{spread} of the test images right, over {number} "
        f"run{'s'[: number != 1]}."
    )
    return said


def _circumstances(kept: KeptExperiment, told: _Experiment) -> dict[str, str]:
    runs = [state.run for state in told.states if state.run]
    codes = sorted({run.code for run in runs if run.code})
    return {
        "Experiment": f"number {kept.id}, declared {dated(kept.created)}",
        "Runs": count(told.declared)[1],
        "Training took": f"{sum(run.seconds for run in runs):.0f} s, were it one run after the other",
        "Code": ", ".join(code[:_DIGITS] for code in codes) or "no run has begun",
        "This report": f"written {dated(time.time())} on {machine()}",
        "Versions": versions(),
    }
