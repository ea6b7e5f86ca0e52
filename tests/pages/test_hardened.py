"""Pages of a run that hardens its backbone before each task: what can be said is, and what cannot says why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from engine.backbone.presets import ASSETS, WEIGHTS_FILE
from engine.runs.task_backbones import tower
from engine.session.lab import Lab
from engine.store.store import RunStore
from tests.pages.opening import at_page
from tests.pages.saying import sound, words

_STRETCH = 1.2
"""How much more the backbone of the first task listens to its last block."""


@pytest.fixture(scope="module")
def home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run as if it had hardened its backbone: other ones after the first task, the shipped ones afterwards."""
    store = RunStore(Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("hardened") / "home")))
    run = store.resolve("last")
    for task in range(3):
        shutil.copytree(ASSETS / "aviary-clip", tower(store.folder(run), task))
    weights = tower(store.folder(run), 0) / WEIGHTS_FILE
    changed = load_file(weights)
    changed["visual.transformer.resblocks.3.mlp.c_proj.weight"] *= _STRETCH
    save_file(changed, weights)
    config = json.loads(store.row(run)["config"]) | {"hardening": "tga"}
    with store.database.writing() as db:
        db.execute("UPDATE runs SET config = ?", (json.dumps(config),))
    return store.home


@pytest.fixture
def lab(home: Path) -> Lab:
    """The run, reopened."""
    store = RunStore(home)
    return Lab(store, store.resolve("last"))


@pytest.fixture
def open_hardened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Open a page on it."""

    def opened(page: str, **query: str) -> Any:
        monkeypatch.setenv("PLUMAGE_HOME", str(home))
        return at_page(page, **query).run()

    return opened


def test_the_story_follows_an_image_with_the_eyes_of_each_task(open_hardened: Any, lab: Lab) -> None:
    row = int(lab.sample("test", 0).rows[0])
    app = open_hardened("picture", tab="time", image=f"test:{row}")
    assert not app.exception
    told = words(app)
    assert "This run hardens its backbone before each task" in told
    first = lab.dataset.class_names[lab.stream.class_order[lab.predicted("test", 0)[0]]]
    assert f"Taken for {first}" in told


def test_forgetting_is_not_divided(open_hardened: Any) -> None:
    told = words(open_hardened("repair", tab="lost"))
    assert "cannot be divided" in told


@pytest.mark.parametrize(
    ("page", "tab", "said"),
    [
        ("concepts", "", "All {} concepts"),
        ("picture", "why", "aken for "),
        ("picture", "what", "aken for"),
        ("repair", "edit", "of validation right"),
    ],
)
def test_every_page_opens_at_every_moment(open_hardened: Any, lab: Lab, page: str, tab: str, said: str) -> None:
    for task in (1, 3):
        told = words(sound(open_hardened(page, task=str(task), **({"tab": tab} if tab else {}))))
        assert said.format(len(lab.snapshot(task - 1).bank)) in told


def test_a_drawn_bird_is_answered_with_the_eyes_of_the_moment(lab: Lab) -> None:
    from pages.ui.picture import answers

    bird = lab.dataset.splits["test"].birds(0)
    asked = {task: answers.ask(lab, lab.snapshot(task), [bird])[0] for task in (0, 2)}
    for task, answer in asked.items():
        feature = lab.embed(lab.pixels("test", [0]), task)[0]
        np.testing.assert_allclose(answer.feature, feature, atol=1e-5)
    assert not np.allclose(asked[0].feature, asked[2].feature, atol=1e-3)


def test_the_map_shows_scores_of_the_moment(lab: Lab) -> None:
    from engine.exhibits.concepts.atlas import scores as scored
    from pages.ui.concepts import atlas

    found = atlas.pca(lab, 2)
    scores, limits = scored(lab, found, 0, 0)
    rows = lab.sample("test", 2).rows[found.at]
    expected = lab.embed(lab.pixels("test", rows[:2]), 0) @ lab.snapshot(0).bottleneck[0]
    np.testing.assert_allclose(scores[:2], expected, atol=1e-4)
    assert limits[0] < limits[1]
