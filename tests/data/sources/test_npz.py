"""Embeddings in an .npz file: what they come to, and the array and row of whatever is wrong with them."""

import io
import random
import zipfile

import numpy as np
import pytest

from engine.data.dataset import ConceptCandidate, RepeatedImages
from engine.data.sources.npz import NpzSource
from engine.errors import BadFolder, BadInput, BadParameter, NotApplicable, PlumageError
from engine.runs.config import configure
from tests.data.sources.test_contract import promised
from tests.hostile.mutations import MUTATIONS

WIDTH, EACH = 6, 5
NAMES = ("gull", "tern", "auk")


def arrays(**changes):
    """Fifteen images of three classes, with texts; a change of None leaves an array out."""
    draw = np.random.default_rng(3)
    labels = np.repeat(np.arange(3), EACH)
    found = {
        "images": (10 * np.eye(3, WIDTH)[labels] + draw.normal(size=(15, WIDTH))).astype(np.float32),
        "labels": labels,
        "split": np.array(["train", "train", "val", "test", "test"] * 3),
        "class_names": np.array(NAMES),
        "class_embeddings": np.eye(3, WIDTH),
        "concepts": np.array(["grey back", "black cap", "at sea"]),
        "concept_embeddings": np.eye(WIDTH)[3:],
        "concept_class": np.array([0, 1, -1]),
        **changes,
    }
    return {name: array for name, array in found.items() if array is not None}


def saved(path, **changes):
    np.savez(path / "birds.npz", **arrays(**changes))
    return path / "birds.npz"


def opened(path, **sets):
    return configure(None, {"data": f"npz:{path}", "increment": "1", **sets}).source.open()


def refused(path, *words, error=BadInput):
    with pytest.raises(error) as caught:
        opened(path)
    assert all(word in str(caught.value) for word in ("birds.npz", *words)), caught.value


# -- what comes out ----------------------------------------------------------------------------------------------------


def test_arrays_become_classes_splits_texts_and_concepts(tmp_path):
    data = opened(saved(tmp_path))
    assert data.name == "birds.npz" and data.class_names == NAMES
    assert {name: split.labels.tolist() for name, split in data.splits.items()} == {
        "train": [0, 0, 0, 1, 1, 1, 2, 2, 2],
        "test": [0, 0, 1, 1, 2, 2],
    }
    train = data.splits["train"].vectors
    np.testing.assert_allclose(np.linalg.norm(train, axis=1), 1, rtol=1e-6)
    expected = arrays()["images"][5] / np.linalg.norm(arrays()["images"][5])
    np.testing.assert_allclose(train[3], expected, rtol=1e-6)
    assert data.candidates(0) == (ConceptCandidate("grey back"), ConceptCandidate("at sea"))
    assert data.candidates(2) == (ConceptCandidate("at sea"),)
    np.testing.assert_array_equal(data.vectors.of(["at sea", "tern"]), np.eye(WIDTH)[[5, 1]])
    assert data.vectors.width == WIDTH and data.vectors.unknown(["tern", "a tern"]) == {"a tern"}
    with pytest.raises(NotApplicable, match="without pixels"):
        data.splits["test"].images([0], 32)
    with pytest.raises(NotApplicable, match="'a tern' is not among them"):
        data.vectors.of(["a tern"])


def test_with_small_pictures_it_keeps_the_contract_of_all_sources(tmp_path):
    small = np.random.default_rng(0).integers(0, 256, (15, 8, 8, 3), np.uint8)
    made = saved(tmp_path, thumbnails=small)
    data = opened(made)
    promised(data, opened(made))
    np.testing.assert_array_equal(data.splits["test"].images([1], 8)[0], small[4])
    assert len(data.splits["test"].picture_digest(1)) == 64
    again = opened(saved(tmp_path, images=arrays()["images"] + np.float32(0.01)))
    assert again.class_digests != data.class_digests and again.vectors.digest == data.vectors.digest


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_the_fewest_arrays_of_any_float(tmp_path, kind):
    path = tmp_path / "birds.npz"
    np.savez_compressed(path, images=arrays()["images"].astype(kind), labels=np.array(NAMES).repeat(EACH))
    data = opened(path, test_share="0.4")
    assert data.class_names == ("auk", "gull", "tern") and data.candidates(0) == () and data.concepts_digest == ""
    assert np.bincount(data.splits["test"].labels).tolist() == [2, 2, 2]
    np.testing.assert_allclose(data.vectors.of([]), np.zeros((0, WIDTH)))
    assert opened(path, test_share="0.4").splits["test"].digest == data.splits["test"].digest
    assert opened(path, test_share="0.4", world_seed="5").splits["test"].digest != data.splits["test"].digest


