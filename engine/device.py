"""The device is chosen once, everything else follows its inputs; and how many threads work on a CPU."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@cache
def device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def machine() -> str:
    """The machine in words, for example `"AMD EPYC, 2 cores"`; stored beside every measured figure."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass  # not Linux: the platform's own word will do
    return f"{model}, {os.cpu_count()} cores"


@contextmanager
def fixed_threads(count: int) -> Iterator[None]:
    """Run a block with `count` threads and restore the caller's number, whatever happens.

    The order of a sum depends on the number of threads: fixing it is what makes an interrupted run resume bit for bit.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
