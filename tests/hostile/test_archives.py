"""Archives that were flipped, cut, or forged with the right digests: each is brought in whole or refused in words.

Property-based with a fixed seed. What is brought in must then work everywhere: `show`, `findings`, `export`, and the
report's chapter that looks at what was changed. A failure is a traceback, "a bug", or anything left in the store.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.__main__ import main
from engine.archive.bring import bring
from engine.archive.write import write
from engine.errors import PlumageError
from engine.home import VARIABLE
from engine.records.arrays import pack, unpack
from engine.report.book import _section
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.analyses.test_returns import mutations
from tests.archive.forge import contents, replaced

BYTES, VALUES, ARRAYS = 40, 50, 30
"""How many archives of each kind are tried."""
_CHAPTER = {
    **dict.fromkeys(("exemplars", "random_words", "embedding_map"), "concepts"),
    **dict.fromkeys(("curves", "repairs", "replay", "causal_effects"), "repair"),
    **dict.fromkeys(("run.json", "tasks.jsonl", "events.jsonl"), "run"),
    **dict.fromkeys(("metrics", "scenarios.jsonl"), "tasks"),
    "robustness": "attack",
}
"""The chapter that looks at a file, by the beginning of its name."""
_ODD = (
    *(None, True, False, 0, -1, 1, 2, 7, 0.5, -0.0, 1e-9, 1e308, -1e308, 2**31, 2**53, 2**53 + 1, 10**17, 10**30),
    *(float("nan"), float("inf"), "", " ", "last", "<script>alert(1)</script>", "[a](b) $x$ `y`", "x" * 400, "../../x"),
    *("\ud800", "\0", "нет", "1e9", [], {}, [[]], [None], {"": 0}),
)
_ONCE = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
)


@pytest.fixture(scope="module")
def home(answered_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that knows the run's pictures already."""
    made = Path(shutil.copytree(answered_home, tmp_path_factory.mktemp("hostile") / "home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(made))
        yield made


@pytest.fixture(scope="module")
def archive(home: Path) -> bytes:
    """The run with every analysis, exported without report."""
    store, path = RunStore(home), home.parent / "run.zip"
    for _ in write(store, store.resolve("last"), path, report=False):
        pass
    return path.read_bytes()


def judge(home: Path, data: bytes, file: str = "") -> bool:
    """Bring an archive in; if that works everything else must, too. Whether it did."""
    store = RunStore(home)
    before = [run.id for run in store.runs()]
    try:
        run = bring(store, io.BytesIO(data), again=True)
    except PlumageError as error:
        assert str(error) and [known.id for known in store.runs()] == before
        return False
    try:
        export = ["export", run, "--no-report", "--replace", "-o", str(home / "a.zip")]
        for command in (["show", run], ["show", run, "--json"], export):
            assert main(command) == 0, command
        if store.tasks_done(run):
            assert main(["findings", run, "--json"]) == 0
            about = file.removeprefix("analyses/")
            for page in {page for beginning, page in _CHAPTER.items() if about.startswith(beginning)}:
                _, losses = _section(page, RunFacts(store, run))
                assert not losses
    finally:
        store.delete(run)
    return True


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there are values in a JSON document, itself included."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def changed(value: Any, path: tuple[Any, ...], how: str, odd: Any) -> Any:
    """A JSON document with another value, or none, or one more, at a place."""
    if not path:
        return odd
    key, *rest = path
    made = list(value) if isinstance(value, list) else dict(value)
    if rest:
        made[key] = changed(made[key], tuple(rest), how, odd)
    elif how == "drop":
        del made[key]
    elif how == "add" and isinstance(made, list):
        made.insert(key, odd)
    elif how == "add":
        made["surprise"] = odd
    else:
        made[key] = odd
    return made


@settings(_ONCE, max_examples=BYTES)
@given(st.data())
def test_bytes_that_were_flipped_cut_or_blanked(home, archive, data):
    odd, at = bytearray(archive), data.draw(st.integers(0, len(archive) - 1))
    how = data.draw(st.sampled_from(("flip", "cut", "blank", "insert", "end")))
    if how == "flip":
        odd[at] ^= 1 << data.draw(st.integers(0, 7))
    elif how == "cut":
        del odd[at:]
    elif how == "blank":
        odd[at : at + 64] = bytes(64)
    elif how == "insert":
        odd[at:at] = b"PK\1\2"
    else:  # the directory at the end is what a reader believes first
        odd[-data.draw(st.integers(1, 4000))] ^= 255
    assert not judge(home, bytes(odd)) or how in ("flip", "blank", "end")  # a date or a comment may change


@settings(_ONCE, max_examples=VALUES)
@given(st.data())
def test_values_that_were_forged(home, archive, data):
    files = contents(archive)
    told = sorted(name for name in files if name.endswith((".json", ".jsonl")) and name != "manifest.json")
    name = data.draw(st.sampled_from(told))
    lines = files[name].splitlines() if name.endswith("l") else [files[name]]
    at = data.draw(st.integers(0, max(len(lines) - 1, 0)))
    value = json.loads(lines[at]) if lines else {}
    path = data.draw(st.sampled_from(list(places(value))))
    how, odd = data.draw(st.sampled_from(("put", "put", "put", "drop", "add"))), data.draw(st.sampled_from(_ODD))
    lines[at : at + 1] = [json.dumps(changed(value, path, how, odd)).encode()]
    judge(home, replaced(archive, **{name: b"\n".join(lines)}), name)


@settings(_ONCE, max_examples=ARRAYS)
@given(st.data())
def test_arrays_that_were_forged(home, archive, data):
    files = contents(archive)
    kind = data.draw(st.sampled_from(("analyses/", "metrics/")))
    name = data.draw(st.sampled_from(sorted(n for n in files if n.startswith(kind))))
    array = unpack(files[name])
    if data.draw(st.booleans()):
        odd = data.draw(st.sampled_from([mutation for _, mutation in mutations(array)]))
        judge(home, replaced(archive, **{name: pack(odd)}), name)
        return
    odd = array.copy().reshape(-1)
    if odd.size:
        at = data.draw(st.integers(0, odd.size - 1))
        values = {"f": (0, 1, -1, 0.5, 1e4, np.nan, np.inf), "i": (0, 1, -1, 2, 5, 47, 127), "U": ("", "<b>", "[a](b)")}
        odd[at] = data.draw(st.sampled_from(values.get(array.dtype.kind, (0, 1))))
    judge(home, replaced(archive, **{name: pack(odd.reshape(array.shape))}), name)


def test_an_archive_that_is_whole_works_everywhere(home, archive, tmp_path):
    """The judge itself: it lets what is whole through, and a report of it shows every analysis and misses nothing."""
    assert judge(home, archive, "run.json")
    store = RunStore(home)
    run = bring(store, io.BytesIO(archive), again=True)
    assert main(["report", run, "-o", str(tmp_path / "report.html")]) == 0
    assert "What had to be left out" not in (tmp_path / "report.html").read_text()
    store.delete(run)


@pytest.mark.parametrize("finished", [4.1e9, 2.5e11])
def test_a_run_that_ended_in_the_far_future_goes_out_and_comes_in(own_tiny_home, tmp_path, finished):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    with store.database.writing() as db:
        db.execute("UPDATE tasks SET finished = ?", (finished,))
    for _ in write(store, run, tmp_path / "run.zip", report=False):
        pass
    assert store.tasks_done(bring(store, tmp_path / "run.zip", again=True)) == 3
