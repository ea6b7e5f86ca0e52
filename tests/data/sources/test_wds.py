"""Shards of webdataset: what their samples come to, and the shard and sample of whatever is wrong."""

import json

import pytest

from engine.errors import BadFolder, BadImage, BadInput, BadParameter
from engine.runs.config import configure
from tests.data.made import png, tarred
from tests.data.sources.test_contract import promised

NAMES = ("gull", "tern")


def samples(start, label=lambda c: f"{c}\n".encode(), ending="cls", each=2):
    """The files of two samples a class."""
    found = {}
    for c in range(len(NAMES)):
        for i in range(each):
            key = f"{start + each * c + i:06}"
            found |= {f"{key}.png": png(start % 250, 90 * c, 30 * i), f"{key}.{ending}": label(c)}
    return found


def as_json(field):
    return lambda c: json.dumps({field: NAMES[c], "caption": "a bird"}).encode()


def opened(path, **sets):
    return configure(None, {"data": f"wds:{path}", "increment": "1", **sets}).source.open()


def refused(path, *words, error=BadInput, **sets):
    with pytest.raises(error) as caught:
        opened(path, **sets)
    message = str(caught.value)
    assert all(word in message for word in words) and "cache" not in message, message


@pytest.fixture
def shards(tmp_path):
    """Two shards to learn from and one for tests, in folders, with names of the classes beside them."""
    for place, starts in (("train", (0, 10)), ("test", (20,))):
        (tmp_path / "birds" / place).mkdir(parents=True)
        for number, start in enumerate(starts):
            tarred(tmp_path / "birds" / place / f"{number:04}.tar", samples(start))
    (tmp_path / "birds" / "classnames.txt").write_text("gull\ntern\n")
    return tmp_path / "birds"


def test_shards_in_folders_with_class_numbers(shards):
    data = opened(shards)
    promised(data, opened(shards))
    assert data.class_names == NAMES and data.name == "birds"
    assert data.splits["train"].labels.tolist() == [0, 0, 1, 1] * 2
    assert data.splits["test"].labels.tolist() == [0, 0, 1, 1]
    assert data.splits["test"].images([2], 20)[0, 0, 0].tolist() == [20, 90, 0]
    (shards / "classnames.txt").unlink()
    assert (
        opened(shards).class_names == ("0", "1") and opened(shards).splits["test"].digest == data.splits["test"].digest
    )


def test_shards_named_for_their_split_and_labels_in_json(tmp_path):
    tarred(tmp_path / "train-000.tar", samples(0, as_json("label"), "json"))
    tarred(tmp_path / "val-000.tar.gz", samples(10, as_json("label"), "json"), "w:gz")
    tarred(tmp_path / "test-000.tar", samples(20, as_json("label"), "json"))
    data = opened(tmp_path)
    assert data.class_names == NAMES and [len(data.splits[s].labels) for s in ("train", "test")] == [8, 4]
    tarred(tmp_path / "one.tgz", samples(0, as_json("kind"), "json", each=5), "w:gz")
    alone = opened(tmp_path / "one.tgz", label_field="kind", test_share="0.4")
    assert alone.class_names == NAMES and [len(alone.splits[s].labels) for s in ("train", "test")] == [6, 4]


def test_the_same_shards_give_the_same_data_wherever_they_lie(shards, tmp_path):
    before = opened(shards)
    moved = shards.rename(tmp_path / "elsewhere")
    assert opened(moved).class_digests == before.class_digests


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"000001.png": None}, ["0000.tar: 000001", "it has 0 images"]),
        ({"000001.jpg": png(1, 1, 1)}, ["0000.tar: 000001", "it has 2 images"]),
        ({"000001.cls": None}, ["0000.tar: 000001", "neither .cls nor .json"]),
        ({"000001.cls": b" "}, ["0000.tar: 000001", "its class is blank"]),
        ({"000001.cls": b"\xff\xfe"}, ["0000.tar: 000001", "not text in UTF-8"]),
        ({"000001.cls": b"7"}, ["0000.tar: 000001", "'7' is none of the 2 classes"]),
        ({"000001.cls": b"x" * 9999}, ["0000.tar: 000001", "larger than"]),
        ({"000001.cls": None, "000001.json": b"{"}, ["0000.tar: 000001", "no JSON"]),
        ({"000001.cls": None, "000001.json": b'{"kind": "gull"}'}, ["no text or number 'label'", "it has kind"]),
        ({"000001.cls": None, "000001.json": b'{"label": true}'}, ["no text or number 'label'"]),
        ({"000001.cls": None, "000001.json": b"[]"}, ["no text or number 'label'", "it has nothing"]),
        ({"../x.png": b"?"}, ["0000.tar", "leads out"]),
        ({"000001.PNG": b"?"}, ["0000.tar", "alike"]),
    ],
)
def test_what_is_wrong_is_named_with_its_shard_and_sample(shards, files, words):
    changed = {**samples(0), **files}
    tarred(shards / "train" / "0000.tar", {name: data for name, data in changed.items() if data is not None})
    refused(shards, *words)


def test_pictures_that_are_none_and_shards_cut_short(shards):
    tarred(shards / "train" / "0000.tar", {**samples(0), "000001.png": b"no picture"})
    refused(shards, "1 file in birds", "000001.png", error=BadImage)
    whole = (shards / "train" / "0001.tar").read_bytes()
    (shards / "train" / "0001.tar").write_bytes(whole[:1000])
    refused(shards, "0001.tar", "cut off")


def test_folders_without_shards_or_with_some_that_say_nothing(shards, tmp_path):
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "it has no shards", error=BadFolder)
    tarred(shards / "more.tar", samples(30))
    refused(shards, "more.tar", "these do not", "train and test", error=BadFolder)
    refused(tmp_path / "nowhere", "nowhere", error=BadParameter)
