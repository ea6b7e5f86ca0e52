"""What every source of data keeps to, and what a `Dataset` promises."""

import pickle

import numpy as np
import pytest
from PIL import Image

from engine.data.dataset import Dataset, RepeatedImages
from engine.data.sources.base import GROUP, SOURCES, addressed, by_ending, kind_of, kinds
from engine.errors import BadParameter
from engine.params import parameters_of
from engine.runs.config import RunConfig, configure
from engine.runs.recipe import command

NAMES = SOURCES.names()
NOWHERE = [name for name in NAMES if not SOURCES.get(name).place]
"""Those whose pictures lie nowhere: they open by their defaults."""


def promised(data: Dataset, again: Dataset) -> None:
    """Hold a dataset, and the same opened again, to the protocol."""
    classes = len(data.class_names)
    assert {"train", "test"} <= set(data.splits) and len(set(data.class_names)) == classes >= 2
    assert set(data.class_digests) == set(data.class_names) and len(data.truth_names) == len(data.truth_groups)
    for name, split in data.splits.items():
        assert set(split.labels.tolist()) == set(range(classes)) and split.labels.dtype == np.int64
        assert split.truth is None or split.truth.shape == (len(split.labels), len(data.truth_names))
        pictures = split.images([0, len(split.labels) - 1, 0], 32)
        assert pictures.shape == (3, 32, 32, 3) and pictures.dtype == np.uint8
        assert np.array_equal(pictures[0], pictures[2]) and not np.array_equal(pictures[0], pictures[1])
        assert np.array_equal(again.splits[name].images([0], 32)[0], pictures[0])
        assert again.splits[name].digest == split.digest
    vectors = data.vectors
    assert vectors is None or {s: len(rows) for s, rows in vectors.images.items()} == {
        name: len(split.labels) for name, split in data.splits.items()
    }
    assert len({split.digest for split in data.splits.values()}) == len(data.splits)
    assert again.class_digests == data.class_digests and again.concepts_digest == data.concepts_digest
    assert all(c.truth is None or c.truth < len(data.truth_names) for c in data.candidates(classes - 1))
    assert isinstance(data.repeated(lambda files: [b"%d" % i for i in range(len(files))]), RepeatedImages)
    assert pickle.loads(pickle.dumps(data)).class_names == data.class_names  # processes that embed take it along


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_its_settings_and_has_an_address_of_its_own(name):
    source = SOURCES.get(name)
    assert len(SOURCES.title(name)) > 3 and len({SOURCES.get(other).scheme for other in NAMES}) == len(NAMES)
    declared = {p.name: p for p in parameters_of(source)}
    assert all(p.group == GROUP and p.help.endswith(".") for p in declared.values())
    assert source.amounts <= set(declared) and (not source.place or source.place in declared)
    assert addressed(source.scheme) == {"dataset": name}
    if source.place:
        assert addressed(f"{source.scheme}:a:b") == {"dataset": name, source.place: "a:b"}
        with pytest.raises(BadParameter) as caught:
            source()
        assert caught.value.field == source.place  # the form leads there


@pytest.mark.parametrize("name", NOWHERE)
def test_what_lies_nowhere_opens_by_its_settings_alone(name):
    config = configure(None, {"data": SOURCES.get(name).scheme, "increment": "2"})
    data = config.source.open()
    promised(data, config.source.open())
    assert config.source.class_names in (None, data.class_names)
    assert RunConfig.from_mapping(config.to_mapping()) == config and "train" in command(config)


def test_a_folder_opens_from_its_address(tmp_path):
    for place in ("train/gull", "train/tern", "test/gull", "test/tern"):
        (tmp_path / place).mkdir(parents=True)
        for number in range(3):
            shade = (len(place) * 9, number * 60, ord(place[-1]))
            Image.new("RGB", (40, 40), shade).save(tmp_path / place / f"{number}.png")
    config = configure(None, {"data": f"dir:{tmp_path}", "increment": "1"})
    told = []
    promised(config.source.open(lambda *done: told.append(done)), config.source.open())
    assert told[-1] == (12, 12) and f"path={tmp_path}" in command(config)


def test_every_source_with_a_place_is_of_a_kind_that_people_choose():
    shown = {source.name: kind for kind, sources in kinds().items() for source in sources}
    assert set(shown) == {name for name in NAMES if SOURCES.get(name).place}
    assert all(len(kind) < 25 and kind == kind_of(SOURCES.get(name)) for name, kind in shown.items())
    assert shown["zip"] == shown["tar"] and shown["npz"] == shown["parquet"] and next(iter(kinds())) == shown["folder"]


@pytest.mark.parametrize(
    ("source", "place", "meant"),
    [
        ("zip", "/a/b.TAR.GZ", "tar"),
        ("tar", "/a/b.zip", "zip"),
        ("zip", "/a/b", "zip"),
        ("npz", "/a/embeddings", "parquet"),
        ("parquet", "/a/b.npz", "npz"),
        ("folder", "/a/b.zip", "folder"),
        ("npz", "", "npz"),
    ],
)
def test_a_places_ending_tells_sources_of_one_kind_apart(source, place, meant):
    assert by_ending(SOURCES.get(source), place).name == meant


def test_a_source_by_name_says_which_are_here_and_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    source = SOURCES.get("torchvision")
    (tmp_path / "datasets" / "food-101").mkdir(parents=True)
    offered = source.offered({})
    assert offered.root == str(tmp_path / "datasets") and len(offered.here) >= 10
    assert [name for name, here in offered.here.items() if here] == ["Food101"]
    assert not any(source.offered({"root": "/nowhere"}).here.values())
    assert source.offered({"root": "\0"}).root == "" and SOURCES.get("folder").offered({}) is None


def test_it_is_known_whether_anybody_said_which_are_for_tests(tmp_path):
    for place in ("told/train/a", "told/train/b", "told/test/a", "told/test/b", "untold/a", "untold/b"):
        (tmp_path / place).mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (9, 9), (len(place), 50 * number, ord(place[-1]))).save(tmp_path / place / f"{number}.png")
    opened = {name: SOURCES.get("folder")(path=str(tmp_path / name)).open() for name in ("told", "untold")}
    assert {name: data.divided for name, data in opened.items()} == {"told": False, "untold": True}
    rows = np.random.default_rng(0).normal(size=(8, 4))
    for name, more in (("told", {"split": ["train", "train", "train", "test"] * 2}), ("untold", {})):
        np.savez(tmp_path / f"{name}.npz", images=rows, labels=np.repeat(["a", "b"], 4), **more)
        assert SOURCES.get("npz")(path=str(tmp_path / f"{name}.npz")).open().divided == (name == "untold")
