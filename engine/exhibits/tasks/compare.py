"""Compare: 2 to 4 runs, or groups of seeds, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.compare import (
    Line,
    ahead,
    compare_lines,
    difference_headline,
    difference_matrix,
    difference_table,
    lines_table,
    with_spread,
)
from engine.figures.look import percent
from engine.figures.matrix import accuracy_matrix, accuracy_table
from engine.figures.tables import Table
from engine.metrics.wording import GAINED, PERCENT, POINTS, UNITS, column
from engine.session.comparison import MEASURES, Side, differing, of_some

LINES = kind(
    "compare-lines",
    "tasks",
    Lesson(
        what="One measure after each task, one line for each run. Where a line stands for several seeds, it is their "
        "mean and the band around it one standard deviation.",
        why="It shows not only which run ends ahead but when it gets there: some start strong and fade.",
        reading="Look at the right end first, then for the task from which the lines part. Where bands overlap, the "
        "difference may be luck.",
        caveats="Runs without other seeds have no band, so nothing says how much of their difference is luck. Runs on "
        "other data or tasks answer other questions.",
    ),
    ("class_il", "old_accuracy", "new_accuracy", "forgetting"),
)
MATRIX = kind(
    "compare-matrix",
    "tasks",
    Lesson(
        what="The accuracy matrix of one side: what it knows of each task after each task; the mean over its seeds.",
        why="Two runs with the same average can forget quite different things.",
        reading="Compare the bottom rows of two matrices: what each side still knows in the end.",
        caveats="A cell is the accuracy on few classes; small differences between two matrices mean nothing.",
    ),
    ("accuracy_matrix",),
)
DIFFERENCE = kind(
    "compare-difference",
    "tasks",
    Lesson(
        what="One matrix minus the first one, cell by cell, in points of accuracy.",
        why="It shows on which task, and from when on, one run is better.",
        reading="Blue cells: this side is ahead. Orange: behind. Numbers carry the sign as well.",
        caveats="Every cell has its own chance error of some points; look for blocks of one colour, not single cells.",
    ),
    ("accuracy_matrix",),
)
TERMS = ("last_accuracy", "average_accuracy", "forgetting", "backward_transfer", "forward_transfer", "ece")
"""Metrics of the table that have a definition."""
NUMBERS = Lesson(
    what="Every measure of the runs side by side, on each kind of test images, and by how much each one is ahead of "
    "the first or behind it.",
    why="A chart shows one measure. A method may win on one and pay for it on another, for example on earlier classes.",
    reading="Compare a row from left to right; the definitions below say which way is better. A difference smaller "
    "than the spread of the seeds is none.",
    caveats="One run a side tells nothing of chance: train several seeds and compare them under Seeds. Times depend on "
    "the machine and on what else it did.",
)
_UNIT_OF_SPREAD = {PERCENT: "percent", POINTS: "percent", GAINED: "points"}
"""How numbers of a unit are written: `points` with their sign."""


def over_time(sides: Sequence[Side], split: str, measure: str) -> Exhibit:
    """A measure of `MEASURES` after each task, a line a side."""
    return curves([Line(side.title, side.over_time(split, measure)) for side in sides], split, measure)


def curves(lines: Sequence[Line], split: str, measure: str) -> Exhibit:
    """The same of lines that are there already."""
    what = MEASURES[measure][0]
    told = ahead(lines, lower_is_better=measure == "forgetting")
    caption = f"{what}, {SPLITS[split].lower()}; the axis shows the part that is needed, not all of 0 to 100 %"
    return Exhibit(LINES, told, caption, compare_lines(lines, what), lambda: lines_table(lines), measure)


def matrix(side: Side, split: str, number: int) -> Exhibit:
    """The accuracy matrix of a side, the mean over its runs; `number` counts the sides from 1."""
    mean = side.accuracy(split).mean(0)
    known = float(np.mean(side.summary(split)["last_accuracy"]))
    told = f"{side.title}: {percent(known)} of all test images are right in the end"
    caption = f"Accuracy in per cent, {SPLITS[split].lower()}{_over(side)}"
    return Exhibit(MATRIX, told, caption, accuracy_matrix(mean), lambda: accuracy_table(mean), str(number))


def difference(first: Side, side: Side, split: str, number: int) -> Exhibit:
    """The matrix of a side minus that of the first one. They must be `alike`."""
    found = side.accuracy(split).mean(0) - first.accuracy(split).mean(0)
    return Exhibit(
        DIFFERENCE,
        difference_headline(side.title, first.title, found),
        f"{side.title} minus {first.title}, in points, {SPLITS[split].lower()}",
        difference_matrix(found),
        lambda: difference_table(found),
        str(number),
    )


def metric_table(sides: Sequence[Side], splits: Sequence[str]) -> Table:
    """Every usual number of every side; from the second side on also its difference to the first where it has a
    meaning: the mean of paired differences where both were run with the same seeds, else of the means."""
    rows = [_row(sides, split, name) for split in splits for name in UNITS]
    times = [with_spread(side.seconds, "seconds") for side in sides]
    rows.append(["Training time, s", "", *times, *[""] * (len(sides) - 1)])
    return {heading: [row[i] for row in rows] for i, heading in enumerate(_headings(sides))}


def settings_told(sides: Sequence[Side]) -> str:
    """In how many settings the sides differ, counting those that all of them have, as a headline."""
    many, own = len(differing(sides)), len(of_some(sides))
    told = f"They differ in {many} setting{'s'[: many != 1]}" if many else "They differ in no setting but their seeds"
    if not own:
        return told
    shared = told if many else "All settings that they share are equal"
    return f"{shared}; {own} belong{'s'[: own == 1]} to some of them only"


def settings_table(sides: Sequence[Side]) -> Table:
    """The settings in which the sides differ, then those that not all of them have."""
    found = differing(sides) | of_some(sides)
    table: Table = {"setting": list(found)}
    for i, side in enumerate(sides):
        table[f"{i + 1}: {side.title}"] = [values[i] for values in found.values()]
    return table


def _headings(sides: Sequence[Side]) -> list[str]:
    titles = [f"{i}: {side.title}" for i, side in enumerate(sides, 1)]
    return ["metric", "test images", *titles, *(f"{i} minus 1" for i in range(2, len(sides) + 1))]


def _row(sides: Sequence[Side], split: str, name: str) -> list[str | int | float | None]:
    unit = _UNIT_OF_SPREAD[UNITS[name][1]]
    values = [side.summary(split)[name] for side in sides]
    apart = [_apart(sides[0], side, values[0], own) for side, own in zip(sides[1:], values[1:], strict=True)]
    return [
        column(name),
        SPLITS[split],
        *(with_spread(own, unit) for own in values),
        *(with_spread(gap, "points") for gap in apart),
    ]


def _apart(first: Side, side: Side, theirs: Floats, own: Floats) -> Floats:
    """Differences to the first side: one for each seed where both have the same, else the one of the means."""
    if len(own) > 1 and first.seeds == side.seeds:
        return own - theirs
    return np.array([own.mean() - theirs.mean()])


def _over(side: Side) -> str:
    return f"; mean over {len(side.views)} seeds" if len(side.views) > 1 else ""


def everything(sides: Sequence[Side], split: str, comparable: bool) -> list[Exhibit]:
    """All exhibits of a comparison, as a report shows them.

    Args:
        comparable: whether the sides are `alike`, so that matrices can be subtracted.
    """
    lines = [over_time(sides, split, measure) for measure in MEASURES]
    shown = [*lines, *(matrix(side, split, i) for i, side in enumerate(sides, 1))]
    if comparable:
        shown += [difference(sides[0], side, split, i) for i, side in enumerate(sides[1:], 2)]
    return [replace(exhibit, variant=f"{exhibit.variant}-{split}") for exhibit in shown]
