"""Classes left out and renamed: every kind of data keeps labels, truth, texts and digests together."""

import pickle
import time

import numpy as np
import pytest

from engine.data.aviary.world import Aviary
from engine.data.chosen import ClassChoice, choose
from engine.data.folder import open_folder
from engine.data.labelled import LabelledImages, open_labelled
from engine.data.left_out import without
from engine.data.typical import typical
from engine.errors import BadParameter
from engine.runs.config import RunConfig, configure
from engine.runs.recipe import command
from engine.runs.sources import open_dataset, open_stream
from tests.data.made import folder_files, png, write
from tests.data.sources import test_cub, test_npz
from tests.data.sources.test_contract import promised

SOURCE = ("gull", "tern", "Auk", "7", "Birds, small")


def test_what_two_texts_choose():
    assert choose(SOURCE, "", "") is None and choose(SOURCE, " ", "gull=gull") is None
    assert choose(SOURCE, "AUK, 0", "tern=sea_swallow; 7=gull") == ClassChoice(
        SOURCE, (1, 3, 4), ("sea swallow", "gull", "Birds, small")
    )
    assert choose(SOURCE, "Birds, small; 2", "").kept == (0, 1, 3)
    assert choose(SOURCE, "", "gull=tern; tern=gull").names[:2] == ("tern", "gull"), "two may change their names"
    assert choose(SOURCE, "tern", "gull=tern").names[0] == "tern", "the name of one left out is free"
    assert choose(SOURCE, "tern", "tern=Auk").names == ("gull", "Auk", "7", "Birds, small"), (
        "a new name of it has no effect"
    )
    assert choose(SOURCE, "tern, tern, 1", "") == choose(SOURCE, "tern", "")


@pytest.mark.parametrize(
    ("out", "renamed", "field", "words"),
    [
        ("gul", "", "without_classes", ["gul", "nearest: gull"]),
        ("9", "", "without_classes", ["9", "Check the spelling"]),
        ("²", "", "without_classes", ["²"]),
        ("gull, tern, auk, 7", "", "without_classes", ["1 of 5", "at least 2"]),
        ("0,1,2,7,4", "", "without_classes", ["0 of 5"]),
        ("", "turn=x", "renamed_classes", ["turn", "nearest: tern"]),
        ("", "gull=a; 0=b", "renamed_classes", ["0", "renamed already"]),
        ("", "gull=TERN", "renamed_classes", ["gull and tern", "more than case"]),
        ("", "gull=a b; tern=A_b", "renamed_classes", ["gull and tern would both be a b"]),
        ("", "gull=", "renamed_classes", ["letters, digits"]),
    ],
)
def test_what_cannot_be_chosen(out, renamed, field, words):
    with pytest.raises(BadParameter) as caught:
        choose(SOURCE, out, renamed)
    assert caught.value.field == field and all(word in str(caught.value) for word in words), caught.value


def test_ten_thousand_classes_are_chosen_in_a_moment():
    source = [f"class number {c}" for c in range(10_000)]
    since = time.perf_counter()
    choice = choose(source, ", ".join(source[::2]), "; ".join(f"{name}=bird {name}" for name in source[1::2]))
    assert time.perf_counter() - since < 5 and len(choice.kept) == 5000 and choice.names[0] == "bird class number 1"


def test_a_folder(tmp_path):
    files = folder_files()
    names = sorted({name.split("/")[1] for name in files})
    more = {
        name.replace(f"/{names[0]}/", "/zebra/"): png(9, 9, i)
        for i, name in enumerate(files)
        if f"/{names[0]}/" in name
    }
    whole = open_folder(write(tmp_path / "birds", {**files, **more, "concepts.json": b'{"zebra": ["striped"]}'}))
    choice = choose(whole.class_names, names[0], "zebra=Quagga")
    data = whole.of_classes(choice)
    promised(data, whole.of_classes(choice))
    assert data.class_names == (*names[1:], "Quagga") and [c.text for c in data.candidates(len(names) - 1)] == [
        "striped"
    ]
    assert data.class_digests["Quagga"] == whole.class_digests["zebra"]
    for name, split in data.splits.items():
        assert [split.files[i].path.parent.name for i in range(len(split.labels))] == [
            {"Quagga": "zebra"}.get(data.class_names[c], data.class_names[c]) for c in split.labels
        ]
        assert split.origin.digest == whole.splits[name].digest and split.digest != split.origin.digest
        assert [whole.splits[name].files[i] for i in split.origin.rows] == list(split.files)


def test_a_part_of_a_part_comes_from_the_whole(tmp_path):
    whole = open_folder(write(tmp_path / "birds", folder_files()))
    spare = whole.splits["train"].files[1]
    fewer = without(whole, {str(spare.path.relative_to(whole.root)): spare.sha256})
    data = fewer.of_classes(ClassChoice(whole.class_names, (0,), whole.class_names[:1]))
    origin = data.splits["train"].origin
    assert origin.digest == whole.splits["train"].digest and origin.count == len(whole.splits["train"].labels)
    assert [whole.splits["train"].files[i] for i in origin.rows] == list(data.splits["train"].files)
    assert spare not in data.splits["train"].files


