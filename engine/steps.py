"""Work that tells its steps by yielding them and returns what it made: run to its end, or told on in other words.

Whoever stops in the middle, by an error or by closing what `told` gives, closes the work itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

Told = TypeVar("Told")
Other = TypeVar("Other")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Step:
    """Progress.

    Attributes:
        done, total: of roughly equal steps.
        word: what is being done, for people.
    """

    done: int
    total: int
    word: str = ""

    @property
    def share(self) -> float:
        """0..1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


def told(work: Generator[Told, None, Made], how: Callable[[Told], Other]) -> Generator[Other, None, Made]:
    """The same work, `how` having put each of its steps otherwise."""
    try:
        while True:
            yield how(next(work))
    except StopIteration as end:
        made: Made = end.value
        return made
    finally:
        work.close()


def finish(work: Generator[Told, None, Made], listen: Callable[[Told], object] = lambda step: None) -> Made:
    """Run work to its end, let `listen` hear each step, and return what it made."""
    telling = told(work, listen)
    while True:
        try:
            next(telling)
        except StopIteration as end:
            made: Made = end.value
            return made
