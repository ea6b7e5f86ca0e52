"""The settings of an experiment, each as one line over everything that varies and what it reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import Missing
from engine.exhibits.words import SPLITS
from engine.experiments.axes import ExperimentAxis
from engine.experiments.board import SettingResult, best, worded
from engine.experiments.experiment import Experiment
from engine.figures.look import percent
from engine.figures.settings import Upright, parallel
from engine.figures.tables import Table, cell

MOST = 200
"""Lines drawn: more cannot be told apart."""

SETTINGS = kind(
    "experiment-settings",
    "experiments",
    Lesson(
        what="One line for each setting whose runs are all finished. It crosses an upright axis for everything that "
        "varies, then what it reached on validation images, then on test images. The better, the stronger its line; "
        "the best by validation is orange.",
        why="A leaderboard says which setting won. Here one sees whether winners have something in common, and what "
        "makes no difference.",
        reading="Follow the strong lines back from the right. Where they all go through one value, that value "
        "matters; where they spread over an axis, it decides little.",
        caveats="Neighbouring axes only: two things that matter together show only where they stand side by side. "
        "Means over seeds and orders; their spread is in the leaderboard. The setting is chosen by validation images.",
    ),
    ("last_accuracy",),
)


def exhibit(declared: Experiment, found: Sequence[SettingResult], split: str = "test") -> Exhibit | Missing:
    """A line a setting, of those that are whole; the best `MOST` by validation where they are more."""
    whole = [one for one in found if one.whole and one.finished]
    if len(whole) < 2 or not declared.varied:
        return Missing("Nothing to compare yet", "Two settings with all their runs are needed")
    validation = np.array([one.validation.mean() for one in whole])
    kept = np.sort(np.argsort(-validation, kind="stable")[:MOST])
    some, validation = [whole[place] for place in kept], validation[kept]
    test = np.array([one.measured("last_accuracy", split).mean() for one in some])
    top = best(some)
    assert top is not None  # all of them are whole
    axes = [_axis(axis, [one.setting[place] for one in some]) for place, axis in enumerate(declared.varied)]
    axes += [_reached("validation", validation), _reached(SPLITS.get(split, split).lower(), test)]
    reached = zip(some, validation, test, strict=True)
    titles = [f"{one.title}: {percent(its, 1)} on validation, {percent(last, 1)} on test" for one, its, last in reached]
    shown = f"{len(some)} settings" if len(some) == len(whole) else f"the best {len(some)} of {len(whole)} settings"
    return Exhibit(
        SETTINGS,
        f"{top.title} is best by validation: {percent(float(validation.max()), 1)}",
        f"Values of {shown}, and their last accuracy on validation and on test images, means over their runs",
        parallel(axes, validation, titles, some.index(top)),
        lambda: _table(declared, some, validation, test),
        split,
    )


def _axis(axis: ExperimentAxis, values: Sequence[str]) -> Upright:
    """Listed values stand evenly, in their order; drawn numbers at their share of the range's way."""
    if axis.range is None:
        listed = [value for value in axis.values if value in values]
        evenly = {value: place / max(len(listed) - 1, 1) for place, value in enumerate(listed)}
        names = [worded(axis, value) for value in listed]
        return Upright(axis.title, np.array([evenly[value] for value in values]), [*evenly.values()], names)
    ends = np.array([axis.range.low, axis.range.high], np.float64)
    numbers = np.array([float(value) for value in values])
    if axis.range.log:
        ends, numbers = np.log(ends), np.log(numbers)
    names = [axis.range.at(0.0), axis.range.at(1.0)]
    return Upright(axis.title, (numbers - ends[0]) / (ends[1] - ends[0]), [0.0, 1.0], names)


def _reached(title: str, shares: Floats) -> Upright:
    low, high = float(shares.min()), float(shares.max())
    ends = [percent(low, 1), percent(high, 1)] if high > low else [percent(low, 1)]
    return Upright(title, (shares - low) / ((high - low) or 1.0), [0.0, 1.0][: len(ends)], ends)


def _table(declared: Experiment, some: Sequence[SettingResult], validation: Floats, test: Floats) -> Table:
    order = np.argsort(-validation, kind="stable")
    table: Table = {
        axis.title: [worded(axis, some[row].setting[place]) for row in order]
        for place, axis in enumerate(declared.varied)
    }
    table["validation, %"] = [cell(100 * validation[row], 1) for row in order]
    table["test, %"] = [cell(100 * test[row], 1) for row in order]
    return table