def test_labels_alone_are_numbers_and_bytes_are_texts(tmp_path):
    assert opened(saved(tmp_path, class_names=None, class_embeddings=None)).class_names == ("0", "1", "2")
    by_name = np.array([name.encode() for name in NAMES]).repeat(EACH)
    assert opened(saved(tmp_path, labels=by_name)).class_names == NAMES


def test_test_images_that_are_training_images_too_are_counted(tmp_path):
    images = arrays()["images"]
    images[3] = 2 * images[0]  # the same direction
    assert opened(saved(tmp_path, images=images)).repeated(lambda files: []) == RepeatedImages(same_bytes=1)


def test_ten_thousand_classes(tmp_path):
    labels = np.repeat(np.arange(10_000), 3)
    images = np.random.default_rng(0).normal(size=(30_000, 4)).astype(np.float32)
    np.savez(tmp_path / "birds.npz", images=images, labels=labels)
    data = opened(tmp_path / "birds.npz")
    assert len(data.class_names) == 10_000 and len(data.splits["test"].labels) == 10_000


# -- what may be wrong -------------------------------------------------------------------------------------------------


def with_row(name, row, value):
    array = np.array(arrays()[name])
    array[row] = value
    return {name: array}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": None}, ["no array 'images'"]),
        ({"labels": None}, ["no array 'labels'"]),
        ({"image": np.zeros(3)}, ["called 'image'", "class_embeddings"]),
        (with_row("images", 7, np.nan), ["images, row 7", "not finite"]),
        (with_row("images", (7, 2), np.inf), ["images, row 7", "not finite"]),
        (with_row("images", 2, 0), ["images, row 2", "no direction"]),
        (with_row("class_embeddings", 1, 0), ["class_embeddings, row 1", "no direction"]),
        (with_row("concept_embeddings", (2, 5), np.nan), ["concept_embeddings, row 2", "not finite"]),
        ({"images": np.zeros((15, 0), np.float32)}, ["images", "empty"]),
        ({"images": np.zeros(15, np.float32)}, ["images", "its shape is [15]"]),
        ({"images": np.zeros((15, WIDTH), np.int64)}, ["images", "int64"]),
        ({"images": np.zeros((15, WIDTH), np.complex64)}, ["images", "complex64"]),
        ({"class_embeddings": np.eye(3, WIDTH + 1)}, ["class_embeddings", "its shape is [3, 7], and [3, 6]"]),
        ({"class_embeddings": np.eye(4, WIDTH)}, ["class_embeddings", "its shape is [4, 6], and [3, 6]"]),
        ({"concept_embeddings": np.eye(3, 2)}, ["concept_embeddings", "[any, 6] is needed"]),
        ({"concepts": np.array(["one", "two"])}, ["concepts", "its shape is [2], and [3]"]),
        ({"labels": np.arange(14)}, ["labels", "its shape is [14], and [15]"]),
        (with_row("labels", 4, 3), ["labels, row 4", "3 is not in 0..2"]),
        (with_row("labels", 4, -1), ["labels, row 4", "-1 is not in 0..2"]),
        ({"labels": np.zeros(15)}, ["labels", "float64"]),
        ({"labels": np.array(["gull", ""] + ["tern"] * 13)}, ["labels, row 1", "no text of 1 to"]),
        ({"labels": np.array(["gull", "owl"] + ["tern"] * 13)}, ["labels, row 1", "no class is called 'owl'"]),
        (
            {"labels": np.array([10**9] * 15), "class_names": None, "class_embeddings": None},
            ["labels, row 0", "not in"],
        ),
        (with_row("concept_class", 2, 3), ["concept_class, row 2", "3 is not in -1..2"]),
        ({"split": np.array(["train"] * 14 + ["dev"])}, ["split, row 14", "'dev' is no split"]),
        ({"class_names": None}, ["class_embeddings", "needs 'class_names' beside it"]),
        ({"concepts": None}, ["concept_embeddings", "needs 'concepts' beside it"]),
        ({"concepts": np.array(["gull", "black cap", "at sea"])}, ["concepts, row 0", "another embedding"]),
        ({"concepts": np.array(["at sea", "black cap", "at sea"])}, ["concepts, row 2", "another embedding"]),
        ({"thumbnails": np.zeros((15, 8, 9, 3), np.uint8)}, ["thumbnails", "[15, 8, 9, 3]"]),
        ({"thumbnails": np.zeros((14, 8, 8, 3), np.uint8)}, ["thumbnails", "N = 15"]),
        ({"thumbnails": np.zeros((15, 8, 8, 3), np.float32)}, ["thumbnails", "float32"]),
    ],
)
def test_what_is_wrong_is_named_with_its_array_and_row(tmp_path, changes, words):
    refused(saved(tmp_path, **changes), *words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"class_names": np.array(["gull", "Gull", "auk"])}, ["gull and Gull"]),
        ({"class_names": np.array(["gull", "tern", "a<b>"])}, ["a<b>"]),
        ({"split": np.array(["train"] * 15)}, ["gull has 0", "1 test image"]),
        ({"labels": np.zeros(15, np.int64)}, ["tern has 0"]),
    ],
)
def test_classes_keep_the_rules_of_all_sources(tmp_path, changes, words):
    with pytest.raises(BadFolder) as caught:
        opened(saved(tmp_path, **changes))
    assert all(word in str(caught.value) for word in words), caught.value


