"""Memory: what a value keeps of it, what is free, and how the C library gives back what nobody holds. No torch."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path

_EACH = 64
"""Bytes that every object takes besides what it holds."""
_ARENAS = 2
_M_ARENA_MAX = -8  # as malloc.h of the GNU C library numbers it


def few_arenas() -> None:
    """Have all threads share two heaps. Call it before the first of them begins; it does nothing but on Linux.

    The GNU C library gives every thread a heap of its own, up to eight a core, and each keeps what was freed in it. A
    server that draws every page in a new thread spreads over all of them.
    """
    if (libc := _gnu()) is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give the system back what was freed and is kept for later, as far as the C library can."""
    if (libc := _gnu()) is not None:
        libc.malloc_trim(0)


def _gnu() -> ctypes.CDLL | None:
    """The C library, where it is the GNU one."""
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None


def free_bytes() -> int | None:
    """What this machine could still give a process, or what its container may still take; None where neither says."""
    found: list[int] = []
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):  # a file that says "max" has no limit
        group = Path("/sys/fs/cgroup")
        most, taken = ((group / name).read_text(encoding="ascii") for name in ("memory.max", "memory.current"))
        found.append(max(0, int(most) - int(taken)))
    return min(found, default=None)


def nbytes(value: object) -> int:
    """Bytes of the arrays, tensors, texts and bytes in a value: of mappings, sequences and dataclasses all they hold.

    What is held twice counts once. Of other objects only themselves: they are taken to be shared with others.
    """
    return _nbytes(value, set())


def _nbytes(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    return _EACH + _own(value) + sum(_nbytes(part, seen) for part in _parts(value))


def _own(value: object) -> int:
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if is_dataclass(value):
        return 0  # what it says of itself is in its parts
    return int(getattr(value, "nbytes", 0))  # of arrays and tensors alike


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()
