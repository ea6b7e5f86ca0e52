"""Uploads: whatever is sent, what is kept is a clean square picture, and what cannot be one is refused in words."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from engine.data.images import square
from engine.errors import BadImage, BadInput, StoreReadOnly
from engine.session import uploads
from engine.session.uploads import folder, keep, load
from engine.store.store import RunStore
from tests.data.test_images import picture, png_bomb


@pytest.fixture
def shelf(tmp_path):
    return RunStore(tmp_path / "home")


def data_of(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_what_comes_back_is_the_picture_to_the_pixel(shelf):
    ref = keep(shelf, data_of(picture(96, 48)), "bird.png")
    np.testing.assert_array_equal(load(shelf, ref, 48), np.asarray(square(picture(96, 48), 48)))
    assert load(shelf, ref, 24).shape == (24, 24, 3)


def test_the_same_picture_is_kept_once_under_the_same_name(shelf):
    a, b = (keep(shelf, data_of(picture()), name) for name in ("one.png", "two.png"))
    other = keep(shelf, data_of(picture(seed=1)), "one.png")
    assert a == b != other
    assert len(a) == len("upload:") + 16
    assert len(list(folder(shelf).iterdir())) == 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_every_format_is_taken(shelf, kind):
    assert load(shelf, keep(shelf, data_of(picture(), kind), "bird"), 16).shape == (16, 16, 3)


def test_cmyk_has_its_true_colours(shelf):
    data = data_of(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG", quality=95)
    assert np.abs(load(shelf, keep(shelf, data, "ink.jpg"), 8).astype(int) - [0, 255, 255]).mean() < 4


def test_sixteen_bits_are_scaled_not_cut_off(shelf):
    values = np.array([[0, 257 * 100], [257 * 200, 65535]], np.uint16)
    ref = keep(shelf, data_of(Image.fromarray(values)), "deep.png")
    np.testing.assert_array_equal(load(shelf, ref, 2)[..., 0], [[0, 100], [200, 255]])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_kept_and_nothing_else(shelf, kind):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    options = {"lossless": True} if kind == "WEBP" else {}
    ref = keep(shelf, data_of(frames[0], kind, save_all=True, append_images=frames[1:], **options), "moving")
    np.testing.assert_array_equal(load(shelf, ref, 8), np.full((8, 8, 3), (250, 0, 0)))
    (kept,) = folder(shelf).iterdir()
    assert getattr(Image.open(kept), "n_frames", 1) == 1


def test_it_is_turned_as_the_camera_was_held_and_the_cameras_notes_are_gone(shelf):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera that tells where you live"
    upright = picture(32, 32)
    ref = keep(shelf, data_of(upright.transpose(Image.Transpose.ROTATE_90), exif=exif), "bird.png")
    np.testing.assert_array_equal(load(shelf, ref, 32), np.asarray(upright))
    (kept,) = folder(shelf).iterdir()
    assert not Image.open(kept).getexif()
    assert b"camera" not in kept.read_bytes()


def test_what_is_transparent_shows_white(shelf):
    ref = keep(shelf, data_of(Image.new("RGBA", (4, 4), (0, 0, 0, 0))), "clear.png")
    assert (load(shelf, ref, 4) == 255).all()


def test_a_large_picture_is_kept_smaller(shelf):
    ref = keep(shelf, data_of(Image.new("RGB", (3000, 2000), (10, 200, 30)), "JPEG"), "large.jpg")
    (kept,) = folder(shelf).iterdir()
    assert Image.open(kept).size == (uploads.MAX_SIDE, uploads.MAX_SIDE)
    assert load(shelf, ref, 224).shape == (224, 224, 3)


# -- refused -----------------------------------------------------------------------------------------------------------


def refused(shelf, data, *words, name="bird.png"):
    with pytest.raises(BadImage) as error:
        keep(shelf, data, name)
    message = str(error.value)
    assert all(word in message for word in (name, *words)), message
    assert list(folder(shelf).glob("*")) == []  # nor is there a folder that could hold any


@pytest.mark.parametrize("data", [b"hello", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"%PDF-1.4", b"\xff\xd8\xff"])
def test_what_is_no_image_is_refused(shelf, data):
    refused(shelf, data, "not an image", "JPEG, PNG, WebP or BMP")


def test_an_empty_file_is_refused(shelf):
    refused(shelf, b"", "empty")


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "ICO", "PPM"])
def test_other_formats_are_refused_whatever_their_name(shelf, kind):
    refused(shelf, data_of(picture(), kind), "not an image")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8_000, 60_000, 2**31 - 1])
def test_a_bomb_is_refused_from_its_header(shelf, side):
    refused(shelf, png_bomb(side, side), "too many pixels", "50 megapixels", "Save it smaller")


def test_too_many_bytes_are_refused(shelf, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 100)
    refused(shelf, data_of(picture()), "larger than", "Save it smaller")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_picture_cut_short_is_refused(shelf, kind):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    data = data_of(noise, kind)
    refused(shelf, data[: int(len(data) * 0.7)])


def test_its_name_cannot_break_a_message(shelf):
    with pytest.raises(BadImage) as error:
        keep(shelf, b"hello", "a\nb\x1b[31m" + "x" * 1000)
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value) and len(str(error.value)) < 500


@pytest.mark.parametrize(
    "ref", ["upload:../../etc/passwd", "upload:", "upload:" + "0" * 15, "upload:" + "g" * 16, "test:1", "", "upload:\0"]
)
def test_what_is_no_reference_reads_nothing(shelf, ref):
    with pytest.raises(BadInput, match="16 hex digits"):
        load(shelf, ref, 8)


def test_one_that_is_gone_says_what_to_do(shelf):
    with pytest.raises(BadInput, match="Upload it again"):
        load(shelf, "upload:" + "0" * 16, 8)


# -- the shelf ---------------------------------------------------------------------------------------------------------


def test_the_oldest_make_room_and_one_used_again_is_not_old(shelf, monkeypatch):
    pictures = [data_of(picture(seed=i)) for i in range(4)]
    refs = [keep(shelf, data, "bird.png") for data in pictures[:3]]
    for age, ref in enumerate(refs):
        os.utime(folder(shelf) / f"{ref[7:]}.webp", (1000 + age, 1000 + age))
    keep(shelf, pictures[0], "again.png")
    sizes = sum(path.stat().st_size for path in folder(shelf).iterdir())
    monkeypatch.setattr(uploads, "MAX_KEPT", sizes)
    newest = keep(shelf, pictures[3], "bird.png")
    for ref in (refs[0], newest):
        assert load(shelf, ref, 8).shape == (8, 8, 3)
    with pytest.raises(BadInput):
        load(shelf, refs[1], 8)


def test_the_newest_stays_even_where_it_alone_is_too_much(shelf, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_KEPT", 1)
    ref = keep(shelf, data_of(picture()), "bird.png")
    assert load(shelf, ref, 8).shape == (8, 8, 3)


def test_nothing_half_written_is_left(shelf, monkeypatch):
    def full(self, target):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(StoreReadOnly):
        keep(shelf, data_of(picture()), "bird.png")
    assert not list(folder(shelf).iterdir())
