"""What a value keeps, counted by hand; and the C library asked to keep less."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from engine.memory import few_arenas, give_back, nbytes

OWN = 64
"""Bytes that every object is taken to have besides what it holds."""


@dataclass
class Held:
    pictures: list
    name: str


def test_what_is_held_counts_however_deep():
    array, tensor = np.zeros((10, 10), np.float32), torch.zeros(50)
    assert nbytes(array) == 400 + OWN
    assert nbytes(tensor) == 200 + OWN
    assert nbytes("data:image/webp") == 15 + OWN and nbytes(b"12345") == 5 + OWN
    assert nbytes([array, (tensor,)]) == 600 + 4 * OWN
    assert nbytes({"a": array}) == 401 + 3 * OWN
    assert nbytes(Held([array], "four")) == 404 + 4 * OWN


def test_what_is_held_twice_counts_once():
    array = np.zeros(1000, np.uint8)
    assert nbytes([array, array, {"again": array}]) == 1000 + 5 + 4 * OWN
    circle: list = []
    circle.append(circle)
    assert nbytes(circle) == OWN


def test_other_objects_count_as_themselves():
    class Lab:
        def __init__(self):
            self.everything = np.zeros(10_000)

    assert nbytes([Lab()]) == 2 * OWN


@pytest.mark.skipif(sys.platform != "linux", reason="the GNU C library's own setting")
def test_threads_share_few_heaps():
    """Each of many threads that allocate at once would have a heap of its own."""
    code = """
import ctypes, threading
from engine.memory import few_arenas
few_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
barrier = threading.Barrier(12)
def work():
    barrier.wait()
    kept = [libc.malloc(1000) for _ in range(200)]
    barrier.wait()
    for one in kept: libc.free(one)
threads = [threading.Thread(target=work) for _ in range(12)]
[t.start() for t in threads]; [t.join() for t in threads]
stream = libc.fopen; stream.restype = ctypes.c_void_p
file = ctypes.c_void_p(stream(b"/dev/stdout", b"w"))
libc.malloc_info(0, file); libc.fclose(file)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 1 <= told.count("<heap nr=") <= 2


def test_giving_back_loses_nothing():
    few_arenas()
    kept = np.arange(1_000_000)
    give_back()
    assert kept.sum() == 499_999_500_000
