"""What tests of several packages share: one real run, trained once, on the shipped CLIP."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.shared import made_once, own_copy

pytest_plugins = ["tests.run_fixtures"]


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """Nothing waits for the disk, as no test outlives a power failure: a transaction takes 0.3 ms instead of 19."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: None)
        patched.setattr("engine.store.database._SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run of the tiny preset (6 species, 3 tasks). To be read only: copy it to write."""
    return own_copy(tmp_path_factory, "tiny", _train_tiny)


def _train_tiny(home: Path) -> None:
    from engine.jobs.training import work
    from engine.runs.config import preset
    from engine.store.store import RunStore

    store = RunStore(home)
    assert work(store, store.create(preset("tiny"), "tiny")).status == "finished"


CHEAP = {
    "causal_effects": {"edits": 104},
    "pointing": {"images": 20},
    "random_words": {"controls": 1},
    "robustness": {"attack": "fgsm", "eps": "2,4", "steps": 1},
}
"""Settings that make an analysis short; what it finds is kept under the default ones where its form allows that."""


@pytest.fixture(scope="session")
def answered_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run with every analysis answered after its last task, and a scenario. To be read only."""

    def answer_all(home: Path) -> None:
        _answer_all(Path(shutil.copytree(tiny_home, home, dirs_exist_ok=True)))

    return own_copy(tmp_path_factory, "answered", answer_all)


def _answer_all(home: Path) -> None:
    from engine.analyses.base import ANALYSES
    from engine.analyses.performing import answer
    from engine.interventions.edits import SetWeight
    from engine.interventions.stored_edits import to_mapping
    from engine.jobs.analyses import Analyses, Question
    from engine.session.lab import Lab
    from engine.store.scenarios import Scenarios
    from engine.store.store import RunStore

    store = RunStore(home)
    run = store.resolve("last")
    lab, analyses = Lab(store, run), Analyses(store)
    edit = to_mapping(SetWeight(lab.view.concept_metrics(2).text[0], 0, 0.5))
    scenario = Scenarios(store).save(run, 2, "first <try>", [edit], "a note")
    for name in ANALYSES:
        if ANALYSES.get(name)().why_not(lab) is not None:
            continue  # what this run cannot answer, `elsewhere_home` has, and a test holds that one of them does
        settings = CHEAP.get(name, {"scenario": scenario.id} if name == "replay" else {})
        result = answer(lab, Question(run, 2, name, settings))
        question = Question(run, 2, name, {} if name in ("causal_effects", "random_words") else settings)
        analyses.keep(question, result, 1.5)


@pytest.fixture
def own_tiny_home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy of `tiny_home` that a test may change."""
    return Path(shutil.copytree(tiny_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def tiny_lab(tiny_home: Path):
    """The tiny run, reopened."""
    from engine.session.lab import Lab
    from engine.store.store import RunStore

    store = RunStore(tiny_home)
    return Lab(store, store.resolve("last"))


@pytest.fixture(scope="session")
def tiny_floor(tiny_lab):
    """What the Tasks page asks for by itself, computed once: the question, and its answer."""
    from engine.analyses.performing import answer
    from engine.jobs.analyses import Question
    from engine.session.floor import NAME

    question = Question(tiny_lab.view.id, tiny_lab.view.tasks_done - 1, NAME, {})
    return question, answer(tiny_lab, question)


@pytest.fixture
def open_tiny(own_tiny_home: Path, tiny_floor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Open a page of the dashboard over a copy of the tiny run, whose floor of forgetting is known."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from engine.jobs.analyses import Analyses
    from engine.store.store import RunStore
    from tests.pages.opening import at_page

    question, found = tiny_floor
    analyses = Analyses(RunStore(own_tiny_home))
    analyses.keep(question, found, 1.0)
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def opened(page: str, **query: str) -> AppTest:
        return at_page(page, **query).run()

    return opened


def _write_model(folder, vision=None):
    """Write a small random open_clip model; `vision` says what its visual tower has other than the shipped one."""
    import json

    import open_clip
    import torch
    from safetensors.torch import save_file

    from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
    from engine.backbone.pretrain import PretrainConfig, architecture

    tiny = PretrainConfig(images=500, batch=8, image_size=24, patch=12, width=32, layers=1, steps=6)
    folder.mkdir(parents=True, exist_ok=True)
    config = architecture(tiny)
    config["model_cfg"]["vision_cfg"].update(vision or {})
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_FILE)
    return folder


@pytest.fixture(scope="session")
def write_model():
    """Writes a small random open_clip model into a folder: `write_model(folder, vision)`; returns the folder."""
    return _write_model


@pytest.fixture(scope="session")
def additive_folder(tmp_path_factory):
    return _write_model(tmp_path_factory.mktemp("additive"))


@pytest.fixture(scope="session")
def class_token_folder(tmp_path_factory):
    return _write_model(tmp_path_factory.mktemp("class-token"), {"pool_type": "tok"})


@pytest.fixture(scope="session")
def convolutional_folder(tmp_path_factory):
    vision = {"layers": [1, 1, 1, 1], "width": 8, "image_size": 32}
    return _write_model(tmp_path_factory.mktemp("resnet"), vision)


@pytest.fixture(scope="session")
def joined_folder(tmp_path_factory):
    """A random model of the form that `python -m engine photo-clip` makes: 64 px, 24 dimensions. To be read only."""
    from tests.joined import write_joined

    return made_once(tmp_path_factory, "joined", write_joined)


@pytest.fixture(scope="session")
def behind_its_back():
    """Change what a store holds as a flipped bit on the disk would: `behind_its_back(store, statement, *values)`."""
    return _behind_its_back


def _behind_its_back(store, statement, *values):
    with closing(sqlite3.connect(store.database.path, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        assert db.execute(statement, values).rowcount > 0
        for _, sql in triggers:
            db.execute(sql)
