"""Public datasets, from small files in the layout that torchvision reads; nothing is fetched."""

import dataclasses
import hashlib
import io
import json
import pickle
import socket

import numpy as np
import pytest
import torchvision
from PIL import Image
from scipy.io import savemat

from engine.data import torchvision_sets
from engine.data.torchvision_sets import SETS
from engine.errors import BadFolder, BadImage, BadParameter
from engine.home import VARIABLE
from engine.runs.config import configure
from tests.data.made import png, write
from tests.data.sources.test_contract import promised

CIFAR = {"CIFAR10": ("data_batch_1", "test_batch", "labels"), "CIFAR100": ("train", "test", "fine_labels")}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Where torchvision's files are; sets are as small as those made here."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    for name, known in SETS.items():
        monkeypatch.setitem(torchvision_sets.SETS, name, dataclasses.replace(known, images=9))
    return tmp_path / "home" / "datasets"


def opened(name, **sets):
    return configure(None, {"data": f"torchvision:{name}", "increment": "1", **sets}).source.open()


def refused(name, *words, error=BadFolder, **sets):
    with pytest.raises(error) as caught:
        opened(name, **sets)
    assert all(word in str(caught.value) for word in words), caught.value


def pictures(*names, suffix="JPEG"):
    found = {}
    for number, name in enumerate(names):
        data = io.BytesIO()
        Image.open(io.BytesIO(png(20 * number, 90, 200 - 9 * number))).save(data, suffix)
        found[name] = data.getvalue()
    return found


def cifar(root, name, monkeypatch, trap=None):
    """Pickles as CIFAR's, with their sums as the published ones. Six training images and three for tests, RGB."""
    kind, (train, test, labels) = getattr(torchvision.datasets, name), CIFAR[name]
    draw = np.random.default_rng(5)
    files = {
        file: {"data": draw.integers(0, 256, (len(said), 3072), np.uint8), labels: said}
        for file, said in ((train, [2, 0, 1, 0, 1, 2]), (test, [1, 2, 0]))
    }
    files[kind.meta["filename"]] = {kind.meta["key"]: ["gull", "tern", "auk"]}
    place = root / kind.base_folder
    place.mkdir(parents=True)
    for file, content in files.items():
        (place / file).write_bytes(pickle.dumps(content, protocol=2))
    md5 = {file: hashlib.md5((place / file).read_bytes()).hexdigest() for file in files}
    monkeypatch.setattr(kind, "train_list", [[train, md5[train]]])
    monkeypatch.setattr(kind, "test_list", [[test, md5[test]]])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": md5[kind.meta["filename"]]})
    return place, files


@pytest.mark.parametrize("name", CIFAR)
def test_the_arrays_of_cifar(root, name, monkeypatch):
    _, files = cifar(root, name, monkeypatch)
    data = opened(name)
    promised(data, opened(name))
    assert data.class_names == ("gull", "tern", "auk") and data.name == name  # in the published order
    assert data.splits["train"].labels.tolist() == [2, 0, 1, 0, 1, 2]
    assert data.splits["test"].labels.tolist() == [1, 2, 0]
    pixels = files[CIFAR[name][1]]["data"].reshape(3, 3, 32, 32).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(data.splits["test"].images([0, 1, 2], 32), pixels)


