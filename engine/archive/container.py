"""The zip around an archive, taken for hostile: nothing of it is believed before it was looked at.

Names are compared with the few that an archive has, so none can lead out of its folder; lengths are limited file by
file and together, so nothing can fill the memory or the disk; every file's SHA-256 must be the manifest's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import Field

from engine.archive import layout
from engine.archive.foreign import parsed, read, refused, short
from engine.errors import BadInput
from engine.steps import Step
from engine.structures import Count, Structure

_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What Python's zip reader raises over a file that was damaged or made to trip it."""
_ENCRYPTED = 1  # bit of a zip entry's flags
_PIECE = 2**20


class _Promise(Structure):
    """What the manifest says of a file."""

    size: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Manifest(Structure):
    """What `manifest.json` holds."""

    format: str
    version: int
    plumage: Annotated[str, Field(max_length=100)]
    files: dict[str, _Promise]


class Archive:
    """An open archive whose names, lengths and manifest are sound; its content is yet to be checked (`read`)."""

    def __init__(self, zipped: zipfile.ZipFile, promises: Mapping[str, _Promise], plumage: str) -> None:
        self._zip, self._promises = zipped, promises
        self.plumage = plumage
        """The version of the Plumage that made it, in its own words."""

    @property
    def names(self) -> list[str]:
        """Every file but the manifest, sorted."""
        return sorted(self._promises)

    def bytes_of(self, use: str) -> int:
        """Bytes of all files of a use (see `layout.FileKind`), unpacked."""
        return sum(promise.size for name, promise in self._promises.items() if _use(name) == use)

    def read(self) -> Generator[Step, None, dict[str, bytes]]:
        """Check every file's content against the manifest and return those that are read into memory.

        Raises:
            BadInput: one is not what the manifest promises.
        """
        found = {}
        for number, name in enumerate(self.names):
            yield Step(number, len(self.names), "checking every file")
            kept = [piece for piece in self._pieces(name) if _use(name) == "read"]
            if _use(name) == "read":
                found[name] = b"".join(kept)
        return found

    def unpack(self, folder: Path) -> Generator[Step, None, None]:
        """Write the files that belong beside the runs below `folder`, checked once more, and force them to disk.

        Raises:
            BadInput: the archive has changed meanwhile.
            OSError: they cannot be written.
        """
        names = [name for name in self.names if _use(name) == "unpack"]
        for number, name in enumerate(names):
            yield Step(number, len(names), "unpacking the models")
            path = layout.inside(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                for piece in self._pieces(name):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())

    def _pieces(self, name: str) -> Iterator[bytes]:
        """A file's content, its checks done when the last piece was taken."""
        promise, sha, length = self._promises[name], hashlib.sha256(), 0
        with _readable(name), self._zip.open(name) as file:
            while piece := file.read(_PIECE):
                length += len(piece)
                sha.update(piece)
                yield piece
        if length != promise.size or sha.hexdigest() != promise.sha256:
            raise refused(name, "its content is not what the manifest promises: it was altered or damaged")


@contextmanager
def opened(given: Path | IO[bytes]) -> Iterator[Archive]:
    """Open an archive.

    Raises:
        BadInput: there is no such file, it is no archive of a run, a newer Plumage made it, or it is not sound.
    """
    with _file(given) as file:
        length = file.seek(0, os.SEEK_END)
        try:
            zipped = zipfile.ZipFile(file)
        except _BROKEN as error:
            what = "it is no zip file, or its end was cut off on the way"
            raise BadInput("this file", what, "Choose an archive that Plumage exported, and copy it whole") from error
        with zipped:
            manifest = _manifest(zipped)
            _check_entries(zipped.infolist(), length)
            told = read(_Manifest, manifest, layout.MANIFEST)
            _check_promises(told.files, {info.filename: info.file_size for info in zipped.infolist()})
            yield Archive(zipped, told.files, told.plumage)


