"""Where attention goes under attack: over the tasks, by group of concepts, and whether it goes with mistakes."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.exhibits.attack.found import Found
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures import shift as charts
from engine.figures import shift_claim as claims
from engine.figures.robustness import strength
from engine.figures.shift import GUIDES, MEASURES
from engine.metrics.attention_shift import NAMES
from engine.metrics.robustness import SEED, Association
from engine.metrics.shift_baseline import Baseline

MEASURED = tuple(f"shift_{name}" for name in NAMES)
"""Definitions of the measures, of which a reader chooses one."""

SHIFT = kind(
    "shift-tasks",
    "attack",
    Lesson(
        what="How far the attack moves the map of where the model looks, on average, after each task.",
        why="Attacks often work by moving the gaze. If it is moved further with every task, learning on has made the "
        "model easier to lead astray.",
        reading="Higher is moved further. Full line: the map of the learnt direction, which the answer depends on; "
        "dashed: the map of the class's name.",
        caveats="Only images that were right before the attack count, and which these are changes from task to task. "
        "No measure of how far a map moves is the only right one; try another below.",
    ),
    MEASURED,
)
BY_TASK = kind(
    "shift-matrix",
    "attack",
    Lesson(
        what="How far attention is moved on the images of each task, after each task. One row is one moment.",
        why="It separates two things: later models being easier to move, and some pictures being easier to move than "
        "others.",
        reading="Darker is moved further. A column that darkens downwards is a task whose hold on the gaze loosens.",
        caveats="A cell rests on the images of one task that were right then; with few of them left, it can be chance. "
        "An empty cell means that none was right.",
    ),
    MEASURED,
)
BY_GROUP = kind(
    "shift-groups",
    "attack",
    Lesson(
        what="How far the attack moves the maps of single concepts, by the part of the picture they speak of, after "
        "each task.",
        why="If the maps of one group are moved and those of another are not, the answer hangs on the first, and so "
        "does the attack.",
        reading="Rows are groups of concepts, the most moved first; darker is moved further.",
        caveats="Only concepts that are true of the image count. Small parts of a picture have few patches, and their "
        "maps jump further for that reason alone.",
    ),
    MEASURED,
)
CLAIM = kind(
    "shift-claim",
    "attack",
    Lesson(
        what="Images sorted by how far their attention was moved, in five parts of alike size, and the share of each "
        "part that was fooled.",
        why="The idea behind attention-guided defences is that answers fall where attention moves. This tests it on "
        "this very run.",
        reading="Bars that rise from left to right support the claim; flat bars do not. The line below gives the "
        "number with its interval.",
        caveats="Going together is not causing: an image that is barely right falls easily and may be moved easily. "
        "What its margin says alone stands beside it. It is one run and one attack.",
    ),
    ("shift_association", "shift_correlation", "shift_margin", "shift_adjusted", *MEASURED),
)
BASELINE = kind(
    "shift-baseline",
    "attack",
    Lesson(
        what="Three signs that an image will be fooled: how far its attention moved, how small its margin was before "
        "the attack, and how far attention moved with the margin taken out.",
        why="The margin costs nothing to know and needs no attack. A sign that says no more than the margin is no sign "
        "of its own.",
        reading="Each point is the share of pairs of a fooled image and one that held in which the sign tells them "
        "apart; the dotted line is chance. The third point is what attention adds.",
        caveats="The margin is taken out by a straight line through ranks; what goes with it in another way may be "
        "left in. Few fooled images or few that held make wide intervals.",
    ),
    ("shift_association", "shift_margin", "shift_adjusted", "margin"),
)
KINDS = (SHIFT, BY_TASK, BY_GROUP, CLAIM, BASELINE)


def shift(found: Found, at: int, measure: str, guide: str) -> Exhibit:
    """Mean shift after each task.

    Args:
        at: place in `found.strengths`, from 1.
        measure: one of `MEASURES`.
        guide: whose map the headline is about, one of `found.guides`.
    """
    mean, low, high = (values[:, : found.moment + 1] for values in found.over_tasks(at, measure))
    return Exhibit(
        SHIFT,
        charts.shift_words(mean[found.guides.index(guide)], measure),
        f"{MEASURES[measure]} of the true class's map at {strength(float(found.strengths[at]))}; mean over images that "
        "were right; whiskers: 95 % intervals",
        charts.shift_lines(found.guides, mean, low, high, found.tasks, measure),
        lambda: charts.shift_table(found.guides, mean, low, high),
    )


def by_task(found: Found, at: int, measure: str, guide: str) -> Exhibit:
    """Mean shift on the images of each task after each task; arguments as in `shift`."""
    values = found.by_task(at, measure, guide)
    numbers = [str(t + 1) for t in range(found.tasks)]
    rows, columns = ([f"{word} {n}" for n in numbers] for word in ("after task", "task"))
    return Exhibit(
        BY_TASK,
        _most(values, measure),
        f"{MEASURES[measure]} on the images of each task after each task; {GUIDES.get(guide, guide).lower()}",
        charts.moved_map(values, numbers, numbers, ("after task", "images of task"), measure),
        lambda: charts.moved_table(values, rows, columns, "moment"),
    )


NO_GROUPS = "no concept of this model is known to be true of these pictures"
"""Why `by_group` may have nothing: only maps of concepts that a picture is known to show are followed."""


def by_group(found: Found, at: int, measure: str) -> Exhibit | None:
    """Mean shift of the maps of concepts by group and moment; None where there are none (`NO_GROUPS`)."""
    names, values = found.by_group(at, measure)
    if not names:
        return None
    columns = [str(t + 1) for t in range(found.moment + 1)]
    last = [row[np.isfinite(row)][-1] for row in values]
    told = f"Attention to the {names[0]} moves furthest: {charts.amount(float(last[0]), measure)}"
    if len(names) > 1:
        told += f"; to the {names[-1]} least: {charts.amount(float(last[-1]), measure)}"
    return Exhibit(
        BY_GROUP,
        told,
        f"{MEASURES[measure]} of the maps of concepts that are true of the image, by group and moment",
        charts.moved_map(values, names, columns, ("", "after task"), measure),
        lambda: charts.moved_table(values, names, columns, "group"),
    )


def claim(found: Found, at: int, measure: str, guide: str) -> Exhibit | None:
    """Share fooled by how far attention was moved; None where no image was right before the attack."""
    bars = charts.parts(*found.contested(at, measure, guide))
    if not len(bars.count):
        return None
    told, _ = claim_words(found, at, measure, guide)
    return Exhibit(
        CLAIM,
        told,
        "Share fooled among images sorted by how far their map moved, in parts of alike size; 95 % intervals",
        charts.parts_bars(bars, measure),
        lambda: charts.parts_table(bars),
    )


def claim_words(found: Found, at: int, measure: str, guide: str) -> tuple[str, str]:
    """Whether moved attention goes with mistakes: a headline, and a sentence with its uncertainty."""
    return claims.claim(*_told(found, at, measure, guide))


def baseline(found: Found, at: int, measure: str, guide: str) -> Exhibit | None:
    """What the clean margin says of who is fooled; None where nothing can be compared or no margins were kept."""
    told, beyond = _told(found, at, measure, guide)
    if beyond is None or not np.isfinite(told.auc):
        return None
    return Exhibit(
        BASELINE,
        claims.baseline_words(told, beyond),
        f"{told.fooled} of {told.count} images that were right before were fooled at "
        f"{strength(float(found.strengths[at]))}; 95 % bootstrap intervals",
        claims.baseline_points(told, beyond),
        lambda: claims.baseline_table(told, beyond),
    )


def _told(found: Found, at: int, measure: str, guide: str) -> tuple[Association, Baseline | None]:
    asked = (at, measure, guide, int(found.settings.get("seed", SEED)))
    return found.association(*asked), found.baseline(*asked)


def _most(values: Floats, measure: str) -> str:
    if not np.isfinite(values).any():
        return "Nothing was attacked: no image was right"
    t, k = np.unravel_index(int(np.nanargmax(values)), values.shape)
    amount = charts.amount(float(values[t, k]), measure)
    return f"Attention moves furthest on pictures of task {k + 1} after task {t + 1}: {amount}"