def test_a_pickle_that_is_not_the_published_one_is_never_opened(root, monkeypatch, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    place, _ = cifar(root, "CIFAR10", monkeypatch)
    for file in ("data_batch_1", "test_batch", "batches.meta"):
        whole = (place / file).read_bytes()
        (place / file).write_bytes(pickle.dumps(Trap(), protocol=2))
        refused("CIFAR10", "finds no whole CIFAR10", "corrupted", str(place))
        (place / file).write_bytes(whole)
    assert not (tmp_path / "sprung").exists() and opened("CIFAR10").name == "CIFAR10"


def food(root):
    names = {c: [f"{c}/{i}" for i in range(3)] for c in ("apple_pie", "waffles")}
    meta = {"train": {c: n[:2] for c, n in names.items()}, "test": {c: n[2:] for c, n in names.items()}}
    files = pictures(*(f"images/{n}.jpg" for each in names.values() for n in each))
    write(root / "food-101", {**files, **{f"meta/{s}.json": json.dumps(m).encode() for s, m in meta.items()}})
    return ("apple pie", "waffles"), 4, 2


def pets(root):
    ids = [f"{breed}_{i}" for breed in ("Abyssinian", "great_pyrenees") for i in range(3)]
    lines = [f"{name} {1 + i // 3} {1 + i // 3} 1" for i, name in enumerate(ids)]
    files = pictures(*(f"images/{name}.jpg" for name in ids))
    files["annotations/trainval.txt"] = "\n".join(line for i, line in enumerate(lines) if i % 3).encode()
    files["annotations/test.txt"] = "\n".join(line for i, line in enumerate(lines) if not i % 3).encode()
    write(root / "oxford-iiit-pet", files)
    return ("Abyssinian", "Great Pyrenees"), 4, 2


def textures(root):
    names = [f"{c}/{c}_{i}.jpg" for c in ("banded", "blotchy") for i in range(3)]
    files = pictures(*(f"images/{name}" for name in names))
    for number, split in enumerate(("train", "val", "test")):
        files[f"labels/{split}1.txt"] = "\n".join(names[number::3]).encode()
    write(root / "dtd" / "dtd", files)
    return ("banded", "blotchy"), 4, 2


def aircraft(root):
    names = [f"{i:07}" for i in range(6)]
    lines = [f"{name} {('707-320', 'F/A-18')[i // 3]}" for i, name in enumerate(names)]
    files = pictures(*(f"data/images/{name}.jpg" for name in names))
    files["data/variants.txt"] = b"707-320\nF/A-18\n"
    files["data/images_variant_trainval.txt"] = "\n".join(line for i, line in enumerate(lines) if i % 3).encode()
    files["data/images_variant_test.txt"] = "\n".join(line for i, line in enumerate(lines) if not i % 3).encode()
    write(root / "fgvc-aircraft-2013b", files)
    return ("707-320", "F A-18"), 4, 2


def satellite(root):
    write(root / "eurosat" / "2750", pictures(*(f"{c}/{c}_{i}.jpg" for c in ("Forest", "River") for i in range(5))))
    return ("Forest", "River"), 8, 2  # of each class a fifth


def caltech(root):
    names = [f"{c}/image_{i:04}.jpg" for c in ("ant", "yin_yang", "BACKGROUND_Google") for i in range(1, 6)]
    write(root / "caltech101" / "101_ObjectCategories", pictures(*names))
    return ("ant", "yin yang"), 8, 2


def flowers(root, monkeypatch):
    place = write(root / "flowers-102", pictures(*(f"jpg/image_{i:05}.jpg" for i in range(1, 10))))
    savemat(place / "imagelabels.mat", {"labels": np.array([1, 1, 1, 2, 2, 2, 3, 3, 3])})
    savemat(place / "setid.mat", {"trnid": [1, 4, 7], "valid": [2, 5, 8], "tstid": [3, 6, 9]})
    sums = {
        n: (f, hashlib.md5((place / f).read_bytes()).hexdigest())
        for n, f in (("label", "imagelabels.mat"), ("setid", "setid.mat"))
    }
    kind = torchvision.datasets.Flowers102
    monkeypatch.setattr(kind, "_file_dict", {**kind._file_dict, **sums})
    monkeypatch.setattr(kind, "classes", ["pink primrose", "orchid", "tulip"])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("Food101", food),
        ("OxfordIIITPet", pets),
        ("DTD", textures),
        ("FGVCAircraft", aircraft),
        ("EuroSAT", satellite),
        ("Caltech101", caltech),
    ],
)
def test_images_that_lie_in_files_stay_where_they_are(root, monkeypatch, name, make):
    monkeypatch.setitem(torchvision_sets.SETS, name, dataclasses.replace(SETS[name], images=6))
    classes, train, test = make(root)
    data = opened(name)
    promised(data, opened(name))
    assert data.class_names == classes
    assert [len(data.splits[split].labels) for split in ("train", "test")] == [train, test]
    for split in data.splits.values():
        for file, label in zip(split.files, split.labels, strict=True):
            named = str(file.path.relative_to(root)).lower().replace("_", " ")
            assert name == "FGVCAircraft" or classes[label].lower() in named
    assert not (root.parent / "cache").exists()