@contextmanager
def _file(given: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if not isinstance(given, Path):
        yield given
        return
    try:
        file = given.open("rb")
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"archive {given}", f"it cannot be read ({reason})", "Check the name") from error
    with file:
        yield file


def _manifest(zipped: zipfile.ZipFile) -> Any:
    """The manifest, of a version this Plumage knows. It is read before all else: a newer one may hold other files."""
    strange = BadInput("this file", "it is no run that Plumage exported", "Choose an archive that Plumage exported")
    entries = [info for info in zipped.infolist() if info.filename == layout.MANIFEST]
    limit = layout.rule(layout.MANIFEST)
    if len(entries) != 1 or limit is None or entries[0].file_size > limit.most:
        raise strange
    with _readable(layout.MANIFEST):
        found = parsed(zipped.read(entries[0]), layout.MANIFEST)
    if not isinstance(found, dict) or found.get("format") != layout.FORMAT:
        raise strange
    version = found.get("version")
    if isinstance(version, int) and version > layout.VERSION:
        made = f"it was made by a newer Plumage (format {short(version)}; this one reads up to {layout.VERSION})"
        raise BadInput("this archive", made, "Update Plumage here, then import it again")
    if version != layout.VERSION:
        raise refused(layout.MANIFEST, f"version is none that ever was: {short(version)}")
    return found


def _check_entries(entries: list[zipfile.ZipInfo], length: int) -> None:
    if len(entries) > layout.MOST_FILES:
        raise BadInput("this archive", f"it holds more than {layout.MOST_FILES} files", "Choose another")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry)
        if entry.filename in seen:
            raise refused(entry.filename, "it is there twice")
        seen.add(entry.filename)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(layout.MOST_BYTES, layout.ALWAYS + layout.GROWTH * length):
        grown = f"{length / 2**20:.1f} MB would unpack to {unpacked / 2**20:.0f} MB, as no trained model does"
        raise BadInput("this archive", grown, "Do not open it with other programs either")
    if sum(entry.file_size for entry in entries if _use(entry.filename) == "read") > layout.MOST_READ:
        raise BadInput("this archive", "its numbers would not fit into memory", "Export the run again")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    rule = layout.rule(name)
    if kind not in (0, stat.S_IFREG):
        raise refused(short(name), "it is a folder, a link or a device and no file")
    if rule is None:
        leads = name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/") or ":" in name
        what = "its name leads out of the folder it belongs to" if leads else "no exported run has such a file"
        raise refused(short(name), what)
    if entry.file_size > rule.most:
        raise refused(name, f"it is larger than {rule.most // 2**20} MB")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & _ENCRYPTED:
        raise refused(name, "it is packed in a way that Plumage never uses")


def _check_promises(files: Mapping[str, _Promise], sizes: Mapping[str, int]) -> None:
    """Check that the manifest speaks of every file that is there, and of no other."""
    there = set(sizes) - {layout.MANIFEST}
    if lost := sorted(set(files) - there):
        raise refused(short(lost[0]), "it is missing, though the manifest lists it")
    if extra := sorted(there - set(files)):
        raise refused(extra[0], "it is not listed in the manifest")
    if bare := sorted(set(layout.NEEDED) - there):
        raise refused(bare[0], "it is missing")
    for name, promise in files.items():
        if promise.size != sizes[name]:
            raise refused(name, "its length is not what the manifest promises")


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise refused(name, "it cannot be unpacked: it was altered or damaged") from error


def _use(name: str) -> str:
    rule = layout.rule(name)
    return rule.use if rule else "skip"


def room_for(archive: Archive, place: Path) -> bool:
    """Whether the disk that holds `place` has room for what is unpacked and what goes into the database."""
    there = next(path for path in (place, *place.parents) if path.exists())
    return shutil.disk_usage(there).free > archive.bytes_of("unpack") + 2 * archive.bytes_of("read")
