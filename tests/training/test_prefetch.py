"""Images drawn ahead by other processes: the same images, errors included, and nobody left behind."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from engine.data.cuts import WholeRows
from engine.errors import BadImage
from engine.runs.config import preset
from engine.runs.sources import open_dataset
from engine.training.prefetch import Block, ImagesAhead, blocks

SIZE = 24


def test_blocks_cover_everything_once_and_respect_the_caches_borders():
    rows = np.array([0, 5, 63, 64, 65, 200, 500])
    cut = list(blocks("train", rows))
    assert cut == [
        Block("train", (0, 5, 63)),
        Block("train", (64, 65)),
        Block("train", (200,)),
        Block("train", (500,)),
    ]
    assert list(blocks("train", np.zeros(0, np.int64))) == []
    part = WholeRows("", 600, np.arange(0, 600, 2))  # every other image of a whole: its chunks are the whole's
    assert list(blocks("train", np.array([0, 31, 32, 99, 100]), part)) == [
        Block("train", (0, 31)),
        Block("train", (32,)),
        Block("train", (99, 100)),
    ]


def opened():
    return open_dataset(preset("tiny").changed(train_per_class=60))


def test_helpers_draw_the_same_images():
    dataset = opened()
    plan = list(blocks("train", np.arange(320)))
    with ImagesAhead(dataset, SIZE, helpers=1) as ahead, ImagesAhead(dataset, SIZE, helpers=0) as alone:
        ahead.plan(plan)
        assert ahead._pool is None  # nothing happens before it is needed
        for block in plan:
            np.testing.assert_array_equal(ahead.get(block), alone.get(block))
        assert ahead._pool is not None
        assert alone._pool is None
        odd = Block("test", (3, 4))  # never planned
        np.testing.assert_array_equal(ahead.get(odd), alone.get(odd))


def test_a_killed_helper_is_replaced_by_ones_own_hands():
    dataset = opened()
    plan = list(blocks("train", np.arange(320)))
    with ImagesAhead(dataset, SIZE, helpers=1) as pictures:
        pictures.plan(plan)
        pictures.get(plan[0])
        for process in list(pictures._pool._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
        for block in plan[1:]:
            np.testing.assert_array_equal(pictures.get(block), dataset.splits["train"].images(block.rows, SIZE))


class Broken:
    """A dataset with one image that is none."""

    def __init__(self):
        self.splits = {"train": self}

    def images(self, indices, size):
        raise BadImage("bird.png", "it is cut short", "Remove it")


@pytest.mark.parametrize("helpers", [0, 1])
def test_errors_come_home(helpers):
    plan = list(blocks("train", np.arange(320)))
    with ImagesAhead(Broken(), SIZE, helpers=helpers) as pictures:
        pictures.plan(plan)
        with pytest.raises(BadImage) as caught:
            pictures.get(plan[0])
    assert (caught.value.given, caught.value.remedy) == ("bird.png", "Remove it")


ORPHANS = """
import os, signal
import numpy as np
from engine.runs.config import preset
from engine.training.prefetch import ImagesAhead, blocks
from engine.runs.sources import open_dataset
if __name__ == "__main__":
    config = preset("tiny").changed(train_per_class=60)
    pictures = ImagesAhead(open_dataset(config), 24, helpers=1)
    plan = list(blocks("train", np.arange(320)))
    pictures.plan(plan)
    pictures.get(plan[0])
    print(*[process.pid for process in pictures._pool._processes.values()], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_helpers_die_with_a_killed_parent(tmp_path):
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    result = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        timeout=60,
    )
    assert result.returncode == -signal.SIGKILL, result.stderr
    pids = [int(pid) for pid in result.stdout.split()]
    assert pids
    end = time.monotonic() + 10
    while any(running(pid) for pid in pids):
        assert time.monotonic() < end, "a helper lives on without its parent"
        time.sleep(0.05)


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
