"""Export: a run as one zip, made beside its place and moved there when it is whole. Torch comes with the checks.

The same run gives the same bytes: files come in a fixed order and carry no dates. Whole backbones are not compressed:
half-precision weights hardly shrink, and there may be gigabytes of them.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.archive import film, layout
from engine.archive.content import Content, Line, content
from engine.archive.notes import readme
from engine.archive.tables import tables
from engine.backbone.presets import CONFIG_FILE, VOCABULARY_FILE, WEIGHTS_FILE
from engine.errors import BadInput, PlumageError, StoreDamaged, StoreFull, StoreReadOnly
from engine.figures.tables import to_csv
from engine.files import replacing, store_error
from engine.runs.config import RunConfig
from engine.runs.task_backbones import changes_backbone
from engine.steps import Step, told
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.view import RunView

if TYPE_CHECKING:
    pass

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_DATE = (1980, 1, 1, 0, 0, 0)  # the first a zip can hold
_MODE = 0o100644 << 16  # an ordinary file that its owner may write
_UNIX = 3
_PIECE = 2**20
_DRAWING = 90
"""Per cent of the work that the report is, where there is one."""

Files = dict[str, bytes | Path]
"""What goes into an archive: content, or the file that has it."""


def write(store: RunStore, run: str, path: Path, report: bool = True) -> Generator[Step, None, tuple[str, ...]]:
    """Write a run to `path`, replacing what is there; yields progress. Stopping early leaves nothing behind.

    What would be refused when it is brought in again is refused here.

    Args:
        report: add the report with all charts, and the numbers behind each; takes some seconds.

    Returns:
        Which analyses were left out, each with the reason: they are damaged and can be computed again.

    Raises:
        UnknownRun: there is no such run.
        ModelDropped: a model of it was dropped; an archive holds all.
        StoreDamaged: something of it is damaged or missing without which it could not be brought in again.
        BadInput: nothing can be written at that place.
        StoreFull, StoreReadOnly, StoreError: the store cannot be read or the archive not be written.
    """
    from engine.archive.examine import check_archive, check_files  # torch

    store.check_kept(run, range(store.tasks_done(run)))
    found = content(store, run)
    files = _files(store, run, found)
    for step in check_files(run, files, store.folder(run)):
        yield Step(0, 100, step.word)
    files |= {layout.table(name): to_csv(table).encode() for name, table in tables(RunView(store, run))}
    drawn = (yield from _drawn(store, run)) if report and store.tasks_done(run) else {}
    files |= drawn
    begin = _DRAWING if drawn else 0
    with _whole_or_nothing(path) as temporary:
        with temporary.open("wb") as file, _Packer(file) as packer:
            for number, (name, given) in enumerate(sorted(files.items())):
                yield Step(begin + (100 - begin) * number // len(files), 100, "packing")
                packer.add(name, given)
        check_archive(run, temporary)
    return found.left_out


def _files(store: RunStore, run: str, found: Content) -> Files:
    """All that an import reads."""
    config = stored_config(store.row(run))
    files: Files = {
        layout.RUN: _json(found.run),
        layout.CONFIG: _json(config.to_mapping()),
        layout.TASKS: _lines(found.tasks),
        layout.EVENTS: _lines(found.events),
        layout.ANALYSES: _lines(answer.line for answer in found.answers),
        layout.SCENARIOS: _lines(found.scenarios),
        layout.README: readme(found.run, config, found.left_out).encode(),
    }
    files |= {layout.SELECTIONS: _lines(found.selections)} if found.selections else {}
    files |= {layout.MARKS: _lines(found.marks)} if found.marks else {}
    files |= {layout.metric(*where): data for where, data in found.metrics.items()}
    files |= film.files(found.film)
    for answer in found.answers:
        files |= {layout.answer(answer.line["folder"], name): data for name, data in answer.arrays.items()}
    return files | _models(store, run, config, found)


def _models(store: RunStore, run: str, config: RunConfig, found: Content) -> Files:
    """Models, towers and the note on where edits came from, as they lie in the run's folder."""
    folder = store.folder(run)
    names: list[str] = []
    for task in range(len(found.tasks)):
        names += layout.models(task)
        if changes_backbone(config):
            names += layout.tower(task, CONFIG_FILE), layout.tower(task, WEIGHTS_FILE)
    for name in names:
        if not layout.inside(folder, name).is_file():
            missing = "it is missing, and an archive without it could not be brought in again"
            raise StoreDamaged(str(layout.inside(folder, name)), missing, "Put it back, or export a fork without it")
    tasks = range(len(found.tasks))
    optional = [layout.EDITS, *(layout.tower(task, VOCABULARY_FILE) for task in tasks), *map(layout.memory, tasks)]
    names += [name for name in optional if layout.inside(folder, name).is_file()]
    return {name: layout.inside(folder, name) for name in names}


def _drawn(store: RunStore, run: str) -> Generator[Step, None, Files]:
    """The report, and the numbers behind each of its charts."""
    from engine.report.book import read
    from engine.report.html import page
    from engine.session.facts import RunFacts

    reading = read(RunFacts(store, run))
    book = yield from told(reading, lambda step: Step(int(_DRAWING * step.share), 100, step.word))
    drawn: Files = {layout.REPORT: page(book).encode()}
    for exhibit in book.exhibits:
        if exhibit.table is not None:
            drawn[layout.table(f"exhibit-{exhibit.key}")] = to_csv(exhibit.table()).encode()
    return drawn


class _Packer:
    """The zip in the making; its end writes the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w")
        self._known: dict[str, Line] = {}

    def __enter__(self) -> _Packer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            with suppress(OSError, ValueError):  # what comes of it is thrown away
                self._zip.close()
            return
        made = {"format": layout.FORMAT, "version": layout.VERSION, "plumage": _plumage(), "files": self._known}
        self.add(layout.MANIFEST, _json(made))
        self._zip.close()

    def add(self, name: str, given: bytes | Path) -> None:
        """Add a file."""
        info = zipfile.ZipInfo(name, _DATE)
        info.compress_type = zipfile.ZIP_STORED if name.endswith(WEIGHTS_FILE) else zipfile.ZIP_DEFLATED
        info.external_attr, info.create_system = _MODE, _UNIX
        info.file_size = len(given) if isinstance(given, bytes) else given.stat().st_size  # beyond 2 GiB it matters
        sha = hashlib.sha256()
        with self._zip.open(info, "w") as out:
            for piece in _pieces(given):
                out.write(piece)
                sha.update(piece)
        self._known[name] = {"size": info.file_size, "sha256": sha.hexdigest()}


def _pieces(given: bytes | Path) -> Iterator[bytes]:
    if isinstance(given, bytes):
        yield given
        return
    with given.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[Path]:
    """The file that becomes the archive; see `replacing`."""
    try:
        with replacing(path) as temporary:
            yield temporary
    except OSError as error:
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> PlumageError:
    """What an operating system error says of the archive's place."""
    given, kind = f"archive {path}", type(store_error(path, error))
    if kind is StoreFull:
        return StoreFull(given, "no space is left on its disk; nothing was left behind", "Free some space")
    if kind is StoreReadOnly:
        return StoreReadOnly(given, "its folder cannot be written", "Choose another folder")
    reason = error.strerror or str(error)
    return BadInput(given, f"it cannot be written there ({reason})", "Give the name of a file in a folder that exists")


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def _lines(values: Iterable[Line]) -> bytes:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values).encode()


def _plumage() -> str:
    """This Plumage's version, for people who wonder what made a file."""
    with _PROJECT.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
