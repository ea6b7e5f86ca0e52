"""Draws the head: face and its marks, crown and crest, bill and eye."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.data.aviary.anatomy import BILLS, CRESTS, CROWN, EYE, GAPES, HEAD, Build
from engine.data.aviary.attributes import PARTS
from engine.data.aviary.bird import Bird
from engine.data.aviary.painter import Painter, curve, ellipse, loop, points
from engine.data.aviary.palette import BILLS as BILL_TONES
from engine.data.aviary.palette import FACES, FINE, OUTLINE, PALE, PLUMAGE, edge_of, line_of, pick, tone
from engine.data.aviary.pose import Nuisance

CROWN_PART, FACE, BILL = (PARTS.index(part) for part in ("crown", "face", "bill"))
_BROWN = (92, 72, 56)
_SOOT = (36, 32, 32)


def _mask(paint: Painter, b: Build) -> None:
    band = loop(
        points(
            (0.112, 0.004),
            (0.06, -0.046),
            (-0.02, -0.046),
            (-0.104, -0.01),
            (-0.1, 0.034),
            (-0.02, 0.034),
            (0.06, 0.036),
        ),
        22,
    )
    paint.fill(b.head(band), (34, 30, 30), FACE)


def _brow(paint: Painter, b: Build) -> None:
    paint.stroke(b.head(curve(points((0.03, -0.006), (-0.03, 0.002), (-0.1, 0.034)), 8)), 0.018 * b.unit, _BROWN, FACE)
    stripe = loop(
        points(
            (0.108, -0.03),
            (0.05, -0.066),
            (-0.03, -0.062),
            (-0.116, -0.004),
            (-0.11, 0.03),
            (-0.03, -0.016),
            (0.05, -0.028),
        ),
        22,
    )
    paint.shape(b.head(stripe), PALE, FACE, _BROWN, FINE * b.unit)


def _beard(paint: Painter, b: Build) -> None:
    patch = loop(
        points(
            (0.1, 0.028), (0.03, 0.04), (-0.036, 0.082), (-0.012, 0.134), (0.05, 0.15), (0.096, 0.104), (0.106, 0.06)
        ),
        22,
    )
    paint.fill(b.head(patch), _SOOT, FACE)


FACE_MARKS: dict[str, Callable[[Painter, Build], None]] = {
    "plain": lambda paint, b: None,
    "masked": _mask,
    "browed": _brow,
    "bearded": _beard,
}


_INNER_CROWN = (CROWN - (0.0, -0.05)) * (0.955, 0.94) + (0.0, -0.05)
"""The crown within its contour: covers the roots of a crest."""
_CHIN, _NECK_LINE = slice(28, None), slice(19, 29)
"""Parts of the head's outline: the free edge below the bill, and the soft border towards the body."""
_RIDGE = slice(1, 9)
"""Part of a bill's outline: the upper edge."""
_CROWN_FEATHERS = points(
    (0.05, -0.072), (0.012, -0.086), (-0.028, -0.08), (-0.062, -0.058), (0.02, -0.058), (-0.03, -0.054),
    (-0.086, -0.022),
)  # fmt: skip


def draw_head(paint: Painter, b: Build, bird: Bird, n: Nuisance) -> None:
    """Face, crown and crest, face marks, bill and eye."""
    face, crown = pick(FACES, n.tones[0]), PLUMAGE[bird.value("crown")]
    edge = edge_of(crown)
    head = b.head(HEAD)
    paint.fill(head, face, FACE)
    paint.stroke(head[_CHIN], OUTLINE * b.unit, edge_of(face), FACE)
    paint.stroke(head[_NECK_LINE], FINE * b.unit, tone(face, -0.3), FACE)
    paint.shape(b.head(CROWN), crown, CROWN_PART, edge, OUTLINE * b.unit)
    for plume in CRESTS[bird.value("crest")]:
        paint.shape(b.head(plume), crown, CROWN_PART, edge, OUTLINE * b.unit)
    paint.fill(b.head(_INNER_CROWN), crown, CROWN_PART)
    for root in _CROWN_FEATHERS:
        paint.stroke(b.head(root + points((0.0, 0.0), (-0.026, 0.007))), FINE * b.unit, line_of(crown), CROWN_PART)
    FACE_MARKS[bird.value("face")](paint, b)
    draw_bill(paint, b, bird, n)
    for radius, colour in ((0.0275, (236, 222, 190)), (0.0225, (30, 22, 18))):
        paint.fill(b.head(ellipse(*EYE, radius, radius)), colour, FACE)
    paint.fill(b.head(ellipse(EYE[0] + 0.007, EYE[1] - 0.008, 0.0075, 0.0075, 8)), (255, 255, 255), FACE)


def draw_bill(paint: Painter, b: Build, bird: Bird, n: Nuisance) -> None:
    """The bill with its gape and a lit ridge."""
    kind, colour = bird.value("bill"), pick(BILL_TONES, n.tones[1])
    shape = b.head(BILLS[kind])
    paint.fill(shape, colour, BILL)
    ridge = b.head(BILLS[kind][_RIDGE] + points((0.0, 0.013)))
    paint.stroke(ridge, 0.014 * b.unit, tone(colour, 0.28), BILL)
    paint.stroke(b.head(GAPES[kind]), FINE * b.unit, tone(colour, -0.7), BILL)
    paint.stroke(np.concatenate([shape, shape[:2]]), OUTLINE * b.unit, tone(colour, -0.68), BILL)
