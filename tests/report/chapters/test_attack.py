"""The chapter of Attack shows every kind of its page, or says what is missing and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import engine.exhibits.every
from engine.exhibits.attack import accuracy, attacked, concepts, pair, parts, shifts, twin
from engine.exhibits.exhibit import KINDS, Exhibit
from engine.exhibits.picture import surgery
from engine.exhibits.repair import causes
from engine.jobs.training import work
from engine.report.chapters import attack, picture, repair
from engine.report.chapters.base import Gap, Shown
from engine.runs.config import configure
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.pages import robust_runs
from tests.pages.stores import config, write_run
from tests.report.twinned import twin_of

_LAST = 2
"""The tiny run's last task."""
_EDITS = 2 * 13 * 6


def kinds_of(page: str) -> set[str]:
    engine.exhibits.every.load()
    return {kind.name for kind in KINDS.values() if kind.page == page}


ONE = {kind.name for kind in attack.ONE}
"""Kinds about one attacked picture; the other ones of the page are about all of them."""


def read(chapter: Callable[[RunFacts], Iterator[Shown]], store: RunStore, run: str = "last", moment: int | None = None):
    """Names of the kinds drawn, the gaps by kind, and the exhibits; keys are unique and every table can be made."""
    shown = list(chapter(RunFacts(store, store.resolve(run), moment)))
    exhibits = [one for one in shown if isinstance(one, Exhibit)]
    keys = [one.key for one in exhibits]
    assert len(keys) == len(set(keys))
    for one in exhibits:
        assert one.headline and one.caption and not one.caption.endswith(".")
        if one.table is not None:
            assert len({len(column) for column in one.table().values()}) == 1
    gaps = {kind.name: gap for gap in shown if isinstance(gap, Gap) for kind in gap.kinds}
    return {one.kind.name for one in exhibits}, gaps, exhibits


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    """A run on a folder of plain pictures: no concepts, no truth, nothing that can be drawn again."""
    home, data = tmp_path_factory.mktemp("photographs"), tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for number, name in enumerate(("kite", "owl", "rail & co", "crake")):
        (data / name).mkdir()
        for i in range(12):
            pixels = rng.integers(0, 60, (24, 24, 3)) + 45 * number
            Image.fromarray(pixels.astype(np.uint8)).save(data / name / f"{i}.png")
    store = RunStore(home)
    sets = {"dataset": "folder", "path": str(data), "increment": "2"}
    assert work(store, store.create(configure("tiny", sets, method="ncm", seed=0), "")).status == "finished"
    return store


# -- one picture -------------------------------------------------------------------------------------------------------


def test_attack_shows_one_picture_and_says_by_which_rule(tiny_home: Path) -> None:
    drawn, gaps, exhibits = read(attack.chapter, RunStore(tiny_home))
    assert drawn | set(gaps) == kinds_of("attack")
    assert set(gaps) & ONE == {twin.TWIN.name} and "in its backbone alone" in gaps[twin.TWIN.name].why
    first = exhibits[0]
    assert first.kind is attacked.PICTURE
    told = "The picture is test image [0-9]+, chosen because .*; of 12 right answers the attack turns"
    assert re.search(told, first.caption)
    assert "no pixel by more than 4 of 255 levels" in first.caption
    assert [plate.title for plate in first.figure] == ["Clean", "Attacked", "What was changed"]


