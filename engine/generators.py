"""Work that tells its steps by yielding them and returns what it made: run to its end, or told on in other words.

Whoever stops in the middle, by an error or by closing what `told` gives, closes the work itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

Step = TypeVar("Step")
Other = TypeVar("Other")
Made = TypeVar("Made")


def told(work: Generator[Step, None, Made], how: Callable[[Step], Other]) -> Generator[Other, None, Made]:
    """The same work, `how` having put each of its steps otherwise."""
    try:
        while True:
            yield how(next(work))
    except StopIteration as end:
        made: Made = end.value
        return made
    finally:
        work.close()


def finish(work: Generator[Step, None, Made], listen: Callable[[Step], object] = lambda step: None) -> Made:
    """Run work to its end, let `listen` hear each step, and return what it made."""
    telling = told(work, listen)
    while True:
        try:
            next(telling)
        except StopIteration as end:
            made: Made = end.value
            return made
