"""Archives of pictures (zip and tar), taken for hostile: everything about them is checked before a byte is unpacked.

Nothing may lead out of the folder it is unpacked to, be anything but an ordinary file, fill the disk, or be lost
because two names fall together. What desktops leave beside the pictures (`__MACOSX`, hidden files) is left out.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from engine.data.images import MAX_BYTES as MAX_FILE
from engine.data.images import shown
from engine.errors import BadInput

MAX_ENTRIES = 300_000
MAX_UNPACKED = 32 * 2**30
"""Bytes of all files of an archive together."""
MAX_RATIO = 100
"""So many times its own size an archive may unpack to, beyond the first `_FREE` bytes: photographs hardly shrink."""
_FREE = 64 * 2**20
_MAX_DEPTH, _MAX_NAME = 20, 255
_MAX_HEADER = 2**20  # of a tar entry's long name and notes, which are read into memory
_MAX_DIRECTORY = 512 * 2**20  # of a zip's list of its files, likewise
_ENCRYPTED = 1
_PIECE = 2**20
_BLOCK = 512
_DESKTOP = "__MACOSX"
_INNER = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")
BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, UnicodeError),
)
"""What Python's readers raise over an archive that was damaged or made to trip them."""
CUT = "it is damaged, or its end was cut off on the way"
_AGAIN = "Copy it again, or pack the pictures anew"
RULE = (
    f"an archive holds at most {MAX_ENTRIES:,} files of {MAX_FILE // 2**20} MiB each and {MAX_UNPACKED // 2**30} GiB "
    f"together, no more than {MAX_RATIO} times its own size"
)


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """A file in an archive.

    Attributes:
        name: its path, with `/` between folders.
        size: its bytes, unpacked.
        open: gives its content.
    """

    name: str
    size: int
    open: Callable[[], IO[bytes]]


class Hostile(ValueError):
    """An archive, or an entry of it, is not taken in; the message says why."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of whatever is wrong with an archive which one it is.

    Raises:
        BadInput: in its place.
    """
    try:
        yield
    except Hostile as problem:
        raise BadInput(shown(path), str(problem), _AGAIN) from problem
    except BROKEN as error:
        raise BadInput(shown(path), CUT, _AGAIN) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(shown(path), f"it cannot be read ({reason})", "Check that it is whole and readable") from error


def entries_of_zip(file: IO[bytes], size: int) -> list[PackedEntry]:
    """The files in a zip of `size` bytes, checked.

    Raises:
        Hostile, and of `BROKEN`: it is not sound.
    """
    _refuse_long_directory(file, size)
    zipped = zipfile.ZipFile(file)
    found: list[PackedEntry] = []
    for info in zipped.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind == stat.S_IFDIR:
            continue
        if kind not in (0, stat.S_IFREG):
            raise Hostile(f"{shown(info.filename)!r} in it is a link or a device; only files and folders are taken")
        if info.flag_bits & _ENCRYPTED:
            raise Hostile(f"{shown(info.filename)!r} in it is encrypted; give one without a password")
        found.append(PackedEntry(info.orig_filename, info.file_size, lambda info=info: zipped.open(info)))  # type: ignore[misc]
    return checked(found, size)


def entries_of_tar(file: IO[bytes], size: int) -> list[PackedEntry]:
    """The files in a tar that is not compressed, checked.

    Args:
        size: bytes of the archive as it was given, compressed or not.

    Raises:
        Hostile, and of `BROKEN`: it is not sound.
    """
    careful = _Careful(file)
    tar = tarfile.TarFile(fileobj=careful, mode="r", errorlevel=2)
    found: list[PackedEntry] = []
    for number, info in enumerate(tar):
        if number >= MAX_ENTRIES:
            raise Hostile(f"it holds more than {MAX_ENTRIES:,} files; {RULE}")
        if info.isdir():
            continue
        if not info.isreg() or info.issparse():
            raise Hostile(f"{shown(info.name)!r} in it is a link, a device or a pipe; only files and folders are taken")
        found.append(PackedEntry(info.name, info.size, lambda info=info: _content(tar, info)))  # type: ignore[misc]
    _refuse_cut_tar(file, tar.offset)
    return checked(found, size)


