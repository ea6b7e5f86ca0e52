"""Test images that stand in the training images: counted by bytes and by pixels, and nothing decoded without need."""

import numpy as np
import pytest
from PIL import Image

from engine.data.aviary.world import Aviary
from engine.data.dataset import RepeatedImages
from engine.data.folder import open_folder
from engine.data.repeated import pixel_digests
from engine.errors import BadImage


@pytest.fixture
def folder(tmp_path):
    """Two classes; three training and two test images each, of 20 x 16 noise."""
    rng = np.random.default_rng(3)
    for split, count in (("train", 3), ("test", 2)):
        for name in ("cat", "dog"):
            (tmp_path / split / name).mkdir(parents=True)
            for i in range(count):
                noise = Image.fromarray(rng.integers(0, 256, (16, 20, 3)).astype(np.uint8))
                noise.save(tmp_path / split / name / f"{i}.png")
    return tmp_path


def never(files):
    assert not files, "decoded without need"
    return []


def test_images_of_their_own_are_none(folder):
    assert open_folder(folder).repeated(pixel_digests) == RepeatedImages(0, 0)


def test_bytes_and_pixels_are_told_apart_across_classes_and_formats(folder):
    cat, dog = (folder / "train" / name / "0.png" for name in ("cat", "dog"))
    (folder / "test" / "dog" / "copy.png").write_bytes(cat.read_bytes())  # under another class
    (folder / "test" / "dog" / "1.png").write_bytes(cat.read_bytes())
    Image.open(dog).save(folder / "test" / "dog" / "again.bmp")
    turned = Image.open(dog).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise, which undoes it
    turned.save(folder / "test" / "cat" / "upright.png", exif=exif)
    assert open_folder(folder).repeated(pixel_digests) == RepeatedImages(same_bytes=2, same_pixels=2)


def test_almost_equal_is_not_equal(folder):
    pixels = np.asarray(Image.open(folder / "train" / "cat" / "0.png")).copy()
    pixels[5, 5, 0] ^= 1
    Image.fromarray(pixels).save(folder / "test" / "cat" / "0.png")
    assert open_folder(folder).repeated(pixel_digests) == RepeatedImages(0, 0)


def test_only_what_has_the_same_size_on_both_sides_is_decoded(folder):
    for path in (folder / "test").glob("*/*"):
        Image.open(path).resize((9, 9)).save(path)
    assert open_folder(folder).repeated(never) == RepeatedImages(0, 0)
    Image.new("RGB", (9, 9)).save(folder / "train" / "cat" / "small.png")
    asked = []
    open_folder(folder).repeated(lambda files: asked.extend(files) or pixel_digests(files))
    assert len(asked) == 4 + 1


def test_a_file_that_changed_meanwhile_is_not_counted(folder):
    data = open_folder(folder)
    Image.new("RGB", (20, 16)).save(folder / "test" / "cat" / "0.png")
    with pytest.raises(BadImage, match="has changed"):
        data.repeated(pixel_digests)


def test_the_aviary_repeats_nothing_and_decodes_nothing():
    assert Aviary(species=2, train_per_class=2, test_per_class=2).repeated(never) == RepeatedImages()
