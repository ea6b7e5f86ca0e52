"""Every analysis declares the arrays it returns, and nothing that is not of their form is written, read or believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.analyses.base import ANALYSES
from engine.errors import StoreDamaged
from engine.jobs.analyses import Analyses, Question
from engine.records.answers import Returns
from engine.records.arrays import Array, pack, unpack
from engine.records.forms import Known, check, number, text
from engine.store.database import FILE
from engine.store.store import RunStore
from engine.structures import Malformed
from tests.run_fixtures import OF_ONE_METHOD

NAMES = sorted(ANALYSES)
ELSEWHERE = {"unlearning", *OF_ONE_METHOD}
"""What the answered run cannot answer, and runs of `elsewhere_home` do."""


def stored(home: Path, name: str) -> tuple[Analyses, Question]:
    """The answer of an analysis in a store."""
    store = RunStore(home)
    analyses = Analyses(store)
    return analyses, next(asked[0][0] for run in store.runs() if (asked := analyses.asked(run.id, 2, name)))


def home_of(name: str) -> str:
    """The fixture with the answer of an analysis."""
    return "elsewhere_home" if name in ELSEWHERE else "answered_home"


def mutations(array: Array) -> Iterator[tuple[str, Array]]:
    """What a forger or a fault may put in the place of an array."""
    yield "empty", array[..., :0].reshape(-1) if array.ndim else np.zeros(0, array.dtype)
    yield "0-d", np.array(array.ravel()[0] if array.size else 0, array.dtype) if array.ndim else array[None]
    yield "one axis more", array[None]
    for axis in range(array.ndim):
        yield f"twice as long along {axis}", np.concatenate([array, array], axis)
    if array.dtype.kind == "f":
        yield "infinite", np.where(np.arange(array.size).reshape(array.shape) == 0, np.inf, array).astype(array.dtype)
    if array.dtype.kind == "i":
        for odd in (np.iinfo(array.dtype).max, np.iinfo(array.dtype).min):
            yield "huge or negative", np.full_like(array, odd)
    if array.dtype.kind == "U":
        yield "numbers for texts", np.zeros(array.shape)
        yield "a text without end", np.full(array.shape, "x" * 100_000)
        yield "a hostile text", np.full(array.shape, "<script>alert(1)</script>" * 900)
    else:
        yield "texts for numbers", np.full(array.shape, "7")
    yield "other bytes", array.astype("c16") if array.dtype.kind in "fi" else array.astype("U").astype("S")


SOUND = {
    ("random_words", "vectors", "twice as long along 1"),
    ("random_words", "elsewhere", "twice as long along 1"),
    ("repairs", "order_statistics", "empty"),
    ("task_boundaries", "lessons", "twice as long along 0"),
}
"""Changes that leave an answer as another run may have it: more controls, no covariances to choose by, more experts."""


def cases(home: Path, names: list[str]) -> Iterator[tuple[str, str, str, Array]]:
    for name in names:
        analyses, question = stored(home, name)
        for key, array in analyses.result(question).items():
            odd = ((what, odd) for what, odd in mutations(array) if odd.size or array.size)
            yield from ((name, key, what, one) for what, one in odd if (name, key, what) not in SOUND)


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_all_that_it_returns(request, name):
    analyses, question = stored(request.getfixturevalue(home_of(name)), name)
    returns = ANALYSES.get(name).returns
    assert isinstance(returns, Returns)
    found, arrays = analyses.result(question), returns.arrays
    assert {key for key, form in arrays.items() if not form.optional} <= set(found) <= set(arrays)
    for key, array in found.items():
        assert array.ndim == len(arrays[key].axes), key


@pytest.mark.parametrize(("kept_in", "least"), [("answered_home", 500), ("elsewhere_home", 50)])
def test_no_mutation_of_any_array_is_read(request, tmp_path, kept_in, least):
    """Written past the check into the database, each is named when it is read, and can be computed again."""
    home = request.getfixturevalue(kept_in)
    names = [name for name in NAMES if home_of(name) == kept_in]
    with sqlite3.connect(home / FILE) as source, sqlite3.connect(tmp_path / FILE) as copy:
        source.backup(copy)
    tried = named = 0
    with RunStore(tmp_path).database.kept_open():  # else every one of a thousand writes merges SQLite's log
        for name, key, what, odd in cases(home, names):
            analyses, question = stored(tmp_path, name)
            where = "analysis = (SELECT id FROM analyses WHERE name = ? AND task = 2) AND name = ?"
            with RunStore(tmp_path).database.writing() as db:
                (whole,) = db.execute(f"SELECT data FROM results WHERE {where}", (name, key)).fetchone()
                db.execute(f"UPDATE results SET data = ? WHERE {where}", (pack(odd), name, key))
            with pytest.raises(StoreDamaged, match=r"it is damaged .\w+: ") as caught:
                analyses.result(question)
                pytest.fail(f"{name}.{key}: {what}")
            named += f"damaged ({key}: " in str(caught.value)
            assert analyses.intact(question) is None and analyses.state(question).status == "damaged"
            with RunStore(tmp_path).database.writing() as db:
                db.execute(f"UPDATE results SET data = ? WHERE {where}", (whole, name, key))
            tried += 1
    assert tried > least and named > 0.95 * tried  # where two arrays differ in length, the other may be named


def test_what_is_not_declared_is_not_written(answered_home, tmp_path):
    analyses, question = stored(answered_home, "exemplars")
    found = analyses.result(question)
    for odd, why in (
        ({**found, "secret": np.zeros(3)}, "secret: no such array"),
        ({key: found[key] for key in found if key != "rows"}, "rows: it is missing"),
        ({**found, "rows": found["rows"] + 10**6}, "rows: its values must lie from -1 to"),
        ({**found, "rows": found["rows"].astype("i4")}, "rows: it holds <i4"),
    ):
        with pytest.raises(Malformed, match=why):
            analyses.keep(question, odd, 1.0)
    again = analyses.result(question)
    assert all(np.array_equal(found[key], again[key], equal_nan=found[key].dtype.kind == "f") for key in found)


def test_a_damaged_answer_is_computed_again_when_asked_for(own_tiny_home, answered_home):
    store = RunStore(own_tiny_home)
    _, whole = stored(answered_home, "thumbnails")
    result = Analyses(RunStore(answered_home)).result(whole)
    analyses, question = Analyses(store), Question(store.resolve("last"), 2, "thumbnails", {})
    analyses.keep(question, result, 1.0)
    assert analyses.claim(question) is None
    with store.database.writing() as db:
        db.execute("UPDATE results SET data = ? WHERE name = 'sheet'", (pack(result["sheet"][:-1]),))
    assert analyses.state(question).status == "damaged"
    assert analyses.claim(question) and analyses.state(question).status == "running"


def test_axes_that_nobody_knows_bind_each_other():
    forms = {"a": number("N", nan=True), "b": text("N"), "c": number("N", "K")}
    fine = {"a": np.array([1.0, np.nan]), "b": np.array(["x", "y"]), "c": np.zeros((2, 3))}
    assert check(fine, forms, Known({"K": 3})) == {"N": 2, "K": 3}
    with pytest.raises(Malformed, match=r"b: it is of shape \(3,\), and must have shape \(2\)"):
        check({**fine, "b": np.array(["x", "y", "z"])}, forms, Known())
    with pytest.raises(Malformed, match=r"c: it is of shape \(2, 3\), and must have shape \(2, 4\)"):
        check(fine, forms, Known({"K": 4}))
    with pytest.raises(Malformed, match="c: its values must be known"):
        check({**fine, "c": np.full((2, 3), np.nan)}, forms, Known())
    none = {"a": np.zeros(0), "b": np.zeros(0, "U1"), "c": np.zeros((0, 3))}
    with pytest.raises(Malformed, match="a: it is of shape"):
        check(none, forms, Known())
    assert check(none, forms, Known(free={"N": (0, 9)}))["N"] == 0


@pytest.mark.parametrize(
    "array", [np.arange(6).reshape(2, 3).T, np.array([1, 2], ">f4"), np.array("é"), np.zeros((0, 3))]
)
def test_arrays_come_back_as_they_were_in_this_machines_order(array):
    back = unpack(pack(array))
    assert back.dtype.isnative and back.dtype == array.dtype.newbyteorder("=") and back.flags.writeable
    assert np.array_equal(back, array)
