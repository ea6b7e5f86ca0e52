"""Fixtures of tests about runs: a small random backbone, and a home whose cache holds its features.

So workers need no open_clip.
"""

import dataclasses
import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from engine.analyses.performing import perform
from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.backbone.pretrain import PretrainConfig, architecture
from engine.jobs.analyses import Question
from engine.jobs.training import work
from engine.model.storage import load
from engine.runs.catalog import method_info
from engine.runs.config import configure
from engine.session.forgetting import to_forget
from engine.session.lab import Lab
from engine.session.unlearnt_fork import unlearn
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.replaced import replace_last
from tests.shared import made_once, own_copy

EPOCHS = {"epochs": "8", "search_epochs": "4"}


def _wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def wait_until():
    """Wait for something another process or thread does."""
    return _wait_until


@pytest.fixture(scope="session")
def same_results():
    """Assert that two finished runs agree bit for bit, in every stored metric and every weight."""
    return _same_results


def _same_results(one, other):
    assert one.tasks_done == other.tasks_done == one.tasks_total
    a, b = (metric_bytes(view) for view in (one, other))
    assert a == b
    for task in range(one.tasks_done):
        x, y = one.snapshot(task), other.snapshot(task)
        assert x.bank.concepts == y.bank.concepts
        for name in ("bottleneck", "head", "bias"):
            assert torch.equal(getattr(x, name), getattr(y, name)), (task, name)
        assert torch.equal(x.classes.means, y.classes.means)
    assert film_bytes(one) == film_bytes(other)


def film_bytes(view):
    """Every array of every beat, by task, epoch and name."""
    return {(b.task, b.epoch, name): (a.dtype, a.tobytes()) for b in view.film().beats for name, a in b.arrays.items()}


def metric_bytes(view):
    with view._store.database.reading() as db:
        rows = db.execute("SELECT task, split, name, data FROM metrics WHERE run = ?", (view.id,)).fetchall()
    return {tuple(row)[:3]: row["data"] for row in rows}


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory):
    """No test touches the developer's runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def backbone(tmp_path_factory):
    """Spec of a random model of 24 px."""
    return f"local-dir:{made_once(tmp_path_factory, 'backbone', _write_backbone)}"


def _write_backbone(folder):
    import open_clip

    tiny = PretrainConfig(images=500, batch=8, image_size=24, patch=12, width=32, layers=1, steps=6)
    (folder / CONFIG_FILE).write_text(json.dumps(architecture(tiny)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_FILE)


@pytest.fixture(scope="session")
def tiny(backbone):
    """Makes configs of the tiny preset: `tiny(method=..., epochs="3")`."""

    def make(method="clg_cbm", seed=1993, **sets):
        declared = {parameter.name for parameter in method_info(method).parameters}
        epochs = {name: value for name, value in EPOCHS.items() if name in declared}
        return configure("tiny", {"backbone": backbone, **epochs, **sets}, method=method, seed=seed)

    return make


@pytest.fixture(scope="session")
def reference(tmp_path_factory, tiny):
    """A finished, never interrupted run, for reading only: its home, store, view and config."""
    config = tiny()

    def train(home):
        store = RunStore(home)
        assert work(store, store.create(config, "reference <b>run</b>")).status == "finished"

    home = own_copy(tmp_path_factory, "reference", train)
    store = RunStore(home)
    return SimpleNamespace(home=home, store=store, view=RunView(store, store.resolve("last")), config=config)


@pytest.fixture(scope="session")
def gda_home(tmp_path_factory, tiny):
    """A home with a finished run of a method that is made of sums over images. To be read only."""

    def train(home):
        store = RunStore(home)
        assert work(store, store.create(tiny("gda"), "whole")).status == "finished"

    return own_copy(tmp_path_factory, "gda", train)


OF_ONE_METHOD = {"preference_front": "ibcl", "task_boundaries": "tame"}
"""Analyses that only runs of one method can answer."""


@pytest.fixture(scope="session")
def elsewhere_home(gda_home, tmp_path_factory, tiny):
    """Runs with answers that the tiny run cannot give: a fork that has unlearnt an image, and runs of some methods; and
    one of energies. To be read only."""

    def answer_all(home):
        store = RunStore(shutil.copytree(gda_home, home, dirs_exist_ok=True))
        lab = Lab(store, store.resolve("last"))
        fork = unlearn(lab, to_forget(lab, [], [f"train:{lab.stream.tasks[0].train[0]}"]))
        perform(store, Question(fork, 2, "unlearning", {}))
        for name, method in OF_ONE_METHOD.items():
            run = store.create(tiny(method), method)
            assert work(store, run).status == "finished"
            perform(store, Question(run, 2, name, {}))
        assert work(store, store.create(tiny("ecbm"), "ecbm")).status == "finished"

    return own_copy(tmp_path_factory, "elsewhere", answer_all)


@pytest.fixture
def own_gda_lab(gda_home, tmp_path, monkeypatch):
    """A copy of that run, reopened, to fork and to delete."""
    home = Path(shutil.copytree(gda_home, tmp_path / "gda-home"))
    monkeypatch.setenv("PLUMAGE_HOME", str(home))
    store = RunStore(home)
    return Lab(store, store.resolve("last"))


MARKUP = "<b>red</b> *crown* $x$"
"""Text of the first concept of the forgetful run."""


@pytest.fixture(scope="session")
def forgetful_home(tiny_home, tmp_path_factory):
    """The tiny run, which forgets nothing, with a last model that hardly knows its first classes. To be read only."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("forgetful") / "home"))
    store = RunStore(home)
    run = store.resolve("last")
    last = load(store.snapshots(run), 2)
    head = last.head.clone()
    head[:2] *= -0.3
    replace_last(store, run, dataclasses.replace(last, head=head), [MARKUP])
    return home


