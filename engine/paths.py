"""Paths as people give them: what can be none is refused by name, and a place for output is tried before the work.

Everything that a command reads from or writes to goes through here, so that the refusals are worded once and nobody
waits for a result that cannot be kept.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BadParameter

_MAX_NAME = 200
"""Bytes of each name in an output's path: the 255 of Linux, less the ending of a file in the making."""
_MAX_PATH = 4000
"""Bytes of an output's path, likewise."""
_SHOWN = 60  # characters of an overlong path repeated in a message
_KINDS = (
    *((stat.S_ISDIR, "a folder"), (stat.S_ISREG, "a file"), (stat.S_ISFIFO, "a pipe")),
    *((stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISSOCK, "a socket")),
)


def given(text: str | Path, option: str = "path") -> Path:
    """The path that a text names, absolute, with `~` as the person's own folder.

    Args:
        option: what it was given as, for messages.

    Raises:
        BadParameter: the text is blank, holds what no file name can or no text can show, or names an unknown person.
    """
    text = str(text)
    if not text.strip():
        raise BadParameter(f"{option} {text!r}", "it is blank", "Give a path")
    if "\0" in text or not is_text(text):
        raise BadParameter(f"{option} {text!r}", "it holds what is no character", "Give a path of ordinary characters")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        problem = "nobody of this name has a folder here"
        raise BadParameter(f"{option} {text}", problem, "Write the whole path, without ~") from error


def input_file(text: str | Path, option: str) -> Path:
    """An ordinary file to read: never a pipe or a device, which may block or have no end.

    Raises:
        BadParameter: there is none.
    """
    path = given(text, option)
    with told(path, option):
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _refused(path, option, f"it is {_kind(mode)}", "Name an ordinary file")
        path.open("rb").close()
    return path


def output_file(text: str | Path, option: str = "-o") -> Path:
    """Where a file can be written; what is there stays as it is. Nothing is made yet.

    Raises:
        BadParameter: it is a folder, a pipe or a device, lies in no folder, has too long a name, or cannot be written.
    """
    path = _of_sound_length(given(text, option), option)
    with told(path, option):
        mode = _mode(path)
        if mode is not None and not stat.S_ISREG(mode):
            remedy = "Name a file in it" if stat.S_ISDIR(mode) else "Name an ordinary file"
            raise _refused(path, option, f"it is {_kind(mode)}", remedy)
        if not path.parent.is_dir():
            raise _refused(path, option, "its folder does not exist", "Make the folder first, or choose another")
        _try_to_write(path.parent)
    return path


def output_folder(text: str | Path, option: str = "--out") -> Path:
    """A folder in which files can be written, or where one can be made. Nothing is made yet.

    Raises:
        BadParameter: it or one above it is no folder, has too long a name, or cannot be written.
    """
    path = _of_sound_length(given(text, option), option)
    with told(path, option):
        above = next(place for place in (path, *path.parents) if _mode(place) is not None)
        if not above.is_dir():
            where = "it" if above == path else f"{above} above it"
            raise _refused(path, option, f"{where} is {_kind(above.stat().st_mode)}, not a folder", "Name a folder")
        _try_to_write(above)
    return path


@contextmanager
def told(path: Path, option: str) -> Iterator[None]:
    """Say of an error of the operating system which place it is about.

    Raises:
        BadParameter: in its place.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _refused(path, option, reason, "Choose another place") from error


def _try_to_write(folder: Path) -> None:
    """Only the file system itself knows whether a file can be made; this one has no name that could be left behind."""
    tempfile.TemporaryFile(dir=folder).close()


def _of_sound_length(path: Path, option: str) -> Path:
    longest = max(len(os.fsencode(part)) for part in path.parts)
    if longest > _MAX_NAME or len(os.fsencode(path)) > _MAX_PATH:
        shown = f"{str(path)[:_SHOWN]}…"
        limits = f"a name has at most {_MAX_NAME} bytes and a path {_MAX_PATH}"
        raise BadParameter(f"{option} {shown}", limits, "Choose a shorter one")
    return path


def _mode(path: Path) -> int | None:
    """What is at a place, links followed; None where nothing is."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _kind(mode: int) -> str:
    return next((word for of_kind, word in _KINDS if of_kind(mode)), "of an unknown kind")


def is_text(text: str) -> bool:
    """Whether every character is a whole one, so that the text can be written down as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(path: Path, option: str, problem: str, remedy: str) -> BadParameter:
    return BadParameter(f"{option} {path}", problem, remedy)
