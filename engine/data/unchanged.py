"""Whether what lies at a place is as it was: told from sizes and times alone, so that asking costs little.

A hint for people. What a run learns from is bound to the bytes of every file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_MOST = 20_000
"""Entries that are looked at; of a larger folder what comes later is not."""


def stamp(place: Path) -> str:
    """A text that is another one when a file at or below a place came, went, or was written.

    Of no place, or one that may not be read, too.
    """
    whole = hashlib.sha256()
    for number, line in enumerate(_lines(os.fspath(place))):
        if number >= _MOST:
            break
        whole.update(line)
    return whole.hexdigest()


def _lines(place: str) -> Iterator[bytes]:
    try:
        known = os.stat(place)
        yield repr((os.fsencode(place), known.st_size, known.st_mtime_ns)).encode()
        if os.path.isdir(place):
            with os.scandir(place) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
            for entry in inside:
                if entry.is_dir(follow_symlinks=False):
                    yield from _lines(entry.path)
                else:
                    found = entry.stat(follow_symlinks=False)
                    yield repr((os.fsencode(entry.path), found.st_size, found.st_mtime_ns)).encode()
    except OSError as error:
        yield repr((os.fsencode(place), error.errno)).encode()
