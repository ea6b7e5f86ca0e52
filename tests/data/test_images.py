"""Image files: everything comes out upright, square and RGB, and nothing hostile gets far."""

import contextlib
import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.data import images
from engine.data.images import inspect_image, read_image, shown, square, to_rgb
from engine.errors import BadImage


def picture(width=40, height=30, seed=0):
    """Smooth colours, so that JPEG changes little."""
    corners = np.random.default_rng(seed).integers(0, 256, (3, 3, 3)).astype(np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


def save(path, image, **options):
    image.save(path, **options)
    return path


def close(a, b, tolerance):
    return np.abs(a.astype(int) - b.astype(int)).mean() < tolerance


@pytest.mark.parametrize(("suffix", "tolerance"), [("jpg", 4), ("jpeg", 4), ("png", 0.01), ("webp", 6), ("bmp", 0.01)])
def test_every_format_gives_the_same_picture(tmp_path, suffix, tolerance):
    path = save(tmp_path / f"bird.{suffix}", picture())
    inspect_image(path)
    got = read_image(path, 24)
    assert got.shape == (24, 24, 3) and got.dtype == np.uint8
    assert close(got, np.asarray(square(picture(), 24)), tolerance)


@pytest.mark.parametrize(("width", "height"), [(96, 48), (48, 96), (48, 48)])
def test_cut_and_scale_in_one_step_is_clips_scale_then_cut(width, height):
    image = picture(width, height)
    scale = 24 / min(width, height)
    whole = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    left, top = (whole.width - 24) // 2, (whole.height - 24) // 2
    expected = np.asarray(whole.crop((left, top, left + 24, top + 24)))
    assert np.abs(np.asarray(square(image, 24)).astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_the_camera_was_held(tmp_path, orientation):
    upright = picture(32, 32)
    undo = {  # how the camera stored it, by what a viewer has to do
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright if undo is None else upright.transpose(undo)
    path = save(tmp_path / "bird.png", stored, exif=exif)
    np.testing.assert_array_equal(read_image(path, 32), np.asarray(upright))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_nonsense_in_the_cameras_notes_is_ignored(tmp_path):
    path = save(tmp_path / "bird.jpg", picture(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xfe" * 40, quality=95)
    inspect_image(path)
    assert close(read_image(path, 24), np.asarray(square(picture(), 24)), 4)


# -- modes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr", "HSV", "RGB"])
def test_opaque_modes_keep_their_colours(mode):
    image = Image.new("RGB", (4, 4), (255, 255, 255)).convert(mode)
    np.testing.assert_array_equal(np.asarray(to_rgb(image)), 255)


def test_a_cmyk_jpeg_has_its_true_colours(tmp_path):
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    path = save(tmp_path / "ink.jpg", cyan, quality=95)
    assert close(read_image(path, 8), np.broadcast_to(np.array([0, 255, 255]), (8, 8, 3)), 4)


def test_sixteen_bits_are_scaled_not_cut_off(tmp_path):
    values = np.array([[0, 257 * 100], [257 * 200, 65535]], np.uint16)
    path = save(tmp_path / "deep.png", Image.fromarray(values))
    np.testing.assert_array_equal(read_image(path, 2)[..., 0], [[0, 100], [200, 255]])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_shows_white(tmp_path, mode):
    black = Image.new("RGBA", (4, 4), (0, 0, 0, 255))
    black.putpixel((0, 0), (0, 0, 0, 0))
    path = save(tmp_path / "clear.png", black.convert(mode))
    got = read_image(path, 4)
    assert got[0, 0].tolist() == [255, 255, 255] and got[3, 3].tolist() == [0, 0, 0]


def test_a_palette_with_a_transparent_colour(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((0, 0), 0)
    path = save(tmp_path / "palette.png", image, transparency=0)
    got = read_image(path, 4)
    assert got[0, 0].tolist() == [255, 255, 255] and got[3, 3].tolist() == [200, 0, 0]


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_of_an_animation_the_first_frame_is_taken(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(tmp_path / f"moving.{suffix}", frames[0], save_all=True, append_images=frames[1:], **options)
    inspect_image(path)
    assert close(read_image(path, 8), np.broadcast_to(np.array([250, 0, 0]), (8, 8, 3)), 2)


# -- hostile files -----------------------------------------------------------------------------------------------------


def refused(path, *words):
    with pytest.raises(BadImage) as error:
        inspect_image(path)
    with pytest.raises(BadImage):
        read_image(path, 8)
    message = str(error.value)
    assert path.name in message and all(word in message for word in words), message


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\0\0\0\0WEBP"])
def test_what_is_no_image_is_refused(tmp_path, content):
    path = tmp_path / "bird.jpg"
    path.write_bytes(content)
    refused(path, "not an image", "JPEG")


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PPM", "ICO", "EPS"])
def test_other_formats_are_not_even_tried_whatever_their_name(tmp_path, kind):
    path = tmp_path / "bird.png"
    picture().save(path, format=kind)
    refused(path, "not an image")


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_picture_cut_short_is_found_when_the_folder_is_opened(tmp_path, suffix, part):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    path = save(tmp_path / f"bird.{suffix}", noise)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    refused(path)


def test_a_damaged_png_is_found_by_its_checksums(tmp_path):
    path = save(tmp_path / "bird.png", picture())
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 30] ^= 0xFF
    path.write_bytes(data)
    refused(path, "damaged")


def test_something_behind_the_end_of_a_picture_does_no_harm(tmp_path):
    path = save(tmp_path / "bird.jpg", picture())
    path.write_bytes(path.read_bytes() + b"trailing notes of some camera")
    inspect_image(path)
    assert read_image(path, 8).shape == (8, 8, 3)


def png_bomb(width, height):
    """A few hundred bytes that claim to be a huge picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("width", "height"), [(7072, 7072), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_from_its_header(tmp_path, monkeypatch, width, height):
    monkeypatch.setattr(images, "_decode", lambda *_: pytest.fail("decoded"))
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bomb(width, height))
    refused(path, "pixels", "50 megapixels")


def test_a_bomb_is_refused_even_where_warnings_are_errors(tmp_path):
    import warnings

    path = tmp_path / "bomb.png"
    path.write_bytes(png_bomb(10_000, 10_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused(path, "50 megapixels")


def test_a_picture_just_within_the_limit_is_decoded(tmp_path):
    path = save(tmp_path / "large.png", Image.new("1", (7000, 7142)))  # 49.99 megapixels
    inspect_image(path)


def test_a_very_long_picture_takes_no_more_memory_than_its_pixels(tmp_path):
    long = np.zeros((1, 200_000, 3), np.uint8)
    long[:, 90_000:110_000] = 200
    path = save(tmp_path / "long.png", Image.fromarray(long))
    assert (read_image(path, 224) == 200).all()  # scaled as a whole first it would be 224 x 44,800,000


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    refused(save(tmp_path / "bird.png", picture()), "larger than")


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "bird.png")
    refused(tmp_path / "bird.png", "not an ordinary file")


def test_missing_and_unreadable_files(tmp_path):
    refused(tmp_path / "gone.png", "cannot be read")
    (tmp_path / "folder.png").mkdir()
    refused(tmp_path / "folder.png")


def test_digest_is_of_the_content(tmp_path):
    a, b = save(tmp_path / "a.png", picture()), save(tmp_path / "b.png", picture())
    other = save(tmp_path / "c.png", picture(seed=1))
    assert inspect_image(a).sha256 == inspect_image(b).sha256 != inspect_image(other).sha256
    assert inspect_image(a).bytes == len(a.read_bytes())


def damaged(kind, rng, seed):
    """A picture of a format with four bytes changed."""
    buffer = io.BytesIO()
    picture(16, 16, seed).save(buffer, kind)
    data = bytearray(buffer.getvalue())
    for place in rng.integers(0, len(data), 4):
        data[place] = rng.integers(256)
    return bytes(data)


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("JPEG", 10, 40), ("PNG", 0, 5), ("WEBP", 10, 40), ("BMP", 30, 49)]
)
def test_random_damage_is_read_or_refused_and_nothing_else(tmp_path, kind, least, most):
    """Of fifty files of a format as many are still pictures as its checksums, or the lack of them, lets through."""
    rng, path = np.random.default_rng(0), tmp_path / "bird.jpg"
    read = 0
    for seed in range(50):
        path.write_bytes(damaged(kind, rng, seed))
        with contextlib.suppress(BadImage):
            inspect_image(path)
        with contextlib.suppress(BadImage):
            read += read_image(path, 8).shape == (8, 8, 3)
    assert least <= read <= most


def test_names_are_fit_for_messages():
    assert shown("a\nb\x1b[31m\u202ec") == "a�b�[31m�c"
    assert len(shown("x" * 1000)) == 201
