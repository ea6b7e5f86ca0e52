"""Progress of a longer piece of work on stderr: one moving line on a terminal, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm  # type: ignore[import-untyped]

from engine.commands._bar import LOOK
from engine.commands._words import printable
from engine.steps import Step, finish

Made = TypeVar("Made")


@contextmanager
def drawing() -> Iterator[Callable[[Step], None]]:
    """What draws steps; the line is erased at the end."""
    with tqdm(bar_format="[{bar:24}] {percentage:3.0f} %  {desc}  {remaining} left", **LOOK) as bar:

        def draw(step: Step) -> None:
            if step.done < bar.n:  # another piece of work begins
                bar.reset()
            bar.total = step.total
            bar.set_description_str(printable(step.word), refresh=False)
            bar.update(step.done - bar.n)

        yield draw


def shown(steps: Generator[Step, None, Made]) -> Made:
    """Draw every step, then erase the line; what the generator returns."""
    with drawing() as draw:
        return finish(steps, draw)
