"""One run exported once, and a store that no refused import may touch."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from engine.archive.bring import bring
from engine.archive.write import write
from engine.errors import BadInput
from engine.jobs.analyses import Analyses, Question
from engine.runs.watch import Pin, WatchSettings
from engine.session.uploads import harmless
from engine.store.marks import PictureMarks
from engine.store.scenarios import Scenarios
from engine.store.selections import Selections
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from engine.store.watching import Watching
from tests.job_states import analysis

TABLES = ("runs", "tasks", "metrics", "events", "analyses", "results", "scenarios", "shelf", "drafts")
TABLES += ("watching", "pins", "beats", "tags", "selections", "marks")


def every_row(store: RunStore) -> dict[str, list[tuple[object, ...]]]:
    """All that the database holds."""
    with store.database.reading() as db:
        return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table}")] for table in TABLES} if db else {}


def every_file(home: Path) -> dict[str, str]:
    """Digest of every file below a home but the database's own, and every folder."""
    paths = sorted(path for path in home.rglob("*") if not path.name.startswith("plumage.db"))
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in paths
    }


def exported(store: RunStore, run: str, path: Path) -> bytes:
    """The run's archive, without report."""
    for _ in write(store, run, path, report=False):
        pass
    return path.read_bytes()


@pytest.fixture(scope="session")
def full_home(answered_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run with every analysis, one that failed, a scenario grown out of another, a name and a note."""
    home = Path(shutil.copytree(answered_home, tmp_path_factory.mktemp("full") / "home"))
    store = RunStore(home)
    run = store.resolve("last")
    first = Scenarios(store).all(run)[0]
    edit = first.edits[0]
    Scenarios(store).save(run, 1, "second", [edit, edit], base=first.id)
    gone = Scenarios(store).save(run, 1, "gone", [edit])
    Scenarios(store).remove(run, gone.id)
    Shelf(store).tag({run: ["kept", "for the talk"]})
    Selections(store).save(run, "lost ones", ["test:4", "moved:1"])
    Selections(store).remove(run, Selections(store).save(run, "gone", ["test:0"]).id)
    for concept, present in (("red <b>crown</b>", True), ("hooked bill", False), ("hooked bill", True)):
        PictureMarks(store).mark(run, "test:4", "4" * 64, concept, present)
    PictureMarks(store).mark(run, "test:5", "5" * 64, "hooked bill", False)
    PictureMarks(store).mark(run, "test:6", "6" * 64, "hooked bill", False)
    PictureMarks(store).unmark(run, "test:6", "6" * 64, "hooked bill")
    broken = Question(run, 1, "curves", {})
    assert Analyses(store).claim(broken)
    analysis(store, broken, "failed", "it broke")
    Shelf(store).rename(run, "tiny & <b>")
    Shelf(store).note(run, "worth *keeping*")
    Watching(store).choose(run, WatchSettings(heartbeat=9))
    Watching(store).pin(run, Pin("picture", "own:1", harmless(_picture(), "a picture")))
    Watching(store).pin(run, Pin("concept", "blue <b>crown</b>"))
    return home


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def archive(full_home: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """That run, exported."""
    store = RunStore(full_home)
    return exported(store, store.resolve("last"), tmp_path_factory.mktemp("archive") / "run.zip")


@pytest.fixture
def empty(tmp_path: Path) -> RunStore:
    """A store without runs."""
    return RunStore(tmp_path / "other")


@pytest.fixture(scope="session")
def store(full_home: Path) -> RunStore:
    """A store that holds the run itself; no refused import may change it."""
    return RunStore(full_home)


@pytest.fixture
def refused(store: RunStore) -> Callable[[bytes, str], BadInput]:
    """Try to bring an archive in; it must be refused for the reason given, and the store be untouched."""

    def tried(data: bytes, reason: str) -> BadInput:
        before = every_row(store), every_file(store.home)
        with pytest.raises(BadInput, match=reason) as caught:
            bring(store, io.BytesIO(data), again=True)
        assert (every_row(store), every_file(store.home)) == before
        return caught.value

    return tried
