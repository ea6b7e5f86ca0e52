"""Parts of stored models, read without torch, agree with the whole models."""

import subprocess
import sys

import numpy as np
import pytest

from engine.errors import StoreDamaged
from engine.runs import parts


def test_parts_are_those_of_the_snapshot(reference):
    folder = reference.store.snapshots(reference.view.id)
    for task in range(reference.view.tasks_done):
        whole = reference.view.snapshot(task)
        np.testing.assert_array_equal(parts.head(folder, task), whole.head.numpy())
        for concept in (0, len(whole.bank) - 1):
            np.testing.assert_array_equal(parts.row(folder, task, concept), whole.bottleneck[concept].numpy())
        assert parts.row(folder, task, len(whole.bank)) is None


def test_a_file_that_is_gone_or_cut_short_is_said_to_be(tmp_path, reference):
    with pytest.raises(StoreDamaged, match="missing"):
        parts.head(tmp_path, 0)
    data = (reference.store.snapshots(reference.view.id) / "model-0.safetensors").read_bytes()
    for size in (0, 5, 100, len(data) - 1):
        (tmp_path / "model-0.safetensors").write_bytes(data[:size])
        with pytest.raises(StoreDamaged, match="cut short"):
            parts.head(tmp_path, 0)
        with pytest.raises(StoreDamaged, match="cut short"):
            parts.row(tmp_path, 0, 0)


def test_reading_parts_loads_no_torch():
    code = "import sys, engine.runs.parts, engine.explain.history; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
