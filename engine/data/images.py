"""Reading image files that nobody vouches for: checked before they are decoded, and always RGB afterwards.

Preparation is CLIP's: upright, the largest centred square, bicubic to the wanted size.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps

from engine.data.inside import read_inside
from engine.errors import BadImage
from engine.structures import Malformed

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
MAX_PIXELS = 50_000_000
"""Larger pictures are refused from their header: a few bytes of a file can ask for any amount of memory."""
MAX_BYTES = 256 * 2**20
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
_BACKGROUND = (255, 255, 255)
"""What shows through transparent pixels."""
RULE = "images are JPEG, PNG, WebP or BMP of at most 50 megapixels"
_REPLACE = "Replace or remove the file"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file whose header was read.

    Attributes:
        path: where it is.
        root: the folder that it is in, and that no link may leave.
        bytes: its size.
        sha256: hex digest of its content.
        sides: its width and height in pixels, the smaller first: as it lies in the file or upright.
    """

    path: Path
    root: Path
    bytes: int
    sha256: str
    sides: tuple[int, int]


def inspect_image(path: Path, root: Path | None = None) -> ImageFile:
    """Check a file without decoding it, unless its end looks cut off.

    Args:
        root: the folder that it is in, at any depth; without it the one it lies in.

    Raises:
        BadImage: not an image, cut short, too large, not readable, or a link that leaves the folder.
    """
    root = root or Path(os.path.realpath(path.parent))
    data = _read(path, root)
    header = _open(path, data)
    sides = min(header.size), max(header.size)
    if not _looks_whole(header, data):
        _decode(path, _open(path, data))  # an odd end need not be a broken image: only decoding can tell
    return ImageFile(path, root, len(data), hashlib.sha256(data).hexdigest(), sides)


def read_image(path: Path, size: int) -> npt.NDArray[np.uint8]:
    """The image as uint8 [size, size, 3]: upright, centre-cropped, resized.

    Raises:
        BadImage: as `inspect_image`; also where the pixels turn out to be damaged.
    """
    return _prepared(path, _read(path, Path(os.path.realpath(path.parent))), size)


def read_inspected(file: ImageFile, size: int) -> npt.NDArray[np.uint8]:
    """As `read_image`, of the very bytes that were inspected.

    Raises:
        BadImage: also where the file has other bytes by now.
    """
    return _prepared(file.path, _same(file), size)


def decode_inspected(file: ImageFile) -> Image.Image:
    """The very bytes that were inspected, upright and RGB in their own size; raises as `read_inspected`."""
    return decode_image(_same(file), str(file.path))


def inspected_sides(file: ImageFile) -> tuple[int, int] | None:
    """Width and height of an image as it lies in its file, or None where it is shown turned; raises as
    `read_inspected`."""
    header = _open(file.path, _same(file))
    return None if header.getexif().get(ExifTags.Base.Orientation, 1) != 1 else header.size


def _same(file: ImageFile) -> bytes:
    return same_bytes(file.path, file.root, file.sha256)


def same_bytes(path: Path, root: Path, sha256: str) -> bytes:
    """The content of a file that was inspected. That is what gives the image its name everywhere: other bytes must not
    be taken for it.

    Args:
        root: the folder that it is in, at any depth.
        sha256: hex digest of the content when it was inspected.

    Raises:
        BadImage: it has other bytes by now, or cannot be read.
    """
    data = _read(path, root)
    if hashlib.sha256(data).hexdigest() != sha256:
        remedy = "Leave the folder as it is while it is in use, and begin again"
        raise BadImage(shown(path), "the file has changed since the folder was opened", remedy)
    return data


def _prepared(path: Path, data: bytes, size: int) -> npt.NDArray[np.uint8]:
    return np.asarray(square(_decode(path, _open(path, data)), size))


def decode_image(data: bytes, name: str) -> Image.Image:
    """A picture that was handed over as bytes: upright and RGB, in its own size.

    Args:
        name: what its owner calls it, for messages.

    Raises:
        BadImage: not an image, cut short, or too large.
    """
    return _decode(Path(name), _open(Path(name), data))


def square(image: Image.Image, size: int) -> Image.Image:
    """The largest centred square of `image`, bicubic to `size`.

    Cuts and scales in one step. Scaling the whole picture first, as CLIP's own code does, gives the same pixels but
    takes any amount of memory for one that is very long and narrow.
    """
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return image.resize((size, size), Image.Resampling.BICUBIC, box=box)


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: 16 bits scaled to 8, transparency on white, palettes and CMYK resolved."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep_grey(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*_BACKGROUND, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """Pillow cuts such values off at 255 instead of scaling them."""
    values = np.asarray(image, np.float64)
    top = 65535.0 if image.mode != "F" else max(float(values.max()), 1.0)
    return Image.fromarray((values / top * 255).round().clip(0, 255).astype(np.uint8)).convert("RGB")


def _read(path: Path, root: Path) -> bytes:
    try:
        return read_inside(path, root, MAX_BYTES)
    except Malformed as problem:
        raise BadImage(shown(path), str(problem), _REPLACE) from problem
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadImage(shown(path), f"it cannot be read ({reason})", "Check that it is there and readable") from error


def _open(path: Path, data: bytes) -> Image.Image:
    """Read the header only."""
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, "far") from error
    except Exception as error:  # a hostile header can make a decoder raise anything at all
        raise BadImage(shown(path), f"it is not an image; {RULE}", _REPLACE) from error
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f"{image.width} x {image.height}")
    if min(image.size) < 1:
        raise BadImage(shown(path), f"it has no pixels; {RULE}", _REPLACE)
    return image


def _too_large(path: Path, by: str) -> BadImage:
    return BadImage(shown(path), f"it has too many pixels ({by}); {RULE}", "Save it smaller")


def _decode(path: Path, image: Image.Image) -> Image.Image:
    try:
        image.load()  # the first frame of an animation
        return to_rgb(_upright(image))
    except Exception as error:  # as above
        raise BadImage(shown(path), "it is cut short or damaged", _REPLACE) from error


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held. Notes of the camera that make no sense are no reason to refuse a picture."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # as above
        return image


def _looks_whole(image: Image.Image, data: bytes) -> bool:
    """Whether the file's last bytes, and a PNG's checksums, are right. False means: not sure. Uses up `image`."""
    if image.format == "PNG":
        with contextlib.suppress(Exception):  # as above
            image.verify()
            return data.endswith(b"IEND\xaeB`\x82")
        return False
    if image.format == "WEBP":
        return len(data) >= int.from_bytes(data[4:8], "little") + 8
    if image.format == "BMP":
        return len(data) >= int.from_bytes(data[2:6], "little") > 0
    return data.endswith(b"\xff\xd9")


def shown(name: object, limit: int = 200) -> str:
    """A name from outside, fit for a message: no control characters, not too long."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(name))
    return plain if len(plain) <= limit else "…" + plain[-limit:]