def checked(entries: Sequence[PackedEntry], size: int) -> list[PackedEntry]:
    """The entries that are worth unpacking, once all of them are sound.

    Args:
        size: bytes of the archive.

    Raises:
        Hostile: too large, a name that leaves the folder, two names that are alike, or an archive in it.
    """
    large = next((entry for entry in entries if entry.size > MAX_FILE), None)
    if large is not None:
        raise Hostile(f"{shown(large.name)!r} in it has {large.size:,} bytes; {RULE}")
    refuse_bomb(sum(entry.size for entry in entries), size)
    for entry in entries:
        _check_name(entry.name)
    kept = [entry for entry in entries if not _of_a_desktop(entry.name)]
    _check_alike([entry.name for entry in kept])
    inner = next((entry.name for entry in kept if entry.name.lower().endswith(_INNER)), None)
    if inner is not None:
        raise Hostile(f"{shown(inner)!r} in it is an archive itself; unpack it first, or pack the pictures without it")
    return kept


def refuse_bomb(unpacked: int, size: int) -> None:
    """Refuse what is much larger unpacked than packed.

    Raises:
        Hostile: it is.
    """
    if unpacked > MAX_UNPACKED or unpacked > max(_FREE, MAX_RATIO * size):
        raise Hostile(f"its {size / 2**20:.1f} MiB would unpack to {unpacked / 2**20:,.0f} MiB or more; {RULE}")


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, piece by piece.

    Raises:
        Hostile: it cannot be read to its end.
    """
    while piece := _read(source):
        yield piece


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(_PIECE)
    except OSError as error:  # a failing disk, and what some decompressors say of damage
        raise Hostile(CUT) from error


def _check_name(name: str) -> None:
    parts = name.split("/")
    leads_out = name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]
    if leads_out:
        raise Hostile(f"the name {shown(name)!r} in it leads out of the folder it belongs to")
    odd = any(unicodedata.category(c) in ("Cc", "Cs") for c in name) or not name.strip("./ ")
    if odd or len(parts) > _MAX_DEPTH or max(len(part.encode()) for part in parts) > _MAX_NAME:
        rule = f"names have at most {_MAX_NAME} bytes, {_MAX_DEPTH} folders above them, and no control characters"
        raise Hostile(f"the name {shown(name)!r} in it cannot be a file's; {rule}")


def _of_a_desktop(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == _DESKTOP or any(part.startswith(".") for part in parts)


def _check_alike(names: Sequence[str]) -> None:
    """On many disks names that differ in case alone are one, and a file and a folder cannot have the same."""
    files: dict[str, str] = {}
    for name in names:
        plain = _plain(name)
        if plain in files:
            both = f"{shown(files[plain])!r} and {shown(name)!r}"
            raise Hostile(f"{both} in it are alike; names must differ in more than case")
        files[plain] = name
    for name in names:
        for above in PurePosixPath(_plain(name)).parents:
            if str(above) in files:
                raise Hostile(f"{shown(files[str(above)])!r} in it is a file, and a folder too")


def _plain(name: str) -> str:
    return str(PurePosixPath(unicodedata.normalize("NFC", name).casefold()))


def _refuse_long_directory(file: IO[bytes], size: int) -> None:
    """Python reads a zip's list of files whole, whatever its length: what it says of that is looked at before."""
    tail = min(size, 2**16 + 22)
    file.seek(size - tail)
    at = (found := file.read(tail)).rfind(b"PK\5\6")
    if at < 0 or at + 20 > len(found):
        raise Hostile("it is no zip file, or its end was cut off on the way")
    count, length = struct.unpack_from("<HL", found, at + 10)
    wide = found.rfind(b"PK\6\6", 0, at)
    if wide >= 0 and wide + 48 <= len(found):
        count, length = struct.unpack_from("<QQ", found, wide + 32)
    if count > MAX_ENTRIES or length > min(_MAX_DIRECTORY, size):
        raise Hostile(f"it says that it holds {count:,} files; {RULE}")


def _refuse_cut_tar(file: IO[bytes], end: int) -> None:
    """Python takes whatever is no header for the end; a sound tar ends in blocks of zeros and nothing else."""
    file.seek(end)
    first = file.read(_BLOCK)
    if len(first) < _BLOCK or any(first) or any(any(piece) for piece in pieces(file)):
        raise Hostile(CUT)


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(info)
    assert found is not None  # only ordinary files are asked for
    return found


class _Careful(io.RawIOBase):
    """A file of which nobody reads much at once: a tar's header may ask for any amount."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size > _MAX_HEADER:
            raise Hostile("a header in it is larger than any name")
        return self._file.read(size)
