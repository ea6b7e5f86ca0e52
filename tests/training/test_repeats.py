"""Test images that a run learns from too: counted once, kept with it, shown, and carried by its archive."""

import json

import numpy as np
import pytest
from PIL import Image

from engine.archive.record import _setup
from engine.bench._findings import recomputed
from engine.commands.show import as_mapping, as_text
from engine.data.dataset import RepeatedImages
from engine.data.folder import open_folder
from engine.data.repeated import pixel_digests
from engine.errors import BadInput
from engine.findings.base import findings
from engine.jobs.training import work
from engine.records.events import RunStarted, event_from_mapping
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.training import repeats


@pytest.fixture
def folder(tmp_path):
    """Two classes of eight noisy pictures, one of each in train and in test: one as it is, one saved again."""
    rng = np.random.default_rng(5)
    for name in ("cat", "dog"):
        for split, count in (("train", 6), ("test", 2)):
            (tmp_path / "pets" / split / name).mkdir(parents=True)
            for i in range(count):
                noise = Image.fromarray(rng.integers(0, 256, (30, 30, 3)).astype(np.uint8))
                noise.save(tmp_path / "pets" / split / name / f"{i}.png")
    root = tmp_path / "pets"
    (root / "test" / "cat" / "2.png").write_bytes((root / "train" / "cat" / "0.png").read_bytes())
    Image.open(root / "train" / "dog" / "0.png").save(root / "test" / "dog" / "2.bmp")
    return root


def test_pixels_are_remembered_by_content(folder, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(repeats, "pixel_digests", lambda files: asked.extend(files) or pixel_digests(files))
    for _ in range(2):
        assert repeats.count(open_folder(folder), tmp_path / "cache") == RepeatedImages(1, 1)
    assert len(asked) == 12 + 5  # all but the copy, once


def test_a_run_keeps_the_count_and_shows_it(folder, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    store = RunStore(tmp_path / "home")
    run = store.create(tiny("ncm", dataset="folder", path=str(folder), increment="1", order="listed"))
    assert work(store, run).status == "finished"
    view = RunView(store, run)
    assert view.repeated == RepeatedImages(1, 1)
    assert as_mapping(view)["repeated"] == {"same_bytes": 1, "same_pixels": 1}
    (told,) = [one for one in findings(RunFacts(store, run)) if one.rule == "repeated"]
    assert told.value == recomputed("repeated", Lab(store, run), 1).value == 2.0
    assert "2 of 6 test images stand among the training images too (1 as the same file, 1 with" in as_text(view)


def test_the_aviarys_runs_have_none(reference):
    assert reference.view.repeated == RepeatedImages(0, 0)
    assert repeats.told(reference.view) == "No test image stands among the training images."


def test_runs_of_older_versions_load_and_say_that_nobody_counted(reference):
    view = RunView(reference.store, reference.view.id)
    mapping = view.setup.to_mapping()
    assert mapping.pop("repeated") == {"same_bytes": 0, "same_pixels": 0}
    view._layout = event_from_mapping(json.loads(json.dumps(mapping)))
    assert view.repeated is None and "was not counted" in repeats.told(view)
    assert as_mapping(view)["repeated"] is None


def test_archives_carry_the_count_and_refuse_a_wrong_one(reference):
    config = reference.config
    names = tuple(f"class {c}" for c in range(6))
    tasks, count = ((0, 1), (2, 3), (4, 5)), {"same_bytes": 3, "same_pixels": 0}
    setup = RunStarted(names, tasks, ("test",), {"test": (16, 16, 16)}, True, repeated=count)
    mapping = json.loads(json.dumps(setup.to_mapping()))
    assert _setup(mapping, config).repeated == {"same_bytes": 3, "same_pixels": 0}
    assert _setup({**mapping, "repeated": None}, config).repeated is None
    older = {name: value for name, value in mapping.items() if name != "repeated"}
    assert _setup(older, config).repeated is None
    for wrong in (
        {"same_bytes": -1, "same_pixels": 0},
        {"same_bytes": 1},
        [1, 2],
        {"same_bytes": True, "same_pixels": 0},
    ):
        with pytest.raises(BadInput, match="archive"):
            _setup({**mapping, "repeated": wrong}, config)
