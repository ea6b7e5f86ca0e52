"""Compare, methods: every method on the same data in one picture and one table, and what each of them forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.look import percent
from engine.figures.methods import BLACK_BOX, CONCEPTS, LOOKS_BACK, Point, losses, picture
from engine.figures.tables import Table, cell, matrix_table
from engine.metrics.paired import Tested
from engine.metrics.wording import points as worded
from engine.session.contenders import Ahead, Contender, ahead, best, lost_classes, lost_concepts

METHODS = kind(
    "compare-methods",
    "tasks",
    Lesson(
        what="Every method that learnt the same classes from the same data: how many test images it gets right in the "
        "end, against how many concepts a class rests on, how long it took, or how many numbers it keeps. A point is "
        "the mean of its seeds and orders, the bars one standard deviation.",
        why="A bottleneck is there to be read. The picture shows what that costs in accuracy, and whether a black box "
        "on the same embeddings, which explains nothing, would simply be better.",
        reading="Higher is more accurate; further left is easier to read, quicker or smaller. A method with another "
        "above it and to its left buys nothing. Black boxes have no concepts, so they stand beside the axis.",
        caveats="Times depend on the machine and on what else it did. Few concepts with a weight do not yet mean "
        "anything to a reader: the random words on the page Concepts tell. A single run has no bars, and nothing says "
        "how much of its place is luck.",
    ),
    ("last_accuracy", "nec", "anec", "relation_kept", "stored_numbers", "paired_gap"),
)
LOSSES = kind(
    "compare-losses",
    "tasks",
    Lesson(
        what="What each method lost between the best moment and the end: of every earlier class the share of images "
        "that was right, or of every concept how well its score told images with it from images without.",
        why="Two methods with the same forgetting can forget quite different things.",
        reading="A row that is orange throughout is hard for every method, often because a class like it arrived. A "
        "column that is more orange than its neighbours is a method that forgets.",
        caveats="Few test images a class make single cells jump by some points. Methods choose their own concepts: a "
        "cell is empty where a method has not chosen that one.",
    ),
    ("forgetting", "concept_forgetting"),
)
AXES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "nec": ("concepts a class rests on (NEC)", "no concepts"),
        "seconds": ("training time, seconds", "not known"),
        "stored": ("numbers kept a class", "not known"),
    }
)
"""What accuracy is drawn against: words on the axis, and of those that have no place on it."""
OF = {"classes": lost_classes, "concepts": lost_concepts}
"""What can be forgotten."""
_LEAST = 0.01
_ROWS = 30
"""Rows of the losses; the rest stands in the table."""
_NUMBERS = (("last_accuracy", "last, %"), ("average_accuracy", "average, %"), ("forgetting", "forgetting, points"))


def against_cost(found: Sequence[Contender], split: str, axis: str) -> Exhibit:
    """Accuracy against something of `AXES`, a point a method; they are at least one."""
    words, beside = AXES[axis]
    points = [_point(each, split, axis) for each in found]
    caption = (
        f"Last accuracy against {words}, {SPLITS.get(split, split).lower()}; mean ± standard deviation of the runs"
    )
    return Exhibit(
        METHODS,
        headline(found, split),
        caption,
        picture(points, words, beside),
        lambda: methods_table(found, split, found[0]),
        axis,
    )


def _point(each: Contender, split: str, axis: str) -> Point:
    x = {"nec": each.nec, "seconds": each.side.seconds, "stored": each.stored}[axis]
    x = np.where(np.asarray(x) > 0, x, np.nan)
    return Point(each.side.title, each.views[-1].id, _sort(each), x, each.summary(split)["last_accuracy"])


def _sort(each: Contender) -> str:
    if each.info.sees_earlier_tasks:
        return LOOKS_BACK
    return BLACK_BOX if each.black_box else CONCEPTS


def headline(found: Sequence[Contender], split: str) -> str:
    """The best bottleneck beside the best black box, both chosen by their validation images; test images decide
    between the two, one by one where both were run with the same seeds."""
    bottleneck, box = (best([each for each in found if _sort(each) == sort]) for sort in (CONCEPTS, BLACK_BOX))
    if bottleneck is None or box is None:
        top = max(found, key=lambda each: _last(each, split))
        return f"{top.side.title} ends highest of {len(found)}: {percent(_last(top, split), 1)}"
    gap = ahead(box.side, [bottleneck.side], split)[0].gaps["last_accuracy"]
    told = f"{bottleneck.side.title} reaches {percent(_last(bottleneck, split), 1)}, the best black box "
    told += f"({box.side.title}) {percent(_last(box, split), 1)}"
    return f"{told}: {_verdict(gap)}"


def _verdict(gap: Tested) -> str:
    value = gap.gap.value
    if not np.isfinite([gap.gap.low, gap.gap.high]).all():
        return "not run with the same seeds, so chance is not ruled out"
    runs = f"{gap.runs} pair{'s'[: gap.runs != 1]} of runs"
    if not gap.gap.sign:
        return f"no difference beyond what chance makes in {runs}"
    return f"{worded(abs(value), 1)} {'more' if value > 0 else 'less'} in {runs}, beyond chance"


def _last(each: Contender, split: str) -> float:
    return float(np.mean(each.summary(split)["last_accuracy"]))


def methods_table(found: Sequence[Contender], split: str, baseline: Contender) -> Table:
    """A row a method, to be sorted: numbers with their spread, costs, and differences to a baseline.

    Differences are in points; their 95 % intervals hold for all methods together, and p is Holm's.
    """
    others = [each for each in found if each is not baseline]
    gaps = dict(zip(map(id, others), ahead(baseline.side, [each.side for each in others], split), strict=True))
    rows = [_row(each, split, gaps.get(id(each))) for each in found]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _row(each: Contender, split: str, gap: Ahead | None) -> dict[str, str | int | float | None]:
    summary = each.summary(split)
    row: dict[str, str | int | float | None] = {
        "method": each.side.title,
        "kind": _sort(each),
        "runs": len(each.views),
    }
    row["validation, %"] = _mean(np.array([each.validation]), 100)
    for name, head in _NUMBERS:
        row[head] = _mean(summary[name], 100)
        row[f"± {head.split(',')[0]}"] = _spread(summary[name])
    for name, head in _NUMBERS:
        row |= _gap(head.split(",")[0], gap.gaps[name] if gap else None)
    row["p (Holm)"] = cell(gap.p) if gap else None
    return row | {
        "NEC": _mean(each.nec),
        "ANEC own head, %": _mean(each.pruned, 100),
        "ANEC refitted, %": _mean(each.refitted, 100),
        "beyond random words, points": _mean(each.control, 100),
        "relation lost, points": _mean(each.relation, 100),
        "seconds": _mean(each.side.seconds),
        "memory, MiB": _mean(each.memory, digits=0),
        "numbers kept a class": _mean(each.stored, digits=0),
        "parameters": _mean(each.parameters, digits=0),
    }


def _gap(head: str, found: Tested | None) -> dict[str, float | None]:
    values = (found.gap.value, found.gap.low, found.gap.high) if found else (np.nan,) * 3
    names = (f"{head} minus baseline", f"{head} from", f"{head} to")
    return {name: cell(100 * value, 1) for name, value in zip(names, values, strict=True)}


def _mean(values: Floats, times: float = 1, digits: int = 1) -> float | None:
    return cell(times * float(np.mean(values)), digits)


def _spread(values: Floats) -> float | None:
    return cell(100 * float(np.std(values, ddof=1)), 1) if len(values) > 1 else None


def forgotten(found: Sequence[Contender], split: str, of: str) -> Exhibit | None:
    """What each method lost of every class or concept (`OF`), worst first; None where there was nothing to lose."""
    each = [(contender.side.title, OF[of](contender.side, split)) for contender in found]
    each = [(title, lost) for title, lost in each if lost]
    if not each:
        return None
    names = list(dict.fromkeys(name for _, lost in each for name in lost))
    values = np.array([[lost.get(name, np.nan) for _, lost in each] for name in names])  # [names, methods]
    order = np.argsort(-np.nanmean(values, 1), kind="stable")
    names, values, titles = [names[i] for i in order], values[order], [title for title, _ in each]
    shown = f"; the {_ROWS} that lost most of {len(names)}" if len(names) > _ROWS else ""
    return Exhibit(
        LOSSES,
        _lost_most(names[0], float(np.nanmean(values[0])), of),
        f"Points lost since the best moment, {of}, {SPLITS.get(split, split).lower()}{shown}",
        losses(values[:_ROWS], names[:_ROWS], titles),
        lambda: matrix_table(values, names, titles, of),
        of,
    )


def _lost_most(name: str, lost: float, of: str) -> str:
    if lost < _LEAST:
        return f"No {of[:-1] if of != 'classes' else 'class'} lost a point on average over the methods"
    return f"{name[:1].upper()}{name[1:]} lost most: {worded(lost, 0)} on average over the methods"


def everything(found: Sequence[Contender], split: str) -> list[Exhibit]:
    """All exhibits about methods, as a report shows them."""
    lost = [forgotten(found, split, of) for of in OF]
    return [*(against_cost(found, split, axis) for axis in AXES), *(each for each in lost if each is not None)]
