"""What every source of data keeps to, and what a `Dataset` promises."""

import pickle

import numpy as np
import pytest
from PIL import Image

from engine.data.dataset import Dataset, RepeatedImages
from engine.data.sources.base import GROUP, SOURCES, addressed
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
