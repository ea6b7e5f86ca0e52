"""Parts of stored models, read without torch, agree with the whole models."""

import subprocess
import sys

import numpy as np
import pytest

from engine.errors import StoreDamaged
from engine.session import model_arrays
from engine.store.store import RunStore


def test_parts_are_those_of_the_snapshot(reference):
    store, run = reference.store, reference.view.id
    for task in range(reference.view.tasks_done):
        whole = reference.view.snapshot(task)
        np.testing.assert_array_equal(model_arrays.head(store, run, task), whole.head.numpy())
        for concept in (0, len(whole.bank) - 1):
            np.testing.assert_array_equal(
                model_arrays.row(store, run, task, concept), whole.bottleneck[concept].numpy()
            )
        assert model_arrays.row(store, run, task, len(whole.bank)) is None


def test_a_file_that_is_gone_cut_short_or_another_tasks_is_said_to_be(own_tiny_home):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    path = store.snapshots(run) / "model-0.safetensors"
    data = path.read_bytes()
    path.write_bytes((store.snapshots(run) / "model-1.safetensors").read_bytes())
    with pytest.raises(StoreDamaged, match="not the file that was written here"):
        model_arrays.head(store, run, 0)
    for size in (0, 5, 100, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(StoreDamaged, match="cut short"):
            model_arrays.head(store, run, 0)
        with pytest.raises(StoreDamaged, match="cut short"):
            model_arrays.row(store, run, 0, 0)
    path.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        model_arrays.head(store, run, 0)


def test_reading_parts_loads_no_torch():
    modules = "sys, engine.session.model_arrays, engine.store.checkup, engine.explain.history"
    code = f"import {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
