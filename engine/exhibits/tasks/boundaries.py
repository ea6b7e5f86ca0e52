"""Of a method that is not told where tasks begin: what it noticed, and whether test images find the right expert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.analyses.task_boundaries import MISSED
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.boundaries import routing_lines, routing_table, said, stream_lines, stream_table

if TYPE_CHECKING:
    from engine.array_types import Floats, Ints
    from engine.jobs.analyses import Result

ANALYSIS, METHOD = "task_boundaries", "tame"

BOUNDARIES = kind(
    "task-boundaries",
    "tasks",
    Lesson(
        what="How large the loss was while the training images came by as one stream, the limit above which the method "
        "calls for another expert, where tasks really began, and where it called.",
        why="Nobody says where a task begins outside of an experiment. A method that must be told so cannot be used "
        "there.",
        reading="A mark on a dotted line is a task noticed at once; a mark elsewhere is a false alarm; a dotted line "
        "without a mark is a task that was missed, and that two tasks now share an expert.",
        caveats="Where every task brings classes of its own, as here, noticing is easy: their labels alone make the "
        "loss jump. The first task is noticed by definition.",
    ),
    ("boundary_delay",),
)
ROUTING = kind(
    "expert-routing",
    "tasks",
    Lesson(
        what="For the test images of each task: the share that is sent to the expert that learnt most of their class, "
        "the share that is answered right, and the share that would be if the right expert were known.",
        why="Experts forget little, as each learns little. Then everything depends on who is asked, and at test time "
        "nobody says which task an image is of.",
        reading="The gap between right and right if told is what the choice of the expert costs. A task whose images "
        "go elsewhere is lost although an expert knows it.",
        caveats="An image sent to another expert may still be right, where that one has learnt the class too.",
    ),
    ("routing",),
)


def stream(found: Result) -> Exhibit:
    """Boundaries noticed.

    Args:
        found: by the analysis `task_boundaries`.
    """
    boundary, delay, false = found["boundary"], found["delay"], int(found["false_alarms"])
    return Exhibit(
        BOUNDARIES,
        _noticed(delay, false),
        f"Smoothed loss over the {len(found['loss']):,} steps of training, with the limit above which another expert "
        "is called for",
        stream_lines(found["loss"], found["bound"], boundary, found["step"], alarms(boundary, delay, found["step"])),
        lambda: stream_table(boundary, delay, false),
    )


def alarms(boundary: Ints, delay: Ints, step: Ints) -> list[bool]:
    """Of each switch, whether it was not the first of a task."""
    noticed = {int(b + d) for b, d in zip(boundary[1:], delay[1:], strict=True) if d != MISSED}
    return [int(at) not in noticed for at in step]


def _noticed(delay: Ints, false: int) -> str:
    if len(delay) < 2:
        return f"There was one task, so nothing was to be noticed; {_alarms(false)}"
    seen = delay[1:][delay[1:] != MISSED]
    told = f"Nobody said where tasks begin: it noticed {len(seen)} of {len(delay) - 1}"
    if len(seen):
        latest = int(seen.max())
        told += ", all at once" if not latest else f", the slowest after {latest} step{'s' if latest != 1 else ''}"
    return f"{told}; {_alarms(false)}"


def _alarms(false: int) -> str:
    return "no false alarm" if not false else f"{false} false alarm{'s' if false != 1 else ''}"


def routing(found: Result, split: str) -> Exhibit:
    """Whether test images find the right expert."""
    s = found["split"].tolist().index(split)
    sent, right, told = (found[name][s] for name in ("routing", "answered", "told"))
    return Exhibit(
        ROUTING,
        _routed(sent, right, told),
        f"By task, {SPLITS.get(split, split).lower()}, for {len(found['lessons'])} experts; the right expert of an "
        "image is the one that learnt most images of its class",
        routing_lines(sent, right, told),
        lambda: routing_table(
            {
                "sent to the right expert": sent,
                "right": right,
                "right by the expert it is sent to": found["sent"][s],
                "right if the expert were told": told,
            }
        ),
        split,
    )


def _routed(sent: Floats, right: Floats, told: Floats) -> str:
    found = f"{said(sent)} of test images find the expert that knows their class"
    return f"{found}; {said(right)} are right, and {said(told)} would be if it were told"
