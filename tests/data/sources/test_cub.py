"""A small folder in the published layout of CUB-200-2011."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.analyses.pointing import Pointing, played
from engine.concepts.bank import Concept, ConceptBank
from engine.data.dataset import ConceptCandidate
from engine.data.left_out import without
from engine.data.regions import Located
from engine.errors import BadFolder, BadInput, BadParameter
from engine.runs.config import configure
from engine.steps import finish
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
    marks = [f"{n} {p} {6.0 + p} {5.0 * p} {int(p < 3 or n % 2)}" for n in numbers for p in (1, 2, 3)]
    said[0] += " 0 7"  # the published file has lines with more
    return {
        "classes.txt": "\n".join(f"{c + 1} {name}" for c, name in enumerate(CLASSES)),
        "images.txt": "\n".join(f"{n} {name}" for n, name in names.items()),
        "image_class_labels.txt": "\n".join(f"{n} {(n - 1) // EACH + 1}" for n in numbers),
        "train_test_split.txt": "\n".join(f"{n} {TRAINS[(n - 1) % EACH]}" for n in numbers),
        "bounding_boxes.txt": "\n".join(f"{n} 4.0 2.0 10.0 12.0" for n in numbers),
        "parts/parts.txt": "1 back\n2 beak\n3 crown",
        "parts/part_locs.txt": "\n".join(marks),
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


# -- where things are --------------------------------------------------------------------------------------------------


def test_parts_that_attributes_are_about_and_where_they_are(place):
    split = opened(place).splits["test"]
    assert isinstance(split, Located) and not split.outlined
    assert split.located == {"bill shape", "back color", "crown color"}
    masks = split.where([0, 1], 20)  # pictures 3 and 7, 24 by 20 pixels: 2 are cut off at the left and right
    assert masks["bill shape"].shape == (2, 20, 20)
    rows, columns = np.nonzero(masks["bill shape"][0])
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == (10.0, 6.0)  # of the beak, at 8 and 10
    assert masks["crown color"][0].any()
    changed(place, "parts/part_locs.txt", "3 3 9.0 15.0 1", "3 3 9.0 15.0 0")
    assert not opened(place).splits["test"].where([0], 20)["crown color"].any()  # nobody sees it


def test_what_is_about_the_whole_bird_is_in_its_box(place):
    changed(place, "attributes.txt", "has_crown_color::grey", "has_size::large")
    changed(place, "attributes.txt", "has_back_color::grey", "has_head_pattern::plain")
    split = opened(place).splits["train"]
    assert split.located == {"bill shape", "size"}  # no mark says where a head is
    rows, columns = np.nonzero(split.where([4], 20)["size"][0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 13, 2, 11)


def test_marks_follow_their_pictures(place, tmp_path):
    """Also into data of which some pictures are left out."""
    changed(place, "bounding_boxes.txt", "7 4.0 2.0 10.0 12.0", "7 4.0 2.0 20.0 12.0")
    data = opened(place)
    assert data.splits["test"].regions.boxes[:, 2].tolist() == [10, 20, 10]
    first = data.splits["train"].files[0]
    fewer = without(data, {"images/" + "/".join(first.path.parts[-2:]): first.sha256})
    assert len(fewer.splits["train"].regions.boxes) == len(fewer.splits["train"].labels) == 8
    assert fewer.splits["test"].regions.boxes[:, 2].tolist() == [10, 20, 10]


def test_a_folder_without_boxes_or_parts_knows_less(place):
    (place / "parts" / "part_locs.txt").unlink()
    assert opened(place).splits["test"].located == frozenset()  # three attributes, all about parts
    changed(place, "attributes.txt", "has_crown_color::grey", "has_size::large")
    assert opened(place).splits["test"].located == {"size"}
    (place / "bounding_boxes.txt").unlink()
    assert opened(place).splits["test"].located == frozenset() and opened(place).splits["test"].regions is None


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("bounding_boxes.txt", "3 4.0 2.0 10.0 12.0", "3 4.0 2.0 0.0 12.0", "one box, which is not empty"),
        ("bounding_boxes.txt", "3 4.0", "2 4.0", "does not fit images.txt"),
        ("bounding_boxes.txt", "3 4.0", "99 4.0", "does not fit images.txt"),
        ("bounding_boxes.txt", "3 4.0", "3 nan", "does not fit images.txt"),
        ("bounding_boxes.txt", "3 4.0", "3 left", "no list of numbers"),
        ("parts/part_locs.txt", "1 2 8.0 10.0", "1 9 8.0 10.0", "line 2: it names an image or part"),
        ("parts/part_locs.txt", "1 2 8.0 10.0", "99 2 8.0 10.0", "line 2: it names an image or part"),
        ("parts/part_locs.txt", "1 2 8.0 10.0", "1 2 inf 10.0", "line 2: it names an image or part"),
        ("parts/parts.txt", "1 back", "back", "no number of its own"),
    ],
)
def test_marks_that_do_not_fit(place, name, old, new, words):
    changed(place, name, old, new)
    refused(place, name.partition("/")[2] or name, words)


def test_a_map_that_points_at_the_beak_hits_for_a_concept_of_the_bill(place):
    """Maps are 5 by 5 cells; the beak lies 6 of 20 pixels from the left and 10 from above, in row 2 and column 1."""
    data = opened(place)
    split = data.splits["test"]
    about = zip(data.truth_names, data.truth_groups, (0, 1, 2), strict=True)
    bank = ConceptBank(tuple(Concept(name, group, truth=k) for name, group, k in about), torch.eye(3))
    patches = torch.zeros(3, 25, 3)
    patches[:, 2 * 5 + 1, 0] = 1.0  # the bill's concept, where the beak is
    patches[:, 24, 1] = 1.0  # that of the back, in a corner
    lab = SimpleNamespace(
        dataset=data,
        image_size=20,
        snapshot=lambda task: SimpleNamespace(bank=bank, bottleneck=torch.eye(3)),
        truth=lambda name, rows, bank: (split.truth[rows], np.ones(3, bool)),
        pixels=lambda name, rows: split.images(rows, 20),
        patches=lambda images: patches,
        embedder=SimpleNamespace(backbone=SimpleNamespace(has_patches=True)),
    )
    assert Pointing().why_not(lab) is None
    found = finish(played(lab, 0, np.arange(3)))
    assert found.pairs["bill shape"] == 2 and found.pairs["back color"] == 2  # of the three, as PRESENT has it
    assert found.share("text", "bill shape") == found.share("row", "bill shape") == 1.0
    assert found.share("text", "back color") == 0.0
    assert 0 < found.share("random", "bill shape") < 0.03
