"""What opening found out about a folder's files, remembered, so that opening it again reads none that stayed as it was.

cache/listings/DIGEST    one for each folder, under a digest of its path:
    32 bytes             BLAKE2b (RFC 7693) of the version, the folder's path and all that follows
    path, stamp, sha256, smaller side, larger side    of each file, every one ended by a NUL

A file is known again by its stamp: size, time of its content, time of its last change of any kind (ctime), inode and
device; a link is read anew. Every write sets ctime to the system's clock and no program can set it otherwise, so a file
rewritten with its size and mtime put back is read anew. A file whose ctime is younger than `SETTLED` when it is read is
not remembered: a second change within one tick of the file system's clock would leave the same stamp.

What is not noticed when a folder is opened: bytes changed below the file system (a failing disk), or on one that keeps
no ctime of its own (some network and FUSE mounts repeat mtime). Those are caught where bytes are used:
`engine.data.images` hashes what it reads, for embedding as for pages, and refuses a file that has others than when the
data were opened. Cached embeddings go on standing for the bytes that they were made of, under their digest.

A cache that is damaged, of another version or of another folder passes for none, and one that cannot be written leaves
opening as slow as it was: nothing but time depends on it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from engine.data.images import ImageFile, inspect_image
from engine.data.inside import resolved
from engine.files import remove, replacing
from engine.home import cache_folder, home
from engine.structures import Malformed

MAX_BYTES = 256 * 2**20
"""Size that all listings together keep within; 200 bytes a file."""
_VERSION = b"plumage-listing-1"
"""Change it together with what `inspect_image` refuses."""
SETTLED = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system in use, FAT's."""
_SEAL_BYTES, _FIELDS = 32, 5

Known = Mapping[bytes, tuple[bytes, bytes, bytes, bytes]]
"""By path: stamp, sha256, smaller and larger side."""


@contextmanager
def inspecting(root: Path) -> Iterator[Callable[[Path], ImageFile]]:
    """Gives what inspects files in `root` as `inspect_image` does, and remembers what it found when the body is over.

    Of an inspection that is given up half-way everything is kept that was known before or found by then; a whole one
    forgets the files that it did not come by.

    Args:
        root: the folder, without links in its own path.
    """
    known = _read(root)
    found: dict[bytes, tuple[bytes, bytes, bytes, bytes]] = {}
    real_folder = cache(lambda folder: resolved(folder, root))

    def inspect(path: Path) -> ImageFile:
        name, stamp = os.fsencode(path), _stamp(path, real_folder)
        kept = known.get(name)
        if kept is not None and kept[0] == stamp:
            found[name] = kept
            return _recalled(path, root, kept)
        file = inspect_image(path, root)
        if stamp:
            sides = (b"%d" % side for side in file.sides)
            found[name] = (stamp, file.sha256.encode(), *sides)  # type: ignore[assignment]  # two sides
        return file

    try:
        yield inspect
    except BaseException:
        _write(root, known, {**known, **found})
        raise
    _write(root, known, found)


def _stamp(path: Path, real_folder: Callable[[Path], Path]) -> bytes:
    """What changes whenever the file does; empty where that cannot be told. Taken before reading, so that a change
    meanwhile makes it another file."""
    try:
        status = os.lstat(real_folder(path.parent) / path.name)
    except (Malformed, OSError):  # inspecting it says what is wrong
        return b""
    if not stat.S_ISREG(status.st_mode) or time.time_ns() - status.st_ctime_ns < SETTLED:
        return b""
    parts = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev
    return b" ".join(b"%d" % part for part in parts)


def _recalled(path: Path, root: Path, kept: tuple[bytes, bytes, bytes, bytes]) -> ImageFile:
    stamp, digest, smaller, larger = kept
    return ImageFile(path, root, int(stamp.split()[0]), digest.decode(), (int(smaller), int(larger)))


def _place(root: Path) -> Path:
    return cache_folder(home()) / "listings" / hashlib.sha256(os.fsencode(root)).hexdigest()


def _seal(root: Path, table: bytes) -> bytes:
    whole = hashlib.blake2b(_VERSION + b"\0" + os.fsencode(root) + b"\0", digest_size=_SEAL_BYTES)
    whole.update(table)
    return whole.digest()


def _read(root: Path) -> Known:
    try:
        data = _place(root).read_bytes()
    except OSError:
        return {}
    seal, table = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
    if seal != _seal(root, table):
        return {}
    with suppress(OSError):  # a home that may only be read
        os.utime(_place(root))
    fields = table.split(b"\0")[:-1]
    columns = [fields[first::_FIELDS] for first in range(_FIELDS)]
    return {name: rest for name, *rest in zip(*columns, strict=True)}  # type: ignore[misc]  # four of them


def _write(root: Path, known: Known, found: Known) -> None:
    if found == known:
        return
    table = b"".join(b"\0".join((name, *kept)) + b"\0" for name, kept in found.items())
    path = _place(root)
    with suppress(OSError):  # full, or only to be read: then everything is read again next time
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_room(path, _SEAL_BYTES + len(table))
        if _SEAL_BYTES + len(table) <= MAX_BYTES:
            with replacing(path) as part:
                part.write_bytes(_seal(root, table) + table)


def _make_room(path: Path, size: int) -> None:
    """Drop the listings used longest ago until `size` bytes fit in the place of what `path` has."""
    others = [(other.stat().st_mtime_ns, other) for other in path.parent.iterdir() if other != path]
    excess = sum(other.stat().st_size for _, other in others) + size - MAX_BYTES
    for _, other in sorted(others):
        if excess > 0:
            excess -= other.stat().st_size
            remove(other)
