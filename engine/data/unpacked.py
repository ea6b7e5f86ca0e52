"""Archives unpacked once, by content, into a bounded cache: whole or not at all, and never over anything. What else has
to lie in files to be read is kept there too.

cache/unpacked/SHA256/         the files of the archive with these bytes
cache/unpacked/SHA256.used     held by every process that reads them, so that nobody makes room of them
cache/unpacked/.SHA256.PID/    being unpacked, or thrown away; what a killed process left goes with the next
cache/unpacked/lock            one unpacks or makes room at a time
"""

from __future__ import annotations

import bz2
import contextlib
import fcntl
import gzip
import hashlib
import lzma
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO

from engine.data.images import shown
from engine.data.packed import (
    MAX_UNPACKED,
    Hostile,
    PackedEntry,
    entries_of_tar,
    entries_of_zip,
    pieces,
    reading,
    refuse_bomb,
)
from engine.errors import BadInput, StoreFull
from engine.files import process_lives, storage_errors
from engine.home import cache_folder, home
from engine.paths import input_file

CACHE_BYTES = 2 * MAX_UNPACKED
"""Size the cache keeps within."""
ZIP, TAR = "zip", "tar"
_OPENERS: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),  # type: ignore[dict-item,return-value]
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_LOCK = "lock"

OnFiles = Callable[[int, int], None]
_held: dict[Path, IO[bytes]] = {}  # until this process ends: it may read pictures for as long


def unpacked(archives: Sequence[Path], kind: str, told: OnFiles | None = None) -> Path:
    """The folder with the files of an archive; of several, each one's in a folder of its number, from 0.

    Args:
        kind: `ZIP` or `TAR`; a tar may be compressed by gzip, bzip2 or xz.
        told: called with (files unpacked, files) of each archive, where it is not there yet.

    Raises:
        BadParameter: there is no such file.
        BadInput: it is no archive, is not sound (see `engine.data.packed`), or changed while it was read.
        StoreError: the cache cannot be written, or has no room.
    """
    files = [input_file(path, "archive") for path in archives]
    stamps, digests = [], []
    for path in files:
        with reading(path):
            stamps.append(_stamp(path))
            digests.append(_digest(path, stamps[-1]))
    name = digests[0] if len(files) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()

    def fill(part: Path, cache: Path) -> None:
        for number, path in enumerate(files):
            _unpack(path, kind, cache, part if len(files) == 1 else part / str(number), told)
        if [_stamp(path) for path in files] != stamps:
            problem = "it changed while it was unpacked"
            raise BadInput(shown(files[0].parent), problem, "Wait until it is whole, and try again")

    return kept(name, fill)


@contextlib.contextmanager
def called(place: Path, name: str) -> Iterator[None]:
    """Complaints about what is in a folder of the cache name where it came from: of the folder nobody knows.

    Args:
        place: the folder, or one in it.
        name: what it was unpacked from, as people know it.
    """
    try:
        yield
    except BadInput as error:
        words = error.given.replace(str(place), name), error.allowed.replace(str(place), name)
        raise type(error)(*words, error.remedy, error.field) from error


def kept(name: str, fill: Callable[[Path, Path], None]) -> Path:
    """A folder of the cache, made if it is not there yet: whole or not at all.

    Args:
        name: a digest of what it holds.
        fill: fills it; called with a folder in the making and the cache, in which it asks for room (`make_room`).

    Raises:
        StoreError: the cache cannot be written, or has no room.
    """
    folder = cache_folder(home()) / "unpacked"
    with _turn(folder):
        if not (folder / name).is_dir():
            with _making(folder, name) as part:
                fill(part, folder)
        _use(folder / name)
    return Path(os.path.realpath(folder / name))


def _unpack(path: Path, kind: str, cache: Path, into: Path, told: OnFiles | None) -> None:
    with reading(path), path.open("rb") as file, contextlib.ExitStack() as stack:
        size = os.fstat(file.fileno()).st_size
        if kind == ZIP:
            entries = entries_of_zip(file, size)
        else:
            entries = entries_of_tar(stack.enter_context(_plain(file, size, cache)), size)
        make_room(cache, sum(entry.size for entry in entries))
        for number, entry in enumerate(entries):
            _write(entry, into / entry.name)
            if told is not None:
                told(number + 1, len(entries))


