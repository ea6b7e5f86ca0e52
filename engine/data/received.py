"""Archives of pictures that somebody handed in: written to disk piece by piece, kept once under their digest.

Nothing in them is looked at here; opening them as a source does that. A run that learns from one needs it as long as
people look at its pictures, so nothing is thrown away by itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import IO

from engine.errors import BadInput
from engine.files import replacing, storage_errors

_PIECE = 1 << 20
_SIGNS = 16
_SOURCES = {".zip": "zip", ".tar": "tar", ".tar.gz": "tar", ".tgz": "tar", ".tar.bz2": "tar", ".tar.xz": "tar"}
"""By how a file's name ends, the source of data that opens it."""
ENDINGS = tuple(_SOURCES)
TAKES = frozenset(_SOURCES.values())
"""Sources whose archives are taken."""
_ODD = re.compile(r"[^A-Za-z0-9 _-]+")
_LONGEST = 60


def receive(folder: Path, name: str, given: IO[bytes]) -> tuple[str, Path]:
    """Keep an archive.

    Args:
        folder: where archives are kept.
        name: what its owner calls it.
        given: its bytes, from the beginning; read twice.

    Returns the name of the source that opens it, and where it lies.

    Raises:
        BadInput: its name does not end like an archive's, or it is empty.
        StoreError: it cannot be written.
    """
    ending = next((known for known in sorted(ENDINGS, key=len, reverse=True) if name.lower().endswith(known)), None)
    if ending is None:
        raise BadInput(f"the file {name[:_LONGEST]!r}", f"it must end in {', '.join(ENDINGS)}", "Pack the folder anew")
    stem = _ODD.sub("-", name[: -len(ending)])[:_LONGEST].strip(" -") or "pictures"
    whole = hashlib.file_digest(given, "sha256").hexdigest()  # type: ignore[arg-type]  # any file that can be read
    if not given.seek(0, os.SEEK_END):
        raise BadInput(f"the file {name[:_LONGEST]!r}", "it is empty", "Pack the folder anew")
    given.seek(0)
    kept = folder / whole[:_SIGNS] / f"{stem}{ending}"
    with storage_errors(folder):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with replacing(kept) as part, part.open("wb") as file:
            shutil.copyfileobj(given, file, _PIECE)
    return _SOURCES[ending], kept
