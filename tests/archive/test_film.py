"""What was watched travels with a run, and nothing of a film is believed that is not as it must be."""

import io
import json
import zipfile

import numpy as np
import pytest

from engine.archive.bring import bring
from engine.records.arrays import pack_all, unpack_all
from engine.records.watched import MOST_BYTES
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching
from tests.archive.forge import changed, contents, replaced

BEAT = "film/task-01/00000.npz"


def told(archive):
    return json.loads(contents(archive)["watching.json"])


def with_arrays(archive, **arrays):
    found = {**unpack_all(contents(archive)[BEAT], MOST_BYTES), **arrays}
    return replaced(archive, **{BEAT: pack_all(found)})


def test_film_settings_and_pins_come_in_as_they_went_out(archive, store, empty):
    run = bring(empty, io.BytesIO(archive))
    first = store.resolve("last")
    assert Watching(empty).list(run) == Watching(store).list(first)
    one, other = RunView(store, first).film().beats, RunView(empty, run).film().beats
    assert len(one) == 3
    for a, b in zip(one, other, strict=True):
        assert (a.task, a.epoch, a.seconds) == (b.task, b.epoch, b.seconds)
        for name, array in a.arrays.items():
            np.testing.assert_array_equal(array, b.arrays[name])


def test_a_damaged_beat_is_left_out_and_named(own_tiny_home, tmp_path, behind_its_back):
    from engine.archive.write import write
    from engine.steps import finish

    store = RunStore(own_tiny_home)
    behind_its_back(store, "UPDATE beats SET data = x'00' WHERE task = 1")
    left_out = finish(write(store, store.resolve("last"), tmp_path / "run.zip", report=False))
    assert [one for one in left_out if "beats" in one and ", 1, 0" in one]
    assert BEAT not in contents((tmp_path / "run.zip").read_bytes())


def test_an_archive_of_an_older_plumage_has_no_film(archive, empty):
    gone = {name: None for name in contents(archive) if name.startswith(("film/", "watching"))}
    run = bring(empty, io.BytesIO(replaced(archive, **gone)))
    assert RunView(empty, run).film().beats == ()


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"probability": np.full((4, 4), 2.0, np.float16)}, "probability: its values must lie from 0 to 1"),
        ({"margin": np.zeros(3, np.float32)}, "margin: it is of shape"),
        ({"aimed": np.full(4, 4, np.int64)}, "aimed: its values must lie from -1 to 3"),
        ({"weight": np.full((7, 4), np.inf, np.float32)}, "weight: "),
        ({"reason": np.array(["because"] * 4)}, "reason: 'because' is none of"),
        ({"telepathy": np.zeros(1)}, "telepathy: no such array is declared"),
        ({"trouble": np.array("x" * 400)}, "trouble: a text has 400 characters"),
    ],
)
def test_arrays_that_are_none(refused, archive, arrays, reason):
    refused(with_arrays(archive, **arrays), reason)


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("margin.npy", b"\x00" * (MOST_BYTES + 1))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "no file of arrays"), (b"PK\x05\x06", "no file of arrays"), (bomb, "it unpacks to more than")],
)
def test_files_that_are_no_beat(refused, archive, data, reason):
    refused(replaced(archive, **{BEAT: data() if callable(data) else data}), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"settings": {"telepathy": 1}}, "no such parameter"),
        ({"settings": {"heartbeat": 0}}, "heartbeat must be"),
        ({"pins": [{"kind": "soul", "what": "x", "file": None}]}, "pins.0.kind"),
        ({"pins": [{"kind": "picture", "what": "x", "file": "../../etc/passwd"}]}, "lies in no such file"),
        ({"pins": [{"kind": "picture", "what": "x", "file": "film/pins/7.webp"}]}, "lies in no such file"),
        ({"pins": [{"kind": "concept", "what": "x", "file": None}] * 2}, "pins one thing twice"),
        ({"beats": [{"task": 1, "epoch": 0, "seconds": 1.0}] * 2}, "lists one beat twice"),
        ({"beats": [{"task": 7, "epoch": 0, "seconds": 1.0}]}, "there is no such beat"),
        ({"beats": [{"task": 1, "epoch": -1, "seconds": 1.0}]}, "beats.0.epoch"),
        ({"beats": []}, "does not say what it is"),
    ],
)
def test_lists_that_do_not_fit(refused, archive, fields, reason):
    refused(changed(archive, file="watching.json", **fields), reason)


def test_a_pinned_picture_that_is_none_is_refused(refused, archive):
    (name,) = [name for name in contents(archive) if name.startswith("film/pins/")]
    refused(replaced(archive, **{name: b"<svg onload='alert(1)'/>"}), "no picture|cannot be read|is not")


def test_files_that_nobody_lists_are_refused(refused, archive):
    refused(replaced(archive, **{"watching.json": None}), "watching.json does not say what it is")
    beat = contents(archive)[BEAT]
    refused(replaced(archive, **{"film/task-01/00001.npz": beat}), "does not say what it is")
