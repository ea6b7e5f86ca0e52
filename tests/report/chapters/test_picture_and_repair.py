"""The chapters of Picture and Repair show every kind of their pages, or say what is missing and who can bring it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import engine.exhibits.every
from engine.analyses.performing import answer, perform
from engine.exhibits.exhibit import KINDS, Exhibit
from engine.exhibits.picture import one, surgery
from engine.exhibits.picture.first import first
from engine.exhibits.repair import causes, effect, later, repairs
from engine.exhibits.repair.curves import POLICY_CURVES
from engine.interventions.edits import PruneGroup
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.report.chapters import picture, repair
from engine.report.chapters.base import Gap, Shown
from engine.runs.config import preset
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore

_EDITS = 2 * 13 * 6


def kinds_of(page: str) -> set[str]:
    engine.exhibits.every.load()
    return {kind.name for kind in KINDS.values() if kind.page == page}


def shown_and_missing(shown: list[Shown]) -> tuple[set[str], dict[str, Gap]]:
    drawn = {one.kind.name for one in shown if isinstance(one, Exhibit)}
    return drawn, {kind.name: gap for gap in shown if isinstance(gap, Gap) for kind in gap.kinds}


@pytest.fixture(scope="module")
def plain(tiny_home: Path) -> list[Shown]:
    """Repair of a run of which nothing was asked."""
    store = RunStore(tiny_home)
    return list(repair.chapter(RunFacts(store, store.resolve("last"))))


@pytest.fixture(scope="module")
def full(tiny_home: Path, tiny_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Repair of a run with a scenario and all analyses, with few edits of birds."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("full") / "home"))
    store = RunStore(home)
    run = store.resolve("last")
    kept = Scenarios(store).save(run, 1, "no <b>habitat</b>", [to_mapping(PruneGroup("habitat"))])
    for task, name, settings in (
        (2, "repairs", {}),
        (2, "oracles", {}),
        (2, "curves", {}),
        (1, "replay", {"scenario": kept.id, "until": 3}),
    ):
        question = Question(run, task, name, settings)
        perform(store, question)
    edits = answer(tiny_lab, Question(run, 2, "causal_effects", {"edits": _EDITS}))
    Analyses(store).keep(Question(run, 2, "causal_effects", {}), edits, 1.0)
    return list(repair.chapter(RunFacts(store, run)))


def test_picture_shows_every_kind_or_why_not(tiny_home: Path) -> None:
    store = RunStore(tiny_home)
    facts = RunFacts(store, store.resolve("last"))
    shown = list(picture.chapter(facts))
    drawn, missing = shown_and_missing(shown)
    assert drawn | set(missing) == kinds_of("picture")
    assert {"answer", "reasons", "concept-map", "picture-story", "near-classes", one.BEFORE_NOW.name} <= drawn
    assert {surgery.BIRD.name, surgery.ANSWERS.name, surgery.MOVED.name} <= drawn
    (bird,) = (e for e in shown if isinstance(e, Exhibit) and e.kind is surgery.BIRD)
    assert "Of all 64 single changes it is the one that" in bird.caption
    keys = [one.key for one in shown if isinstance(one, Exhibit)]
    assert len(keys) == len(set(keys))
    chosen = first(facts.lab, facts.moment)
    assert isinstance(shown[0], Exhibit) and chosen.ref in shown[0].caption and chosen.rule in shown[0].caption


def test_at_the_first_task_nothing_is_lost(tiny_home: Path) -> None:
    store = RunStore(tiny_home)
    drawn, missing = shown_and_missing(list(repair.chapter(RunFacts(store, store.resolve("last"), 0))))
    assert "Nothing can be forgotten before the second task" in missing["forgotten"].why and "scenarios" in drawn


def test_repair_of_a_fresh_run_previews_an_edit_and_names_what_can_be_computed(plain: list[Shown]) -> None:
    drawn, missing = shown_and_missing(plain)
    assert drawn | set(missing) == kinds_of("repair")
    assert {effect.SPLITS.name, "scenarios"} <= drawn
    previews = [e.caption for e in plain if isinstance(e, Exhibit) and e.kind.name.startswith("edit-")]
    assert previews and all("A preview that nobody saved" in caption for caption in previews)
    assert missing[repairs.REPAIRS.name].analysis == "repairs" and missing[POLICY_CURVES.name].analysis == "curves"
    assert (missing[causes.FLIPS.name].analysis, missing[causes.FLIPS.name].settings) == ("causal_effects", {})
    assert not missing[later.SURVIVAL.name].analysis and "no scenario" in missing[later.SURVIVAL.name].why


def test_repair_shows_every_kind_once_all_is_computed(full: list[Shown]) -> None:
    drawn, missing = shown_and_missing(full)
    assert drawn | set(missing) == kinds_of("repair")
    assert set(missing) <= {"click-budget", "forgotten", "unlearning"}  # it forgot nothing, and cannot on purpose
    (flips,) = (e for e in full if isinstance(e, Exhibit) and e.kind is causes.FLIPS)
    assert f"{_EDITS} edits of 12 test birds" in flips.caption
    captions = [e.caption for e in full if isinstance(e, Exhibit) and e.kind is effect.SPLITS]
    assert "The newest scenario, “no <b>habitat</b>”, made after task 2" in captions[0]
    assert "<b>habitat" not in "".join(e.figure.to_json() for e in full if hasattr(getattr(e, "figure", 0), "to_json"))


def test_a_replay_that_nobody_asked_for_is_named(own_tiny_home: Path) -> None:
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    kept = Scenarios(store).save(run, 1, "out", [to_mapping(PruneGroup("habitat"))])
    _, missing = shown_and_missing(list(repair.chapter(RunFacts(store, run))))
    gap = missing[later.SURVIVAL.name]
    assert (gap.analysis, gap.settings, gap.after(2)) == ("replay", {"scenario": kept.id, "until": 3}, 1)


def test_a_scenario_that_cannot_be_read_leaves_a_gap_and_the_rest(own_tiny_home: Path) -> None:
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    Scenarios(store).save(run, 2, "odd", [{"kind": "explode"}])
    drawn, missing = shown_and_missing(list(repair.chapter(RunFacts(store, run))))
    assert "cannot be made to this model" in missing[effect.SPLITS.name].why
    assert later.SURVIVAL.name in missing and "edit-splits" not in drawn


def test_a_model_without_concepts_has_nothing_to_set_but_can_be_explained(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.create(preset("tiny").changed(method="ncm"))
    assert work(store, run).status == "finished"
    facts = RunFacts(store, run)
    drawn, missing = shown_and_missing(list(repair.chapter(facts)))
    assert drawn | set(missing) == kinds_of("repair") and effect.SPLITS.name in missing
    drawn, missing = shown_and_missing(list(picture.chapter(facts)))
    assert "reasons" in drawn and drawn | set(missing) == kinds_of("picture")
    assert {surgery.BIRD.name, surgery.ANSWERS.name} <= drawn
    assert "no concepts in between" in missing[surgery.MOVED.name].why
