"""A small folder in the published layout of CUB-200-2011."""

import numpy as np
import pytest

from engine.data.dataset import ConceptCandidate
from engine.errors import BadFolder, BadInput, BadParameter
from engine.runs.config import configure
from tests.data.made import png, write
from tests.data.sources.test_contract import promised

CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Auk")
ATTRIBUTES = ("has_bill_shape::curved_(up_or_down)", "has_back_color::grey", "has_crown_color::grey")
EACH = 4
TRAINS = (1, 1, 0, 1)
PRESENT = ((1, 0, 1), (1, 1, 0), (0, 1, 0))
"""By class, what all its pictures show."""


def lists():
    """Every list of the folder, in its published form."""
    numbers = range(1, len(CLASSES) * EACH + 1)
    names = {n: f"{CLASSES[(n - 1) // EACH]}/Bird_{n:04}.jpg" for n in numbers}
    said = [
        f"{n} {a + 1} {PRESENT[(n - 1) // EACH][a]} {4 - (n % EACH == 0 and a == 1)} {1.5 * a}"
        for n in numbers
        for a in range(len(ATTRIBUTES))
    ]
    said[0] += " 0 7"  # the published file has lines with more
    return {
        "classes.txt": "\n".join(f"{c + 1} {name}" for c, name in enumerate(CLASSES)),
        "images.txt": "\n".join(f"{n} {name}" for n, name in names.items()),
        "image_class_labels.txt": "\n".join(f"{n} {(n - 1) // EACH + 1}" for n in numbers),
        "train_test_split.txt": "\n".join(f"{n} {TRAINS[(n - 1) % EACH]}" for n in numbers),
        "bounding_boxes.txt": "\n".join(f"{n} 1.0 1.0 5.0 5.0" for n in numbers),
        "attributes.txt": "\n".join(f"{a + 1} {name}" for a, name in enumerate(ATTRIBUTES)),
        "attributes/image_attribute_labels.txt": "\n".join(said),
    }


@pytest.fixture
def place(tmp_path):
    pictures = {f"images/{line.split()[1]}": png(i, 90, 40) for i, line in enumerate(lists()["images.txt"].split("\n"))}
    texts = {name: text.encode() for name, text in lists().items()}
    return write(tmp_path / "CUB_200_2011", {**pictures, **texts})


def opened(place, **sets):
    return configure(None, {"data": f"cub:{place}", "increment": "1", **sets}).source.open()


def refused(place, *words, error=BadInput, **sets):
    with pytest.raises(error) as caught:
        opened(place, **sets)
    assert all(word in str(caught.value) for word in words), caught.value


def changed(place, name, old, new):
    text = (place / name).read_text()
    assert old in text
    (place / name).write_text(text.replace(old, new, 1))


def test_classes_splits_and_attributes_are_those_published(place):
    data = opened(place)
    promised(data, opened(place))
    assert data.class_names == ("Black footed Albatross", "Laysan Albatross", "Auk")  # in the published order
    assert [len(data.splits[name].labels) for name in ("train", "test")] == [9, 3]
    assert [file.path.name for file in data.splits["test"].files] == ["Bird_0003.jpg", "Bird_0007.jpg", "Bird_0011.jpg"]
    assert data.truth_names == ("curved (up or down) bill shape", "grey back color", "grey crown color")
    assert data.truth_groups == ("bill shape", "back color", "crown color")
    np.testing.assert_array_equal(data.splits["test"].truth, np.array(PRESENT, bool))
    assert data.candidates(2) == (ConceptCandidate("grey back color", "back color", 1),)
    (place / "attributes.txt").rename(place / "attributes" / "attributes.txt")  # as some unpack it
    assert opened(place).concepts_digest == data.concepts_digest


def test_what_nobody_was_sure_of_is_as_in_the_class_or_unknown(place):
    changed(place, "attributes/image_attribute_labels.txt", "4 2 0 3 1.5", "4 2 1 3 1.5")  # of the last of its class
    assert opened(place).splits["train"].truth[2].tolist() == [True, True, True]  # probably is enough
    sure = opened(place, least_certainty="4")
    assert sure.splits["train"].truth[2].tolist() == [True, False, True]  # as the others of its class
    unknown = opened(place, least_certainty="4", gaps="unknown")
    assert unknown.truth_names == ("curved (up or down) bill shape", "grey crown color")
    assert ConceptCandidate("grey back color", "back color") in unknown.candidates(1)


def test_a_folder_without_attributes_still_has_its_classes(place):
    (place / "attributes" / "image_attribute_labels.txt").unlink()
    data = opened(place)
    assert data.truth_names == () and data.candidates(0) == () and data.splits["test"].truth is None


@pytest.mark.parametrize("name", ["classes.txt", "images.txt", "image_class_labels.txt", "train_test_split.txt"])
def test_a_list_that_is_missing_empty_or_damaged(place, name):
    whole = (place / name).read_bytes()
    (place / name).unlink()
    refused(place, name, "cannot be read", "Unpack CUB_200_2011.tgz anew")
    (place / name).write_bytes(b"")
    refused(place, name, "it is empty")
    (place / name).write_bytes(whole[: len(whole) // 2])
    refused(place, ".txt")
    (place / name).write_bytes(b"\xff\xfe" + whole)
    refused(place, name, "UTF-8")
    (place / name).unlink()
    (place / name).symlink_to("/etc/passwd")
    refused(place, name, "leaves the folder")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("images.txt", "001.Black", "../001.Black", ["leads out of images"]),
        ("images.txt", "\n2 ", "\n1 ", ["images.txt, line 2", "no number of its own"]),
        ("classes.txt", "2 002.", "two 002.", ["classes.txt, line 2"]),
        ("image_class_labels.txt", "5 2", "5 9", ["image 5 has no number"]),
        ("image_class_labels.txt", "5 2", "5 x", ["no list of numbers", "'x'"]),
        ("train_test_split.txt", "1 1", "1 7", ["image 1 has no number"]),
        ("train_test_split.txt", "12 1", "12 1\n13 1", ["it lists other images"]),
        ("attributes.txt", "has_back_color::grey", "has_crown_color::grey", ["same name"]),
        ("attributes/image_attribute_labels.txt", "1 2 0 4", "99 2 0 4", ["line 2", "not listed"]),
        ("attributes/image_attribute_labels.txt", "1 2 0 4", "1 2 5 4", ["line 2", "neither 0 nor 1"]),
        ("attributes/image_attribute_labels.txt", "1 2 0 4", "1 -2 0 4", ["line 2", "not listed"]),
    ],
)
def test_lists_that_do_not_fit_together(place, name, old, new, words):
    changed(place, name, old, new)
    refused(place, *words)


def test_a_folder_that_is_another(place, tmp_path):
    refused(tmp_path, "classes.txt")
    refused(tmp_path / "nowhere", "no such folder", error=BadFolder)
    refused(place, "from 1 to 4", error=BadParameter, least_certainty="5")