def _write(entry: PackedEntry, path: Path) -> None:
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    with file, entry.open() as source:
        written = 0
        for piece in pieces(source):
            written += len(piece)
            with storage_errors(path):
                file.write(piece)
    if written != entry.size:
        raise Hostile(f"{shown(entry.name)!r} in it is cut short")


@contextlib.contextmanager
def _plain(file: IO[bytes], size: int, folder: Path) -> Iterator[IO[bytes]]:
    """A tar without its compression: reading back and forth in a compressed one would unpack it again and again."""
    head = file.read(8)
    file.seek(0)
    if head.startswith(_ZSTANDARD):
        raise Hostile("it is compressed by Zstandard, which is not read here; give a .tar, .tar.gz or .tar.xz")
    opener = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)
    if opener is None:
        yield file
        return
    with contextlib.ExitStack() as stack:
        with storage_errors(folder):
            whole = stack.enter_context(tempfile.TemporaryFile(dir=folder))
        for piece in pieces(opener(file)):
            with storage_errors(folder):
                whole.write(piece)
            refuse_bomb(whole.tell(), size)
        whole.seek(0)
        yield whole


# -- the cache ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Nobody else unpacks or makes room meanwhile; what those left who were killed is gone."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("ab")
    with lock:
        alone = _locked(lock, fcntl.LOCK_EX)
        for left in folder.glob(".*.*"):
            if alone or not process_lives(int(left.suffix[1:])):
                shutil.rmtree(left, ignore_errors=True)
        yield


def _locked(file: IO[bytes], how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except OSError:  # somebody else holds it; or the file system has no locks, as not every one has
        return False
    return True


@contextlib.contextmanager
def _making(folder: Path, name: str) -> Iterator[Path]:
    """A folder that gets its name once it is whole and on disk."""
    part = folder / f".{name}.{os.getpid()}"
    with storage_errors(folder):
        part.mkdir()
    try:
        yield part
        os.sync()  # all of it at once: there may be a hundred thousand files
        with storage_errors(folder):
            part.rename(folder / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _use(place: Path) -> None:
    with storage_errors(place):
        sign = _sign(place)
        if place not in _held:
            _held[place] = sign.open("ab")
            _locked(_held[place], fcntl.LOCK_SH)
        os.utime(sign)


def make_room(folder: Path, wanted: int) -> None:
    """Throw away what was used longest ago, and by nobody now, until so many bytes fit.

    Raises:
        StoreFull: what is in use leaves too little.
    """
    known = sorted((sign.stat().st_mtime_ns, sign) for sign in folder.glob("*.used"))
    excess = sum(map(_bytes, filter(Path.is_dir, folder.iterdir()))) + wanted - CACHE_BYTES
    for _, sign in known:
        if excess > 0:
            excess -= _thrown_away(sign)
    if excess > 0:
        problem = f"it keeps within {CACHE_BYTES / 2**30:.1f} GiB, and what is in use leaves too little of that"
        raise StoreFull(str(folder), problem, "Stop what uses the other archives, or unpack this one and use dir:")


def _thrown_away(sign: Path) -> int:
    """Remove an unpacked archive unless somebody uses it; how many bytes that gave."""
    with storage_errors(sign), sign.open("ab") as file:
        if not _locked(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return 0
        place, gone = sign.with_suffix(""), sign.with_name(f".{sign.stem}.{os.getpid()}")
        size = _bytes(place)
        if place.is_dir():
            place.rename(gone)
        sign.unlink()
        shutil.rmtree(gone, ignore_errors=True)
        return size


def _sign(place: Path) -> Path:
    return place.with_name(f"{place.name}.used")


def _bytes(folder: Path) -> int:
    return sum(os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names)


def _stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=1024)
def _digest(path: Path, stamp: tuple[int, ...]) -> str:
    """Hex sha256 of a file; `stamp` only keys the cache."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
