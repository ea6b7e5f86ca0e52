"""Archives as a forger would make them: any content under any name, with the right lengths and digests if wanted."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Sequence

TRAPPED = "/tmp/plumage-was-here"
"""What `Trap` makes where it is opened as a pickle."""


def contents(data: bytes) -> dict[str, bytes]:
    """Every file of an archive, the manifest included."""
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def signed(every: dict[str, bytes], **manifest: object) -> dict[str, bytes]:
    """The files with a manifest that fits them, but for what is given."""
    others = {name: data for name, data in every.items() if name != "manifest.json"}
    listed = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in others.items()}
    found = {**json.loads(every["manifest.json"]), "files": listed, **manifest}
    return {**others, "manifest.json": json.dumps(found).encode()}


def zipped(
    files: dict[str, bytes], extra: Sequence[tuple[zipfile.ZipInfo, bytes]] = (), how: int = zipfile.ZIP_STORED
) -> bytes:
    """A zip of the files, and of entries of any kind."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as out:
        for name, data in files.items():
            out.writestr(name, data)
        for info, data in extra:
            out.writestr(info, data)
    return buffer.getvalue()


def changed(data: bytes, **changes: object) -> bytes:
    """An archive with other values in one of its JSON files: `changed(data, file="run.json", status="odd")`."""
    files, name = contents(data), str(changes.pop("file"))
    files[name] = json.dumps({**json.loads(files[name]), **changes}).encode()
    return zipped(signed(files))


def replaced(data: bytes, **files: bytes | None) -> bytes:
    """An archive with other files, signed; None takes one away."""
    every = {**contents(data), **files}
    return zipped(signed({name: content for name, content in every.items() if content is not None}))


def lines(data: bytes, name: str) -> list[dict]:
    """What the lines of a file say."""
    return [json.loads(line) for line in contents(data)[name].splitlines()]


def with_lines(data: bytes, name: str, values: list[object]) -> bytes:
    """An archive with other lines in a file."""
    return replaced(data, **{name: "\n".join(json.dumps(value) for value in values).encode()})


def with_line(data: bytes, file: str, /, **fields: object) -> bytes:
    """The first line of a file with other fields."""
    first, *others = lines(data, file)
    return with_lines(data, file, [{**first, **fields}, *others])


def with_setup(data: bytes, **fields: object) -> bytes:
    """An archive with another layout of classes and tasks."""
    return changed(data, file="run.json", setup={**json.loads(contents(data)["run.json"])["setup"], **fields})


class Trap:
    """Runs something when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (TRAPPED,)
