"""The chapters on training and on concepts: every kind of the pages, or a gap that says what to compute."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.exhibits.concepts import (
    atlas,
    beside,
    control,
    embedding,
    exemplars,
    expected,
    past_concepts,
    rules,
    search,
    timeline,
)
from engine.exhibits.concepts import words as in_words
from engine.exhibits.every import load
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.run import live
from engine.exhibits.tasks import classes as one_class
from engine.jobs.analyses import Analyses, Question
from engine.report.chapters import concepts
from engine.report.chapters import run as run_chapter
from engine.report.chapters import tasks as tasks_chapter
from engine.report.chapters.base import Gap, Shown
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.pages import concept_runs as runs
from tests.pages.stores import write_run

LAST = 2


@pytest.fixture(scope="module")
def bare(tiny_home: Path) -> list[Shown]:
    """The chapter on concepts of the tiny run, which nobody has analysed."""
    store = RunStore(tiny_home)
    return list(concepts.chapter(RunFacts(store, store.resolve("last"))))


@pytest.fixture(scope="module")
def full(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """The same where everything was computed."""
    store = RunStore(Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("full") / "home")))
    facts = RunFacts(store, store.resolve("last"))
    _keep(facts, exemplars.ANALYSIS)
    _keep(facts, atlas.ANALYSIS)
    _keep(facts, rules.ANALYSIS)
    _keep(facts, in_words.ANALYSIS)
    found = runs.control(tasks=LAST + 1)
    runs.keep(store.home, facts.view.id, LAST, control.ANALYSIS, found)
    runs.keep(store.home, facts.view.id, LAST, search.ANALYSIS, runs.search(LAST + 1))
    more = {"sparse_accuracy": runs.sparse(), "leakage": runs.leakage(), "concept_relations": runs.relations(LAST + 1)}
    for name, result in more.items():
        runs.keep(store.home, facts.view.id, LAST, name, result)
    return list(concepts.chapter(facts))


def _keep(facts: RunFacts, name: str) -> None:
    question, analyses = Question(facts.view.id, LAST, name, {}), Analyses(facts.store)
    analyses.keep(question, answer(facts.lab, question), 1.0)


def kinds(shown: list[Shown]) -> set[str]:
    return {one.kind.name for one in shown if isinstance(one, Exhibit)}


def of(page: str) -> set[str]:
    return {kind.name for kind in load().values() if kind.page == page}


def test_everything_the_page_shows_is_there_or_missing_for_a_reason(bare: list[Shown]) -> None:
    gaps = {kind.name: gap for gap in bare if isinstance(gap, Gap) for kind in gap.kinds}
    assert kinds(bare) | set(gaps) == of("concepts")
    assert not kinds(bare) & set(gaps)
    assert {name: gap.analysis for name, gap in gaps.items()} == {
        exemplars.IMAGES.name: exemplars.ANALYSIS,
        embedding.MAP.name: atlas.ANALYSIS,
        control.CONTROL.name: control.ANALYSIS,
        search.KINDS.name: search.ANALYSIS,
        search.STABILITY.name: search.ANALYSIS,
        rules.RULES.name: rules.ANALYSIS,
        in_words.CLASS_WORDS.name: in_words.ANALYSIS,
        past_concepts.SHARE.name: "",
        expected.EXPECTED.name: "",
        **beside.ANALYSES,
    }


def test_with_all_analyses_nothing_is_missing(full: list[Shown]) -> None:
    gaps = [kind.name for one in full if isinstance(one, Gap) for kind in one.kinds]
    assert gaps == [past_concepts.SHARE.name, expected.EXPECTED.name]  # its model answers from its concepts alone
    assert kinds(full) == of("concepts") - set(gaps)
    keys = [one.key for one in full if isinstance(one, Exhibit)]
    assert len(keys) == len(set(keys))
    for one in (one for one in full if isinstance(one, Exhibit)):
        assert one.headline and one.caption
        assert one.table is not None and len({len(column) for column in one.table().values()}) == 1


def test_the_concept_is_the_one_whose_auc_fell_most_at_once(tiny_home: Path, bare: list[Shown]) -> None:
    store = RunStore(tiny_home)
    view = RunFacts(store, store.resolve("last")).view
    every = [view.concept_metrics(t) for t in range(LAST + 1)]
    aucs = np.full((LAST + 1, len(every[-1].text)), np.nan)
    for t, then in enumerate(every):
        aucs[t, : len(then.text)] = then.auc["test"]
    falls = np.nan_to_num(-np.diff(aucs, axis=0)).max(0)
    worst = int(falls.argmax()) if falls.max() >= 0.03 else int(every[-1].drift.argmax())
    shown = next(one for one in bare if isinstance(one, Exhibit) and one.kind == timeline.TURNS)
    assert f"“{every[-1].text[worst]}”" in shown.caption


def test_a_chapter_after_an_earlier_task_knows_nothing_of_later_ones(tiny_home: Path) -> None:
    store = RunStore(tiny_home)
    facts = RunFacts(store, store.resolve("last"), 0)
    for one in concepts.chapter(facts):
        if isinstance(one, Exhibit) and one.kind in (timeline.VALUES, timeline.TURNS):
            assert one.table is not None and one.table()["after task"] == [1]
    rows = next(one for one in run_chapter.chapter(facts) if isinstance(one, Exhibit))
    assert rows.table is not None and set(rows.table()["task"]) == {1}


def test_a_method_without_concepts_has_a_map_and_says_why_there_is_no_more(
    tiny_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.view.RunView.concept_metrics", lambda self, task: None)
    store = RunStore(tiny_home)
    first, *rest = concepts.chapter(RunFacts(store, store.resolve("last")))
    assert isinstance(first, Gap) and "whole classes, not concepts" in first.why and not first.analysis
    named = {kind.name for kind in first.kinds} | kinds(rest) | {embedding.MAP.name, in_words.CLASS_WORDS.name}
    assert named == of("concepts")


def test_the_chapter_on_training_pictures_every_class(tiny_home: Path) -> None:
    store = RunStore(tiny_home)
    facts = RunFacts(store, store.resolve("last"))
    shown = list(run_chapter.chapter(facts))
    assert kinds(shown) == of("run")
    classes = next(one for one in shown if isinstance(one, Exhibit) and one.kind == live.CLASSES)
    assert [plate.title for plate in classes.figure] == [
        facts.view.class_names[i] for i in facts.view.class_ids_seen(LAST)
    ]


def test_the_chapter_on_tasks_follows_the_class_that_lost_most(tmp_path: Path) -> None:
    facts = RunFacts(RunStore(tmp_path), write_run(tmp_path))
    found = [one for one in tasks_chapter.chapter(facts) if isinstance(one, Exhibit) and one.kind == one_class.RECALL]
    assert [one.key for one in found] == ["class-recall-test", "class-recall-moved"]
    assert facts.view.class_names[0] in found[0].headline and "lost most since its best" in found[0].caption


def test_every_kind_of_these_pages_is_taught() -> None:
    for name, kind in load().items():
        if kind.page in ("run", "tasks", "concepts"):
            for part in ("what", "why", "reading", "caveats"):
                said = getattr(kind.lesson, part)
                assert said.endswith(".") and len(said) >= 60, f"{name}: {part}"
