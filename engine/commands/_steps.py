"""Progress of a longer piece of work on stderr: one moving line on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from tqdm import tqdm  # type: ignore[import-untyped]

from engine.commands._bar import LOOK
from engine.commands._words import printable
from engine.jobs.working import AtWork
from engine.steps import Step, finish

Made = TypeVar("Made")


_JOB: ContextVar[AtWork | None] = ContextVar("job", default=None)


@contextmanager
def told_to(at_work: AtWork) -> Iterator[None]:
    """Within it, a job is told the steps and remarks of a command; no step is drawn."""
    token = _JOB.set(at_work)
    try:
        yield
    finally:
        _JOB.reset(token)


def told(step: Step) -> None:
    """Tell a step to the job, where a job does this; for commands that draw their steps in their own way."""
    if (at_work := _JOB.get()) is not None:
        at_work.tell(step)


def remark(text: str) -> None:
    """Say what a command's result lacks: on stderr, and to whoever asked for the job."""
    print(text, file=sys.stderr)
    if (at_work := _JOB.get()) is not None:
        at_work.remarks.append(text)


@contextmanager
def drawing() -> Iterator[Callable[[Step], None]]:
    """What draws steps, or tells them; the line is erased at the end."""
    if (at_work := _JOB.get()) is not None:
        yield at_work.tell
        return
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