def test_attributes_of_a_table_stay_with_their_pictures(tmp_path):
    place = write(tmp_path / "birds", {f"{i}.png": png(i, 90, 60) for i in range(12)})
    labels = ("gull", "tern", "auk")
    lines = [
        "path,label,split,back: grey,crest",
        *(f"{i}.png,{labels[i % 3]},{('train', 'test')[i > 8]},{i % 3 == 0:d},{i % 2}" for i in range(12)),
    ]
    (place / "list.csv").write_text("\n".join(lines))
    config = configure(
        None,
        {
            "data": f"csv:{place / 'list.csv'}",
            "increment": "1",
            "without_classes": "auk",
            "renamed_classes": "gull=herring gull",
        },
    )
    data = open_dataset(config)
    promised(data, open_dataset(config))
    assert data.class_names == ("herring gull", "tern") and data.truth_names == ("grey back", "crest")
    for split in data.splits.values():
        numbers = np.array([int(file.path.stem) for file in split.files])
        assert split.truth.tolist() == np.stack([numbers % 3 == 0, numbers % 2 == 1], 1).tolist()
    assert {c.text: c.truth for c in data.candidates(0)} == {"grey back": 0, "crest": 1}
    assert RunConfig.from_mapping(config.to_mapping()) == config and "'without_classes=auk'" in command(config).replace(
        "without_classes=auk", "'without_classes=auk'"
    )


place = test_cub.place


def test_attributes_of_cub_stay_with_their_pictures(place):
    whole = test_cub.opened(place)
    data = whole.of_classes(choose(whole.class_names, "laysan albatross", "auk=little auk"))
    assert data.class_names == ("Black footed Albatross", "little auk") and data.truth_names == whole.truth_names
    for name, split in data.splits.items():
        told = {
            file.sha256 + str(file.path): truth.tolist()
            for file, truth in zip(whole.splits[name].files, whole.splits[name].truth, strict=True)
        }
        assert [told[file.sha256 + str(file.path)] for file in split.files] == split.truth.tolist()
    assert data.candidates(1) == whole.candidates(2)


def test_vectors_keep_the_embedding_of_a_renamed_class(tmp_path):
    whole = test_npz.opened(test_npz.saved(tmp_path))
    data = whole.of_classes(choose(whole.class_names, "tern", "gull=herring gull; auk=black cap"))
    assert data.class_names == ("herring gull", "black cap") and data.candidates(1) == whole.candidates(2)
    assert np.array_equal(data.vectors.of(["herring gull"]), whole.vectors.of(["gull"]))
    assert np.array_equal(data.vectors.of(["black cap"]), whole.vectors.of(["black cap"])), "it is a text of its own"
    for name, split in data.splits.items():
        assert np.array_equal(data.vectors.images[name], whole.splits[name].vectors[whole.splits[name].labels != 1])
        assert set(split.labels.tolist()) == {0, 1}
    assert data.class_digests["herring gull"] == whole.class_digests["gull"]


def test_vectors_without_texts_can_be_renamed(tmp_path):
    whole = test_npz.opened(test_npz.saved(tmp_path, class_names=None, class_embeddings=None))
    data = whole.of_classes(choose(whole.class_names, "", "0=gull"))
    assert data.class_names[0] == "gull" and data.vectors.unknown(["gull"]) == {"gull"}


def test_species_left_out_leave_the_others_as_they_are():
    whole = Aviary(species=6, train_per_class=5, test_per_class=3)
    choice = choose(whole.class_names, f"{whole.class_names[1]}, 4", f"{whole.class_names[5]}=Polly")
    data = whole.of_classes(choice)
    promised(data, pickle.loads(pickle.dumps(data)))
    assert data.class_names == (*(whole.class_names[c] for c in (0, 2, 3)), "Polly")
    assert data.class_digests["Polly"] == whole.class_digests[whole.class_names[5]]
    assert data.candidates(3) == whole.candidates(5) and data.kinds[3].name == whole.class_names[5]
    own, every = data.splits["moved"], whole.splits["moved"]
    assert own.birds(9) == every.birds(15) and own.origin.rows[9] == 15
    first, same = int(typical(data.splits["train"], 3)[0]), int(typical(whole.splits["train"], 5)[0])
    assert data.splits["train"].birds(first) == whole.splits["train"].birds(same)


def test_which_pictures_validate_does_not_depend_on_classes_left_out(tmp_path):
    images = LabelledImages("photos", tmp_path, [tmp_path / f"{i}.png" for i in range(30)], ["a", "b", "c"] * 10)
    for i, path in enumerate(images.paths):
        path.write_bytes(png(i, 3, 3))
    whole = open_labelled(images)
    data = whole.of_classes(choose(whole.class_names, "a", ""))
    config = configure(None, {"data": f"dir:{tmp_path}", "increment": "1"})
    every, own = open_stream(config, whole).tasks, open_stream(config, data).tasks
    for before, after in zip(every[1:], own, strict=True):
        files = data.splits["train"].files
        assert [files[i] for i in after.val] == [whole.splits["train"].files[i] for i in before.val]


@pytest.mark.parametrize(
    ("sets", "field", "word"),
    [
        ({"without_classes": "0,1,2"}, "increment", "at most all 3"),
        ({"without_classes": "0,1,2", "task_sizes": "2,2"}, "task_sizes", "add up to 4, and 3 classes"),
        ({"without_classes": "0,1,2,3,4"}, "without_classes", "at least 2"),
        ({"task_sizes": "4,x"}, "task_sizes", "'x'"),
        ({"task_sizes": "6,0"}, "task_sizes", "'0'"),
        ({"task_sizes": "-1,7"}, "task_sizes", "'-1'"),
        ({"renamed_classes": "0=<b>"}, "renamed_classes", "letters"),
    ],
)
def test_birds_are_checked_before_anything_starts(sets, field, word):
    with pytest.raises(BadParameter, match=word) as caught:
        configure("tiny", {"increment": "4", **sets})
    assert caught.value.field == field


def test_how_many_tasks_a_choice_makes():
    assert configure("tiny", {"without_classes": "0"}).tasks_total == 3
    assert configure("tiny", {"without_classes": "0,1", "task_sizes": "1, 2 1"}).tasks_total == 3
    assert configure(None, {"data": "dir:/photos", "task_sizes": "4,2"}).tasks_total == 2
