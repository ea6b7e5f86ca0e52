"""Processes of this machine: the bits that this process makes, and what happens when one is killed."""

from __future__ import annotations

import os
import signal

import pytest

from engine.embedding import places
from engine.embedding.places import Processes
from engine.errors import BadImage, NotApplicable
from tests.data.made import png
from tests.embedding.test_driving import files_of


def test_processes_make_the_bytes_that_this_one_makes_though_one_is_killed(pictures, embed):
    plain, there, heard = embed(f"dir:{pictures}", to="plain"), Processes(2), []

    def listen(step):
        if not heard:
            os.kill(there._workers[0]._process.pid, signal.SIGKILL)
        heard.append(step.done)

    made = embed(f"dir:{pictures}", place=there, listen=listen)
    assert files_of(made.root) == files_of(plain.root) and heard[-1] == 10
    assert there._workers == []  # nobody is left behind


def test_a_shard_whose_process_is_killed_again_and_again_is_given_up(pictures, embed, monkeypatch):
    there = Processes(1)
    monkeypatch.setattr(places, "_LOOK", 0.05)

    def listen(step):
        for worker in there._workers:
            os.kill(worker._process.pid, signal.SIGKILL)

    with pytest.raises(NotApplicable, match=r"shard 0: the process that made it was killed 3 times"):
        embed(f"dir:{pictures}", place=there, listen=listen)
    assert there._workers == []


def test_what_is_wrong_in_a_process_is_said_here(pictures, embed):
    changed = []

    class Changes(Processes):
        def begin(self, order):
            if not changed:
                changed.append((pictures / "train/gull/0.png").write_bytes(png(7, 7, 7)))
            super().begin(order)

    with pytest.raises(BadImage, match=r"gull/0.png: the file has changed since the folder was opened"):
        embed(f"dir:{pictures}", place=Changes(1))