def test_flowers_take_the_published_split(root, monkeypatch):
    flowers(root, monkeypatch)
    data = opened("Flowers102")
    assert data.class_names == ("pink primrose", "orchid", "tulip")
    assert [file.path.name for file in data.splits["test"].files] == [f"image_{i:05}.jpg" for i in (3, 6, 9)]
    assert len(data.splits["train"].labels) == 6  # train and val


def test_signs_are_written_as_png_and_have_names(root, monkeypatch):
    made = pictures(*(f"Training/{c:05}/{i}.ppm" for c in range(43) for i in range(2)), suffix="PPM")
    made |= pictures(*(f"Final_Test/Images/{c:05}.ppm" for c in range(43)), suffix="PPM")
    write(root / "gtsrb" / "GTSRB", made)
    lines = ["Filename;Width;Height;ClassId", *(f"{c:05}.ppm;24;20;{c}" for c in range(43))]
    (root / "gtsrb" / "GT-final_test.csv").write_text("\n".join(lines))
    data = opened("GTSRB")
    assert len(data.class_names) == 43 and data.class_names[14] == "stop" and data.class_names[40] == "roundabout"
    assert [len(data.splits[split].labels) for split in ("train", "test")] == [86, 43]
    assert data.splits["test"].images([3], 20).shape == (1, 20, 20, 3)
    assert opened("GTSRB").class_digests == data.class_digests


# -- what may be wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_without_files_it_says_where_it_looked_and_how_to_bring_them(root, name, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it went online without being asked"))
    refused(name, f"{root}/{SETS[name].folder}", f"finds no whole {name}", "Set download=yes", SETS[name].page)


def test_a_download_that_cannot_be_is_said_and_leaves_no_timeout_behind(root, monkeypatch):
    def offline(*_):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", offline)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(2, 1, 6, "", ("127.0.0.1", 9))])
    before = socket.getdefaulttimeout()
    refused("CIFAR10", "could not fetch CIFAR10", "unreachable", "Try again, or bring the files", download="yes")
    assert socket.getdefaulttimeout() == before


def test_a_set_that_came_half_and_files_that_are_missing(root, monkeypatch):
    food(root)
    refused("Food101", "it has 6 images, and Food101 has 9", "half only", "download=yes")
    monkeypatch.setitem(torchvision_sets.SETS, "Food101", dataclasses.replace(SETS["Food101"], images=6))
    (root / "food-101" / "images" / "waffles" / "1.jpg").unlink()
    refused("Food101", "images/waffles/1.jpg", "cannot be read", error=BadImage)
    meta = root / "food-101" / "meta" / "train.json"
    meta.write_text(meta.read_text().replace("waffles/1", "../../../../secret"))
    write(root.parent.parent, {"secret.jpg": png(1, 1, 1)})
    refused("Food101", "leaves the folder", error=BadImage)
    meta.write_text("{")
    refused("Food101", "finds no whole Food101")


def test_another_root_and_names_that_are_none(root, tmp_path):
    food(tmp_path / "mine")
    refused("Food101", "9:", str(tmp_path / "mine" / "food-101"), root=str(tmp_path / "mine"))
    refused("Food101", str(root.parent / "there" / "food-101"), root="there")
    refused("MNIST", "known are CIFAR10, CIFAR100, Caltech101", error=BadParameter)
