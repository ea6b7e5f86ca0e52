"""Datasets of the hub: from a folder, from the client's cache, and from a hub on this machine."""

import json

import pyarrow
import pytest
from huggingface_hub import constants, file_download
from pyarrow import parquet

from engine.data import hub_sets
from engine.downloads import hub
from engine.errors import BadFolder, BadImage, BadInput, BadParameter
from engine.runs.config import configure
from engine.runs.recipe import command
from tests.data.made import png
from tests.data.sources.test_contract import promised
from tests.downloads.serving import at_hub, serving

NAMES = ("auk", "gull", "tern")
CLASS_LABEL = {"names": list(NAMES), "_type": "ClassLabel"}


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A home, an empty cache of the hub's client, and nothing that may be asked."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "_reachable", lambda endpoint: endpoint.startswith("http://127.0.0.1"))
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)


def shard(path, labels, first=0, features=None, images=None, **columns):
    """A parquet file as the hub's library writes it; no two pictures are alike."""
    if images is None:
        images = [{"bytes": png(9 * (first + i), 120, 40), "path": f"{i}.png"} for i in range(len(labels))]
    table = pyarrow.table({"image": images, "label": labels, **columns})
    said = {"image": {"_type": "Image"}, "label": CLASS_LABEL} if features is None else features
    metadata = {"huggingface": json.dumps({"info": {"features": said}})} if said else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table.replace_schema_metadata(metadata), path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two shards to learn from and one of tests; class 0 has no pictures."""
    shard(tmp_path / "birds" / "data" / "train-00000-of-00002.parquet", [1, 2, 1])
    shard(tmp_path / "birds" / "data" / "train-00001-of-00002.parquet", [2, 2], first=3)
    shard(tmp_path / "birds" / "data" / "test-00000-of-00001.parquet", [2, 1], first=5)
    return tmp_path / "birds"


def opened(place, progress=None, **sets):
    return configure(None, {"data": f"hf:{place}", "increment": "1", **sets}).source.open(progress)


def refused(place, *words, error=BadInput, **sets):
    with pytest.raises(error) as caught:
        opened(place, **sets)
    assert all(word in str(caught.value) for word in words), caught.value
    assert caught.value.remedy


def test_a_folder_of_parquet_files(folder):
    data = opened(folder)
    promised(data, opened(folder))
    assert data.name == "birds" and data.class_names == ("gull", "tern")  # in the order of the class label
    assert data.splits["train"].labels.tolist() == [0, 1, 0, 1, 1] and data.splits["test"].labels.tolist() == [1, 0]
    assert [data.splits[s].images([i], 4)[0, 0, 0, 0] for s, i in (("train", 4), ("test", 1))] == [36, 54]
    config = configure(None, {"data": f"hf:{folder}", "increment": "1"})
    assert f"repository={folder}" in command(config)


def test_the_second_time_nothing_is_written_again(folder):
    told = []
    opened(folder, lambda *done: told.append(done))
    assert told.count((7, 7)) == 2  # written, and looked at
    told.clear()
    opened(folder, lambda *done: told.append(done))
    assert told == [(i, 7) for i in range(1, 8)]


def test_what_the_images_say_is_what_tells_the_data_apart(folder):
    before = opened(folder).splits["train"].digest
    shard(folder / "data" / "train-00001-of-00002.parquet", [2, 2], first=9)
    assert opened(folder).splits["train"].digest != before


@pytest.mark.parametrize("layout", ["train/0000.parquet", "default/partial-train/0000.parquet", "train.parquet"])
def test_names_of_files_and_folders_say_the_split(tmp_path, layout):
    for split, labels, first in (("train", [1, 2, 1, 2], 0), ("test", [1, 2], 4)):
        shard(tmp_path / "birds" / layout.replace("train", split), labels, first)
    assert {name: len(split.labels) for name, split in opened(tmp_path / "birds").splits.items()} == {
        "train": 4,
        "test": 2,
    }


def test_without_tests_lots_are_drawn_and_validation_is_training(tmp_path):
    for number, split in enumerate(("train", "validation")):
        shard(tmp_path / "birds" / f"{split}-00000-of-00001.parquet", [1, 2] * 5, first=10 * number)
    data = opened(tmp_path / "birds", test_share="0.5")
    assert [len(data.splits[name].labels) for name in ("train", "test")] == [10, 10]


def test_labels_that_are_texts_or_bare_numbers(tmp_path):
    shard(tmp_path / "texts" / "a.parquet", ["tern", " gull"] * 3, features={})
    assert opened(tmp_path / "texts").class_names == ("gull", "tern")
    shard(tmp_path / "numbers" / "a.parquet", [10, 9] * 3, features={})
    assert opened(tmp_path / "numbers").class_names == ("9", "10")


def test_several_columns_have_to_be_named(tmp_path):
    columns = {"coarse": [0, 1] * 3, "mask": [{"bytes": png(3, 3, i), "path": ""} for i in range(6)]}
    features = {"label": CLASS_LABEL, "coarse": {"names": ["sea", "shore"], "_type": "ClassLabel"}}
    shard(tmp_path / "birds" / "a.parquet", [1, 2] * 3, features=features, **columns)
    place = tmp_path / "birds"
    refused(place, "2 columns that can be meant", "image, label, coarse, mask", "image_column")
    refused(place, "2 columns that can be meant", "label_column", image_column="image")
    assert opened(place, image_column="mask", label_column="coarse").class_names == ("sea", "shore")
    refused(place, "no column colour", image_column="image", label_column="colour")
    refused(place, "holds int64 and no images", image_column="coarse", label_column="label")
    refused(place, "texts or whole numbers are read", image_column="image", label_column="mask")


def test_subsets(tmp_path):
    for kind in ("large", "small"):
        shard(tmp_path / "birds" / kind / "train-00000-of-00001.parquet", [1, 2] * 3, first=len(kind))
        shard(tmp_path / "birds" / kind / "test-00000-of-00001.parquet", [1, 2], first=20)
    refused(tmp_path / "birds", "several subsets: large, small", "subset", error=BadFolder)
    refused(tmp_path / "birds", "no subset 'tiny'", "large, small", error=BadFolder, subset="tiny")
    assert len(opened(tmp_path / "birds", subset="small").splits["train"].labels) == 6


# -- what is not as it should be ---------------------------------------------------------------------------------------


def test_a_folder_that_is_none_or_has_none(tmp_path):
    refused(tmp_path / "nowhere", "no such folder", "ORG/NAME", error=BadFolder)
    refused(tmp_path, "no parquet files", "refs/convert/parquet", error=BadFolder)
    refused("birds", "ORG/NAME, and a folder begins with", error=BadParameter)
    refused("a/b/c", "ORG/NAME", error=BadParameter)


def test_a_dataset_that_came_half(folder):
    (folder / "data" / "train-00001-of-00002.parquet").unlink()
    refused(folder, "came half only", "train-00001-of-00002.parquet is missing", error=BadFolder)


def test_files_of_which_only_some_say_what_they_are_for(folder):
    shard(folder / "data" / "more.parquet", [1, 2], first=20)
    refused(folder, "data/more.parquet", "and these do not", error=BadFolder)


@pytest.mark.parametrize("damage", ["cut", "no parquet", "a pickle"])
def test_damaged_files(folder, damage):
    file = folder / "data" / "train-00001-of-00002.parquet"
    whole = file.read_bytes()
    file.write_bytes({"cut": whole[:-30], "no parquet": b"<html>log in</html>", "a pickle": b"\x80\x04."}[damage])
    refused(folder, "train-00001-of-00002.parquet", "no parquet file, or its end was cut off")


@pytest.mark.parametrize(
    ("labels", "words"),
    [([1, 3], ("row 1", "3 in column label is not one of the 3 classes")), ([-1, 1], ("row 0", "without labels")),
     ([None, 1], ("row 0", "None"))],
)  # fmt: skip
def test_labels_that_mean_no_class(folder, labels, words):
    shard(folder / "data" / "test-00000-of-00001.parquet", labels)
    refused(folder, "test-00000-of-00001.parquet", *words)


def test_blank_texts_are_no_labels(tmp_path):
    shard(tmp_path / "texts" / "a.parquet", ["tern", " "], features={})
    refused(tmp_path / "texts", "row 1", "not a class")


def test_images_that_lie_elsewhere_or_are_none_leave_nothing(folder, tmp_path):
    elsewhere = [{"bytes": None, "path": "/etc/passwd"}, {"bytes": png(1, 1, 1), "path": ""}]
    shard(folder / "data" / "test-00000-of-00001.parquet", [1, 2], images=elsewhere)
    refused(folder, "image, row 0", "its bytes are not in it")
    assert not list((tmp_path / "home").rglob("*.image"))
    broken = [{"bytes": b"GIF89a no picture", "path": ""}, {"bytes": png(1, 1, 1), "path": ""}]
    shard(folder / "data" / "test-00000-of-00001.parquet", [1, 2], images=broken)
    refused(folder, "1 file in birds", "0-data-test-00000-of-00001/000000.image", error=BadImage)


def test_more_than_is_read(folder, monkeypatch):
    monkeypatch.setattr(hub_sets, "MAX_ENTRIES", 6)
    refused(folder, "there are 7 images", "at most 6 are read")


def test_metadata_that_is_damaged(folder):
    file = folder / "data" / "test-00000-of-00001.parquet"
    table = parquet.read_table(file).replace_schema_metadata({"huggingface": "{"})
    parquet.write_table(table, file)
    refused(folder, "what it says of its columns is damaged")


# -- the hub -----------------------------------------------------------------------------------------------------------


def repository(folder, name="me/birds"):
    names = [str(path.relative_to(folder)) for path in folder.rglob("*.parquet")]
    listed = [{"type": "file", "path": n, "size": 1, "oid": "0" * 40} for n in [*names, "birds.py", "README.md"]]
    files = {f"/datasets/{name}/resolve/main/{n}": (folder / n).read_bytes() for n in names}
    return {**files, f"/api/datasets/{name}/tree/main": json.dumps(listed).encode()}


def test_a_repository_is_fetched_once_and_then_needs_no_network(folder, tmp_path, monkeypatch):
    told = []
    with serving(repository(folder)) as served:
        at_hub(monkeypatch, served)
        refused("me/birds", "not on this machine", str(tmp_path / "hub" / "datasets--me--birds"), error=BadFolder)
        assert served.asked == []  # nothing was said of fetching
        data = opened("me/birds", lambda *done: told.append(done), download="yes")
        assert not any("birds.py" in asked for asked in served.asked)
    assert told[:3] == [(1, 3), (2, 3), (3, 3)]
    assert data.name == "me/birds" and data.splits["train"].labels.tolist() == [0, 1, 0, 1, 1]
    with hub.offline():
        promised(data, opened("me/birds"))
        refused("me/birds", "hub cannot be reached", "hf download me/birds --repo-type dataset", error=BadFolder,
                download="yes")  # fmt: skip


@pytest.mark.parametrize("how", ["cut", "page", "other"])
def test_a_hub_that_fails_leaves_nothing_to_believe(folder, monkeypatch, tmp_path, how):
    with serving(repository(folder), how) as served:
        at_hub(monkeypatch, served)
        refused("me/birds", "hf download me/birds", "datasets--me--birds", error=BadFolder, download="yes")
    assert not list((tmp_path / "hub").rglob("*.parquet"))


def test_a_repository_that_is_not_there(folder, monkeypatch):
    with serving(repository(folder)) as served:
        at_hub(monkeypatch, served)
        refused("me/fish", "the hub says", "hf download me/fish", error=BadFolder, download="yes")
