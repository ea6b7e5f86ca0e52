"""A run goes on, and is looked at again, with what it began with or not at all."""

import dataclasses
import shutil

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from engine.backbone.presets import LOCAL, WEIGHTS_FILE
from engine.errors import NotApplicable, StoreDamaged
from engine.jobs import control
from engine.jobs.training import Stopped, work
from engine.model.storage import load, save
from engine.records.events import RunStarted, TaskFinished
from engine.records.identity import check_same, code_version
from engine.runs.config import configure
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.view import RunView

OLD = RunStarted(("ant", "bee", "cat"), ((0, 1), (2,)), ("test",), {"test": (2, 1)}, True)
"""As an older Plumage stored it."""
BEGAN = dataclasses.replace(
    OLD, class_digests=("A", "B", "C"), concepts_digest="T", weights_digest="W", code="sources 1, torch 2"
)


def now(**changes):
    return dataclasses.replace(BEGAN, **changes)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (now(class_names=("ant", "bee"), class_digests=("A", "B"), task_classes=((0, 1),)), "class 'cat' is gone"),
        (now(class_names=("ant", "bee", "cat", "dog"), class_digests=("A", "B", "C", "D")), "class 'dog' is new"),
        (now(class_names=("ant", "bee", "cow")), "class 'cat' is called 'cow'"),
        (now(class_digests=("B", "A", "C")), "class 'ant' has other pictures, those of 'bee'"),
        (now(class_digests=("A", "B", "half")), "class 'cat' has other pictures"),
        (now(task_classes=((2, 1), (0,))), "another order"),
        (now(concepts_digest="U"), "concept texts"),
        (now(weights_digest="V"), "weights"),
        (now(code="sources 1, torch 3"), "torch 2, now 3"),
        (now(code="sources 2, torch 2"), "sources 1, now 2"),
    ],
)
def test_what_changed_is_named(changed, said):
    check_same("r", BEGAN, BEGAN)
    with pytest.raises(NotApplicable, match=said):
        check_same("r", BEGAN, changed)


def test_what_an_older_plumage_did_not_store_is_not_compared_but_names_are():
    check_same("r", OLD, BEGAN)
    with pytest.raises(NotApplicable, match="class 'cat' is gone"):
        check_same("r", OLD, now(class_names=("ant", "bee", "dog")))


def test_the_code_is_known_by_its_sources_and_packages():
    assert code_version().startswith("sources ")
    assert "torch " in code_version()


# -- a real run of a folder ------------------------------------------------------------------------------------------


def picture(path, shade, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 30, (24, 24, 3))
    Image.fromarray((noise + shade).astype(np.uint8)).save(path)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, backbone):
    """A folder of four classes, and a home with a run of it that ended after its first task."""
    place = tmp_path_factory.mktemp("interrupted")
    for number, name in enumerate(("ant", "bee", "cat", "dog")):
        for i in range(8):
            picture(place / "photos" / "train" / name / f"{i}.png", 40 * number, 100 * number + i)
            picture(place / "photos" / "test" / name / f"{i}.png", 40 * number, 100 * number + 50 + i)
    (place / "photos" / "concepts.json").write_text('{"bee": ["six legs"]}')
    shutil.copytree(backbone.removeprefix(LOCAL), place / "photos.clip")
    sets = {"dataset": "folder", "path": str(place / "photos"), "increment": "2"}
    sets["backbone"] = f"{LOCAL}{place / 'photos.clip'}"
    store = RunStore(place / "home")
    run = store.create(configure("demo", sets, method="ncm"))

    def listen(event):
        if isinstance(event, TaskFinished):
            raise Stopped("interrupted")

    assert work(store, run, listen).status == "interrupted"
    assert store.tasks_done(run) == 1
    return place


@pytest.fixture
def again(interrupted, tmp_path):
    """A copy of it whose folder, where it always was, may be changed; put back at the end."""
    changing = ("photos", "photos.clip")
    for name in changing:
        shutil.copytree(interrupted / name, tmp_path / name)
    store = RunStore(shutil.copytree(interrupted / "home", tmp_path / "home"))
    yield store, store.resolve("last"), interrupted / "photos"
    for name in changing:
        shutil.rmtree(interrupted / name)
        shutil.copytree(tmp_path / name, interrupted / name)


def swap(photos, one, other):
    for split in ("train", "test"):
        folder = photos / split
        (folder / one).rename(folder / "aside")
        (folder / other).rename(folder / one)
        (folder / "aside").rename(folder / other)


def halve(photos):
    for i in range(4):
        (photos / "train" / "dog" / f"{i}.png").unlink()


def add(photos):
    for split in ("train", "test"):
        shutil.copytree(photos / split / "ant", photos / split / "eel")


def other_weights(photos):
    path = photos.with_name("photos.clip") / WEIGHTS_FILE
    save_file({name: tensor + 0.01 for name, tensor in load_file(path).items()}, path)


CHANGES = {
    "swapped": (lambda photos: swap(photos, "ant", "dog"), "class 'ant' has other pictures, those of 'dog'"),
    "renamed": (lambda photos: [(photos / s / "ant").rename(photos / s / "asp") for s in ("train", "test")], "'asp'"),
    "removed": (lambda photos: [shutil.rmtree(photos / s / "cat") for s in ("train", "test")], "class 'cat' is gone"),
    "added": (add, "class 'eel' is new"),
    "halved": (halve, "class 'dog' has other pictures"),
    "reworded": (lambda photos: (photos / "concepts.json").write_text('{"bee": ["8 legs"]}'), "concept texts"),
    "other weights": (other_weights, "the backbone's weights"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_does_not_go_on_in_a_folder_that_changed(again, change):
    store, run, photos = again
    act, said = CHANGES[change]
    act(photos)
    outcome = work(store, run)
    assert outcome.status == "failed"
    assert said in outcome.message
    assert store.tasks_done(run) == 1  # what is finished stays
    with pytest.raises(NotApplicable, match="have changed since"):
        _ = Lab(store, run).embedder


def test_a_run_goes_on_where_nothing_changed(again):
    store, run, _ = again
    assert work(store, run).status == "finished"


def test_a_run_does_not_go_on_with_other_code_but_a_fork_does(again, monkeypatch):
    store, run, _ = again
    monkeypatch.setattr("engine.training.loop.code_version", lambda: "sources 0, torch 0")
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    outcome = work(store, run)
    assert outcome.status == "failed"
    assert "other code" in outcome.message
    child = control.fork(run, 0, {}, store=store)
    assert work(store, child).status == "finished"
    assert RunView(store, child).setup.code == "sources 0, torch 0"


# -- models of another run -------------------------------------------------------------------------------------------


def test_a_model_of_another_seed_is_refused_by_resume_and_by_whoever_looks(again, interrupted):
    store, run, _ = again
    mine = store.snapshots(run)
    snapshot = load(mine, 0)
    save(mine, dataclasses.replace(snapshot, head=snapshot.head + 1.0))  # whole in itself, but not this run's
    with pytest.raises(StoreDamaged, match="not the file that was written here"):
        RunView(store, run).snapshot(0)
    outcome = work(store, run)
    assert outcome.status == "failed"
    assert "not the file that was written here" in outcome.message
