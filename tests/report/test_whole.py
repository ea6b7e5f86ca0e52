"""Where everything was computed, the report shows every exhibit that there is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from engine.analyses.performing import answer, perform
from engine.drawing.export import drawing
from engine.exhibits import every
from engine.interventions.edits import PruneGroup
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Question
from engine.model.storage import load
from engine.params import Value
from engine.report.book import Book, read
from engine.report.html import page
from engine.session.facts import RunFacts
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from tests.pages import concept_runs, robust_runs
from tests.replaced import replace_last
from tests.report.conftest import drained
from tests.report.test_book import ELSEWHERE
from tests.report.twinned import twin_of

_LAST, _TASKS = 2, 3
_EDITS = 2 * 13 * 6
"""The fewest that cover every attribute."""
_ENOUGH = 0.045
"""By so much its logit leads for about half of the test images of the first class."""
_EXCEPTIONS: Mapping[str, str] = {
    "compare-losses": "no other method was trained on its data",
    "compare-methods": "no other method was trained on its data",
    "expected": "its model has no energies",
    "expert-routing": "its method is told where tasks begin",
    "task-boundaries": "its method is told where tasks begin",
    "preference-front": "its method takes no other preference without training",
    "unlearning": "its method cannot unlearn exactly",
    "past-concepts": "its model answers from its concepts alone",
    "past-concepts-share": "its model answers from its concepts alone",
}
"""Kinds that this run cannot show, each with the reason; `test_elsewhere` holds that other runs' reports do."""


@pytest.fixture(scope="module")
def whole(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The tiny run with a twin, an edited model and all analyses: the fast ones computed, the slow ones written."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("whole") / "home"))
    store = RunStore(home)
    run = store.resolve("last")
    _forget(store, run)
    facts = RunFacts(store, run)
    for name in ("exemplars", "embedding_map", "repairs", "oracles", "curves", "forgetting_floor", "rules", "words"):
        _compute(store, Question(run, _LAST, name, {}))
    kept = Scenarios(store).save(run, 1, "no habitat", [to_mapping(PruneGroup("habitat"))])
    _compute(store, Question(run, 1, "replay", {"scenario": kept.id, "until": _TASKS}))
    few: Mapping[str, Value] = {"edits": _EDITS}
    found = answer(facts.lab, Question(run, _LAST, "causal_effects", dict(few)))
    concept_runs.keep(home, run, _LAST, "causal_effects", found)
    concept_runs.keep(home, run, _LAST, "random_words", concept_runs.control(tasks=_TASKS))
    concept_runs.keep(home, run, _LAST, "search_stability", concept_runs.search(_TASKS))
    concept_runs.keep(home, run, _LAST, "sparse_accuracy", concept_runs.sparse())
    concept_runs.keep(home, run, _LAST, "leakage", concept_runs.leakage())
    concept_runs.keep(home, run, _LAST, "concept_relations", concept_runs.relations(_TASKS))
    for one in (run, twin_of(store, run)):
        robust_runs.store(home, one, _LAST, robust_runs.arrays(_TASKS))
    return drained(read(RunFacts(store, run)))[0]


def _forget(store: RunStore, run: str) -> None:
    """Make the last model forget half of a class: the tiny run forgets too little to show."""
    model = load(store.snapshots(run), _LAST)
    bias = model.bias.clone()
    bias[0] -= _ENOUGH
    replace_last(store, run, replace(model, bias=bias))


def _compute(store: RunStore, question: Question) -> None:
    perform(store, question)


def _of_a_run() -> set[str]:
    """Kinds of exhibit but those of the report of an experiment."""
    return {name for name, kind in every.load().items() if kind.page not in ELSEWHERE}


def test_every_kind_is_shown(whole: Book) -> None:
    shown = {exhibit.kind.name for exhibit in whole.exhibits}
    missing = {kind.name: gap.why for gap in whole.gaps for kind in gap.kinds}
    lacking = _of_a_run() - shown
    assert lacking == set(_EXCEPTIONS), {name: missing.get(name) for name in lacking}


def test_nothing_that_is_shown_is_missing_too(whole: Book) -> None:
    assert not {kind.name for gap in whole.gaps for kind in gap.kinds} & {one.kind.name for one in whole.exhibits}
    assert not [gap.analysis for gap in whole.gaps if gap.analysis]


def test_every_chart_can_be_saved_as_a_drawing(whole: Book) -> None:
    """By its words: what a chart says in text stands in the drawing too."""
    charts = {one.key: one.figure for one in whole.exhibits if hasattr(one.figure, "to_plotly_json")}
    assert len(charts) > 40
    for key, figure in charts.items():
        texts = {unescape(text) for text in re.findall(r"<tspan[^>]*>([^<]+)</tspan>", drawing(figure))}
        titles = {str(axis.title.text) for axis in (figure.layout.xaxis, figure.layout.yaxis) if axis.title.text}
        hidden = {str(axis.title.text) for axis in (figure.layout.xaxis, figure.layout.yaxis) if axis.visible is False}
        assert {part for title in titles - hidden for part in title.split("<br>")} <= texts, key


def test_the_file_has_an_element_of_every_exhibit(whole: Book) -> None:
    text = page(whole)
    elements = re.findall(r'<article class="exhibit" data-kind="([^"]*)" data-key="([^"]*)">', text)
    assert [key for _, key in elements] == [exhibit.key for exhibit in whole.exhibits]
    assert {kind for kind, _ in elements} >= _of_a_run() - set(_EXCEPTIONS)
    assert len(text) < 12_000_000