def test_objects_are_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    np.savez(tmp_path / "birds.npz", **arrays(), ids=np.array([Trap()] * 15, object))
    refused(tmp_path / "birds.npz", "'ids' holds objects", "only numbers and texts")
    assert not (tmp_path / "sprung").exists()


def test_what_is_no_file_of_arrays(tmp_path):
    path = tmp_path / "birds.npz"
    for content in (b"", b"PK", b"x" * 1000):
        path.write_bytes(content)
        refused(path, "cut off")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.txt", "1 2 3")
    refused(path, "holds at most 50 arrays, and nothing else")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", bytes(2**27))
    refused(path, "would unpack to")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": (2**40, 2**10), "fortran_order": False, "descr": "<f4"})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", header.getvalue())
    refused(path, "another length than it says")
    with pytest.raises(BadParameter, match="run: path ="):
        opened(tmp_path)


def test_damage_gives_a_word_or_the_arrays_of_the_file(tmp_path):
    """Every array's sum is checked: flipped, cut, blanked or exchanged, it is refused in words. Seeded."""
    whole, draw = saved(tmp_path).read_bytes(), random.Random(11)
    first, refusals = opened(tmp_path / "birds.npz"), 0
    for number in range(100):
        (tmp_path / "birds.npz").write_bytes(MUTATIONS[number % len(MUTATIONS)](whole, draw))
        try:
            assert opened(tmp_path / "birds.npz").class_digests == first.class_digests
        except PlumageError as error:
            assert error.remedy
            refusals += 1
    assert refusals > 50


# -- its place in a run ------------------------------------------------------------------------------------------------


def test_a_run_on_it_has_no_backbone_and_says_so():
    config = configure(None, {"data": "npz:/birds.npz", "increment": "1"})
    assert config.backbone == "given" and config.source == NpzSource("/birds.npz")
    for sets, word in (
        ({"backbone": "ViT-B-16:openai"}, "bring embeddings and no pixels"),
        ({"prompt": "a photo of {}"}, "as they stand"),
        ({"concept_prompt": "it has {}"}, "as they stand"),
        ({"hardening": "tga"}, "needs pixels"),
    ):
        with pytest.raises(BadParameter, match=word) as caught:
            configure(None, {"data": "npz:/birds.npz", "increment": "1", **sets})
        assert caught.value.field == next(iter(sets))
    with pytest.raises(BadParameter, match="have pixels and bring no embeddings"):
        configure(None, {"backbone": "given"})
