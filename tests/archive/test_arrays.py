"""Arrays that hold what they must not, or do not fit, are refused."""

import io
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.archive.bring import bring
from engine.records.arrays import pack, unpack
from engine.store.view import RunView
from tests.archive.forge import TRAPPED, Trap, contents, replaced

NEC = "metrics/task-00/nec.npy"


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pickle.dumps(Trap()), "no array of NumPy's"),
        (npy("{'descr': '|O', 'fortran_order': False, 'shape': ()}", pickle.dumps(Trap())), "pickled objects"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,)}"), "does not fit its length"),
        (npy("{'descr': '<U0', 'fortran_order': False, 'shape': (10000000000000,)}"), "does not fit its length"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", bytes(8)), "no array of NumPy's"),
        (npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}", bytes(8)), "no array of numbers"),
        (npy("{'descr': '<M8[s]', 'fortran_order': False, 'shape': ()}", bytes(8)), "no array of numbers"),
        (npy("{'descr': '<U1', 'fortran_order': False, 'shape': ()}", b"\xff\xff\xff\xff"), "characters that do not"),
        (npy("{'descr': " * 3), "no array of NumPy's"),
        (b"", "no array of NumPy's"),
        (pack(np.zeros(3)), "must have 0 axes"),
        (pack(np.array(1)), "must hold numbers"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}", bytes(8)), "no array of NumPy's"),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': " + "(" * 5000, b""), "no array of NumPy's"),
        (pack(np.zeros((), "g")), "no array of numbers"),
        (pack(np.array(-1.0)), "values must lie from 0"),
    ],
)
def test_arrays_that_are_none(refused, archive, data, reason):
    refused(replaced(archive, **{NEC: data}), reason)
    assert not os.path.exists(TRAPPED)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("metrics/task-01/test/class_il.npy", np.array([1.0, 2.0]), "from 0 to 1"),
        ("metrics/task-01/test/confusion.npy", np.zeros((2, 2), np.int64), "must have shape"),
        ("metrics/task-01/test/confusion.npy", -np.ones((4, 4), np.int64), "must lie from 0"),
        ("metrics/task-01/born.npy", np.zeros(1, np.int64), "must have shape"),
        ("metrics/task-01/text.npy", np.full(100_001, "x"), "more than 100000 concepts"),
        ("metrics/task-01/test/secret.npy", np.zeros(2), "is measured in this run"),
        ("metrics/task-07/nec.npy", np.array(1.0), "is measured in this run"),
        ("metrics/task-001/nec.npy", np.array(1.0), "unusual way"),
        ("metrics/task-01/extra/class_il.npy", np.zeros(2), "is measured in this run"),
        ("metrics/task-01/test/label.npy", np.zeros(32, np.int16), "not what the confusion counts"),
        ("metrics/task-01/test/predicted.npy", np.full(32, 4, np.int16), "must lie from 0 to 3"),
        ("metrics/task-01/test/predicted.npy", np.zeros(31, np.int16), "must have shape"),
        ("metrics/task-01/test/probability.npy", np.full(32, np.nan, np.float16), "must be known"),
        ("metrics/task-01/test/image.npy", np.full(32, 48, np.int32), "must lie from 0 to 47"),
    ],
)
def test_measurements_that_do_not_fit(refused, archive, name, array, reason):
    refused(replaced(archive, **{name: pack(array)}), reason)


def test_concepts_of_a_class_that_is_not_there(refused, archive):
    name = "metrics/task-00/class_id.npy"
    beyond = np.full_like(unpack(contents(archive)[name]), 6)  # the run has six classes
    refused(replaced(archive, **{name: pack(beyond)}), "class_id: its values must lie from -1 to 5")


def test_outcomes_of_images_are_there_whole_or_not_at_all(refused, archive, empty):
    names = ("image", "label", "predicted", "probability")
    refused(replaced(archive, **{"metrics/task-01/test/label.npy": None}), "it is missing")
    measured = [name for name in contents(archive) if name.startswith("metrics/")]
    older = dict.fromkeys(name for name in measured if Path(name).stem in names)
    run = bring(empty, io.BytesIO(replaced(archive, **older)))
    assert RunView(empty, run).outcomes(1) is None