def test_attack_at_the_first_task_and_without_a_map(tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.exhibits.attack.scene.possible", lambda case, aim: ({}, {}))
    monkeypatch.setattr("engine.exhibits.attack.aims.possible", lambda case, aim: ({}, {}))
    drawn, gaps, _ = read(attack.chapter, RunStore(tiny_home), moment=0)
    assert drawn | set(gaps) == kinds_of("attack")
    assert {attacked.ATTENTION.name, parts.PARTS.name} <= set(gaps)


def test_attack_compares_with_a_twin(own_tiny_home: Path) -> None:
    """On a copy of the same weights a twin does exactly the same."""
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    twin_of(store, run)
    _, gaps, exhibits = read(attack.chapter, store, run)
    assert not set(gaps) & ONE
    (found,) = (one for one in exhibits if one.kind is twin.TWIN)
    assert found.table is not None
    table = found.table()
    assert table["taken for"][0] == table["taken for"][1] and table["margin attacked"][0] == table["margin attacked"][1]


def test_photographs_are_attacked_and_cannot_be_operated_on(photographs: RunStore) -> None:
    drawn, gaps, _ = read(attack.chapter, photographs)
    assert drawn | set(gaps) == kinds_of("attack") and attacked.PICTURE.name in drawn and drawn <= ONE
    for chapter, kind in ((picture.chapter, surgery.BIRD), (repair.chapter, causes.FLIPS)):
        _, gaps, _ = read(chapter, photographs)
        assert "photographs" in gaps[kind.name].why


def test_a_run_whose_models_are_gone_leaves_gaps(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    drawn, gaps, _ = read(attack.chapter, RunStore(tmp_path), run)
    assert not drawn and set(gaps) == kinds_of("attack")


# -- all pictures ------------------------------------------------------------------------------------------------------


@pytest.fixture
def measured(tmp_path: Path) -> str:
    """A run of four tasks that was measured, and its twin, measured alike, which holds twice as well."""
    run = write_run(tmp_path)
    other = write_run(tmp_path, setup=config().changed(backbone="aviary-clip-tga"))
    robust_runs.store(tmp_path, run, 3, robust_runs.arrays())
    robust_runs.store(tmp_path, other, 3, robust_runs.arrays(kept=(1.0, 1.0, 0.75, 0.5)))
    return run


def test_all_pictures_shows_every_kind(tmp_path: Path, measured: str) -> None:
    """Of 32 images 24 are right. At 4/255 the first is held of each class, of the first task's none: 6 of 32, and of
    the twin three (two of the first task's): 22."""
    drawn, gaps, exhibits = read(attack.chapter, RunStore(tmp_path), measured)
    assert drawn == kinds_of("attack") - ONE and set(gaps) == ONE
    by_key = {one.key: one for one in exhibits}
    assert by_key["robust-matrix-clean"].headline == "75 % right without an attack"
    assert by_key["robust-matrix-attacked"].headline == "19 % right under attack at 4/255"
    assert by_key[pair.BOTH.name].headline.startswith("Under attack at 4/255: +50 points")
    assert by_key[pair.GAIN.name].headline.startswith("On the attacked images before the attack: 0 points")


def test_all_pictures_at_an_earlier_task_reads_the_same_measurement(tmp_path: Path, measured: str) -> None:
    """After the first task 8 images are known, 6 of them rightly; at 4/255 none."""
    _, _, exhibits = read(attack.chapter, RunStore(tmp_path), measured, moment=0)
    assert {one.key: one.headline for one in exhibits}["robust-matrix-clean"] == "75 % right without an attack"


def test_all_pictures_without_a_measurement_names_it(tmp_path: Path) -> None:
    drawn, gaps, _ = read(attack.chapter, RunStore(tmp_path), write_run(tmp_path))
    assert not drawn and set(gaps) == kinds_of("attack")
    assert (gaps[accuracy.FALL.name].analysis, gaps[accuracy.FALL.name].settings) == ("robustness", {})


def test_what_a_measurement_left_out_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    robust_runs.store(tmp_path, run, 3, robust_runs.arrays(maps=False), to_the_end=False)
    drawn, gaps, _ = read(attack.chapter, RunStore(tmp_path), run)
    assert drawn == {kind.name for kind in (accuracy.MATRIX, accuracy.FALL, accuracy.FORGETTING)}
    assert "To the end" in gaps[shifts.CLAIM.name].remedy and "To the end" in gaps[concepts.FOOLED.name].remedy
    assert "differs from this one in its backbone" in gaps[pair.BOTH.name].why


def test_a_model_without_concepts_or_patches_keeps_its_curves(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    robust_runs.store(tmp_path, run, 3, robust_runs.arrays(maps=False, concepts=()))
    drawn, gaps, _ = read(attack.chapter, RunStore(tmp_path), run)
    assert accuracy.FALL.name in drawn
    assert "patch tokens" in gaps[shifts.SHIFT.name].why and "no concepts" in gaps[concepts.FOOLED.name].why
