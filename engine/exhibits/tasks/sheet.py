"""A figure sheet: chosen figures of several runs side by side on common scales, on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.drawing import ink, pages
from engine.drawing.chart import chart
from engine.drawing.export import WHITE
from engine.errors import BadParameter
from engine.exhibits.words import SPLITS
from engine.figures.compare import Line, compare_lines
from engine.figures.forgetting import forgetting_lines
from engine.figures.matrix import accuracy_matrix
from engine.session.comparison import MEASURES, Side

_COLUMN, _ROW = 420.0, 300.0
"""Of one figure, in pixels."""
_EDGE, _GAP, _HEAD = 24.0, 20.0, 44.0
_TITLE, _NAME = 15.0, 13.0
"""Letters of what a row and a column are called, in pixels."""


class Part(NamedTuple):
    """A kind of figure on a sheet.

    Attributes:
        title: what it shows.
        draw: its figures of all sides and a split: one a side, or a single one that shows all of them.
    """

    title: str
    draw: Callable[[Sequence[Side], str], list[Any]]


def _over_time(measure: str) -> Callable[[Sequence[Side], str], list[Any]]:
    def draw(sides: Sequence[Side], split: str) -> list[Any]:
        lines = [Line(side.title, side.over_time(split, measure)) for side in sides]
        return [compare_lines(lines, MEASURES[measure][0])]

    return draw


def _matrices(sides: Sequence[Side], split: str) -> list[Any]:
    return [accuracy_matrix(side.accuracy(split).mean(0)) for side in sides]


def _each_task(sides: Sequence[Side], split: str) -> list[Any]:
    return [forgetting_lines(side.accuracy(split).mean(0)) for side in sides]


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "seen": Part(MEASURES["seen"][0], _over_time("seen")),
        "forgetting": Part(MEASURES["forgetting"][0], _over_time("forgetting")),
        "matrix": Part("Accuracy of every task after every task", _matrices),
        "tasks": Part("Each task from when it was learnt", _each_task),
    }
)
"""What a sheet may have, by the name under which it is asked for; in the order in which it stands there."""


def sheet(sides: Sequence[Side], split: str, parts: Sequence[str]) -> str:
    """A sheet as an SVG file: a row for each part, a column for each side.

    Raises:
        BadParameter: no part is asked for, or one that there is not.
    """
    strange = [name for name in parts if name not in PARTS]
    if strange or not parts:
        said = ", ".join(strange)[:80] or "no figure"
        raise BadParameter(f"a figure sheet of {said}", f"there are {', '.join(PARTS)}", "Choose at least one of them")
    wide = len(sides) * _COLUMN + (len(sides) - 1) * _GAP
    told, top = [], _EDGE
    for name in (name for name in PARTS if name in parts):
        told.append(_row(PARTS[name], sides, split, top, wide))
        top += _HEAD + _ROW + _GAP
    note = f"{SPLITS.get(split, split)} images. Rows have a common scale."
    told.append(ink.text(_EDGE, top + _NAME, note, _NAME, ink.SOFT))
    return pages.document(wide + 2 * _EDGE, top + 2 * _NAME + _EDGE, "".join(told), WHITE)


def _row(part: Part, sides: Sequence[Side], split: str, top: float, wide: float) -> str:
    figures = part.draw(sides, split)
    _level(figures)
    told = [ink.text(_EDGE, top, part.title, _TITLE, bold=True, down=0.0)]
    room = (wide - _GAP * (len(figures) - 1)) / len(figures)
    for n, figure in enumerate(figures):
        left = _EDGE + n * (room + _GAP)
        if len(figures) == len(sides):
            told.append(ink.text(left, top + _TITLE * 1.4, ink.plain(sides[n].title), _NAME, ink.SOFT, down=0.0))
        place = f"translate({left:.1f} {top + _HEAD:.1f})"
        told.append(ink.element("g", chart(figure, room, _ROW), transform=place))
    return "".join(told)


def _level(figures: Sequence[Any]) -> None:
    """Give figures that lie beside each other the range that holds all of theirs, on either axis."""
    for name in ("xaxis", "yaxis"):
        ranges = [figure.layout[name].range for figure in figures]
        if any(each is None for each in ranges):
            continue
        low, high = min(min(each) for each in ranges), max(max(each) for each in ranges)
        for figure, each in zip(figures, ranges, strict=True):
            figure.layout[name].range = (low, high) if each[0] < each[1] else (high, low)