@pytest.fixture(scope="session")
def forgetful_lab(forgetful_home):
    """That run, reopened."""
    store = RunStore(forgetful_home)
    return Lab(store, store.resolve("last"))


@pytest.fixture(scope="session")
def photo_home(tmp_path_factory, tiny):
    """A home with a finished run with concepts on a folder of pictures whose truth nobody knows. To be read only."""

    def train(home):
        pictures = _write_pictures(home / "pictures")
        store = RunStore(home)
        config = tiny(dataset="folder", path=str(pictures), increment="2", epochs="2", search_epochs="1")
        assert work(store, store.create(config, "photos")).status == "finished"

    return own_copy(tmp_path_factory, "photos", train)


def _write_pictures(folder):
    """Four classes of twelve plain pictures, four of each for tests, and six concepts."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(("kite", "owl", "rail", "crake")):
        for i in range(12):
            place = folder / ("train" if i < 8 else "test") / name
            place.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 60, (24, 24, 3)) + 45 * number
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{i}.png")
    texts = ("red crown", "hooked bill", "<b>green</b> back", "long tail", "black bib", "spiky crest")
    (folder / "concepts.txt").write_text("\n".join(texts), encoding="utf-8")
    return folder


@pytest.fixture
def own_photo_home(photo_home, tmp_path, monkeypatch):
    """A copy of that home to write into, set as the home."""
    home = Path(shutil.copytree(photo_home, tmp_path / "photo-home"))
    monkeypatch.setenv("PLUMAGE_HOME", str(home))
    return home


@pytest.fixture
def store(tmp_path, monkeypatch, reference):
    """An empty store of one's own with the reference's cache."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    shutil.copytree(reference.home / "cache", tmp_path / "cache")
    return RunStore(tmp_path)


@pytest.fixture
def empty_store(tmp_path, monkeypatch):
    """A store that does not exist yet."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    return RunStore(tmp_path / "home")
