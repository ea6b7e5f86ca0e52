"""Pictures people bring to be explained: checked as hostile, made harmless, and kept for a while beside the runs.

What is kept is not what was sent: the picture is decoded, turned upright, cut to its largest centred square, brought to
at most 1024 pixels, and written anew as lossless WebP, so no camera notes, scripts or second images survive. Its name
is a digest of what was sent: the same picture has the same name, and a link to it works until it has to make room.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from io import BytesIO
from pathlib import Path

from engine.data.dataset import Images
from engine.data.images import RULE, decode_image, read_image, shown, square
from engine.errors import BadImage, BadInput
from engine.files import replacing, storage_errors
from engine.store.store import RunStore

PREFIX = "upload:"
MAX_BYTES = 50 * 2**20
"""Larger files are refused before they are looked at; the dashboard's own limit is the same."""
MAX_SIDE = 1024
"""Pixels kept of each side: more than any model takes and any page shows."""
MAX_KEPT = 256 * 2**20
"""Bytes of all uploads together; the oldest make room."""
KINDS = ("jpg", "jpeg", "png", "webp", "bmp")
"""File types that are taken, for the page's file chooser."""
_REF = re.compile(rf"{PREFIX}[0-9a-f]{{16}}")


def keep(store: RunStore, data: bytes, name: str) -> str:
    """Check a picture and keep it; returns its reference, `upload:` and 16 hex digits.

    Args:
        name: of the file it came from, for messages.

    Raises:
        BadImage: it is not a picture, is cut short, or is too large; the message names it and what is allowed.
        StoreError: the home cannot be written.
    """
    ref = PREFIX + hashlib.sha256(data).hexdigest()[:16]
    path = _path(store, ref)
    with storage_errors(store.home):
        if data and path.exists():
            os.utime(path)  # used again, so not the oldest
            return ref
        encoded = harmless(data, name)
        _write(path, encoded)
        _make_room(path.parent, path)
    return ref


def harmless(data: bytes, name: str) -> bytes:
    """A picture written anew, as lossless WebP; raises `BadImage` as `keep`."""
    called = shown(name) or "the picture"
    if len(data) > MAX_BYTES:
        raise BadImage(called, f"it is larger than {MAX_BYTES // 2**20} MiB; {RULE}", "Save it smaller")
    if not data:
        raise BadImage(called, f"it is empty; {RULE}", "Choose another file")
    picture = decode_image(data, called)
    out = BytesIO()
    square(picture, min(*picture.size, MAX_SIDE)).save(out, "WEBP", lossless=True, method=1, quality=20)
    return out.getvalue()


def load(store: RunStore, ref: str, size: int) -> Images:
    """An upload as uint8 [size, size, 3].

    Raises:
        BadInput: there is no such upload (any more).
    """
    if not _REF.fullmatch(ref):
        raise BadInput(f"picture {shown(ref)!r}", "uploads are named upload: and 16 hex digits", "Upload it again")
    path = _path(store, ref)
    if not path.is_file():
        raise BadInput(f"picture {ref}", "it is not kept here, or had to make room for newer ones", "Upload it again")
    return read_image(path, size).copy()  # Pillow's own memory cannot be written, which torch complains about


def kept(store: RunStore, ref: str) -> bytes:
    """The bytes of an upload as it is kept; `keep` has just given its name."""
    return _path(store, ref).read_bytes()


def folder(store: RunStore) -> Path:
    """Where uploads are kept; may be deleted at any time."""
    return store.home / "uploads"


def _path(store: RunStore, ref: str) -> Path:
    return folder(store) / f"{ref.removeprefix(PREFIX)}.webp"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _make_room(where: Path, newest: Path) -> None:
    """Delete the oldest files, never `newest`, until all together are within `MAX_KEPT`."""
    kept = []
    for path in where.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process made room
            status = path.stat()
            kept.append((path == newest, status.st_mtime_ns, path, status.st_size))
    total = sum(size for *_, size in kept)
    for is_newest, _, path, size in sorted(kept):
        if total <= MAX_KEPT or is_newest:
            return
        path.unlink(missing_ok=True)
        total -= size
