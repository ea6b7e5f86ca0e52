"""Draws the feathered body: tail, legs, trunk and wing, from back to front."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.data.aviary.anatomy import TAILS, Build
from engine.data.aviary.attributes import PARTS
from engine.data.aviary.bird import Bird
from engine.data.aviary.painter import Painter, Points, curve, loop, points
from engine.data.aviary.palette import (
    FINE,
    INK,
    LEGS,
    OUTLINE,
    PALE,
    PLUMAGE,
    edge_of,
    line_of,
    luma,
    mark_of,
    pick,
    tone,
)
from engine.data.aviary.palette import TAILS as TAIL_TONES
from engine.data.aviary.patterns import PATTERNS, stagger
from engine.data.aviary.pose import Nuisance

BACK, WING, BREAST, TAIL, LEGS_PART = (PARTS.index(part) for part in ("back", "wing", "breast", "tail", "legs"))


def draw_tail(paint: Painter, b: Build, bird: Bird, n: Nuisance) -> None:
    """The tail with its feathers and, at the tip, its band."""
    shape = TAILS[bird.value("tail")]
    colour = pick(TAIL_TONES, n.tones[2])
    outline = b.tail(shape.outline)
    paint.fill(outline, colour, TAIL)
    band = bird.value("tail_band")
    if band != "no":
        fill = PALE if band == "white" else INK
        rim = tone(colour, -0.5 if band == "white" else 0.5)
        for polygon in shape.band:
            paint.shape(b.tail(polygon), fill, TAIL, rim, OUTLINE * b.unit)
    for feather in shape.feathers:
        paint.stroke(b.tail(feather), FINE * b.unit, tone(colour, -0.38), TAIL)
    paint.stroke(np.concatenate([outline, outline[:2]]), OUTLINE * b.unit, edge_of(colour), TAIL)


def _ribbons(lines: Points, widths: Points) -> Points:
    """Closed outlines [k, 2m, 2] around the lines [k, m, 2], `widths` [m] wide along their course."""
    ahead = np.diff(lines, axis=1)
    course = np.concatenate([ahead[:, :1], ahead[:, :-1] + ahead[:, 1:], ahead[:, -1:]], axis=1)
    normal = course[..., ::-1] * (-0.5, 0.5) / np.hypot(course[..., 0], course[..., 1])[..., None]
    aside = normal * widths[:, None]
    return np.concatenate([lines + aside, (lines - aside)[:, ::-1]], axis=1)


def draw_legs(paint: Painter, b: Build, bird: Bird) -> None:
    """Both legs, far one first and darker, with three toes forward and one back."""
    colour = LEGS[bird.value("legs")]
    edge = tone(colour, -0.66) if luma(colour) > 60 else (86, 82, 80)
    for leg, shade in ((1, -0.2), (0, 0.0)):
        hip, foot = b.hips[leg], b.feet[leg]
        ankle = hip + (foot - hip) * 0.42 + (-0.034, 0.0)
        shank = curve(np.stack([hip, ankle, foot + points((0.0, 0.006))[0]]), 9)[None]
        toes = foot + _TOES
        for rim, fill in ((0.011, edge), (0.0, tone(colour, shade))):
            for shape in _ribbons(shank, _SHANK_WIDTH + rim):
                paint.fill(b.base(shape), fill, LEGS_PART)
            for shape in _ribbons(toes, _TOE_WIDTH + rim):
                paint.fill(b.base(shape), fill, LEGS_PART)


_TOES = np.stack(
    [
        curve(points((0.0, -0.012), (dx * 0.5, dy * 0.2 - 0.006), (dx, dy)), 6)
        for dx, dy in ((0.08, 0.006), (0.072, 0.034), (0.036, 0.046), (-0.052, 0.024))
    ]
)
_TOE_WIDTH = np.array([0.022, 0.021, 0.02, 0.019, 0.016, 0.006])
_SHANK_WIDTH = np.array([0.03, 0.028, 0.025, 0.025, 0.028, 0.025, 0.023, 0.023, 0.026])


def draw_trunk(paint: Painter, b: Build, bird: Bird) -> None:
    """Breast and belly with their pattern, then the back laid over their upper edge."""
    breast, back = PLUMAGE[bird.value("breast")], PLUMAGE[bird.value("back")]
    paint.fill(np.concatenate([b.ventral, b.dorsal[::-1]]), breast, BREAST)
    thigh = loop(b.base(b.hips[0] + points((0.05, -0.03), (0.03, 0.045), (-0.012, 0.062), (-0.05, -0.01))), 12)
    paint.fill(thigh, breast, BREAST)
    mark = mark_of(breast)
    for shape in PATTERNS[bird.value("breast_pattern")](b):
        paint.fill(shape, mark, BREAST)
    paint.stroke(thigh[2:9], FINE * b.unit, line_of(breast), BREAST)
    paint.stroke(b.ventral, OUTLINE * b.unit, edge_of(breast), BREAST)
    lower = b.torso(np.linspace(0, 1, 17), np.linspace(0.56, 0.5, 17))
    mantle = np.concatenate([b.dorsal, lower[::-1]])
    paint.fill(mantle, back, BACK)
    along, across = stagger((0.66, 0.78, 0.9), 0.16, 0.9, 0.085)
    for feather in b.torso(along + np.array([0.0, 0.05, 0.03]), across + np.array([0.05, 0.0, -0.05])):
        paint.stroke(feather, FINE * b.unit, line_of(back), BACK)
    paint.stroke(b.dorsal, OUTLINE * b.unit, edge_of(back), BACK)
    paint.stroke(lower[:8], FINE * b.unit, edge_of(back), BACK)


def draw_wing(paint: Painter, b: Build, bird: Bird) -> None:
    """The folded wing: scapulars, two rows of coverts, flight feathers, and the pale bars."""
    colour = PLUMAGE[bird.value("wing")]
    line, edge = line_of(colour), edge_of(colour)
    outline = np.concatenate([b.wing_top, b.wing_low[::-1]])
    paint.fill(outline, colour, WING)
    along = np.linspace(0.5, 1, 9)
    flight = np.concatenate([b.wing(along, np.full(9, 0.82)), b.wing(along[::-1], np.zeros(9))])
    paint.fill(flight, tone(colour, -0.16) if luma(colour) > 60 else tone(colour, 0.1), WING)
    for k, t in enumerate((0.14, 0.3, 0.47, 0.64, 0.82)):
        ends = np.linspace(0.5 - 0.02 * k, 0.99 - 0.06 * k, 6)
        paint.stroke(b.wing(ends, np.linspace(t, t * 0.55, 6)), FINE * 1.2 * b.unit, edge if k == 4 else line, WING)
    for s, count in ((0.14, 4), (0.3, 5), (0.44, 5)):
        edges = np.linspace(0.04, 0.92, count + 1)
        across = np.concatenate([np.linspace(a, z, 5) for a, z in pairwise(edges)])
        bulge = np.tile([0.0, 0.045, 0.062, 0.045, 0.0], count)
        paint.stroke(b.wing(s + bulge, across), FINE * 1.2 * b.unit, line, WING)
    bars = {"no": (), "single": (0.4,), "double": (0.29, 0.52)}[bird.value("wing_bars")]
    for s in bars:
        across = np.linspace(0.0, 0.97, 8)
        bow = s + 0.03 * np.sin(np.pi * across) - 0.05 * (across - 0.5)
        for half, fill in ((0.058, INK), (0.038, PALE)):
            paint.fill(np.concatenate([b.wing(bow - half, across), b.wing(bow + half, across)[::-1]]), fill, WING)
    paint.stroke(np.concatenate([outline, outline[:2]]), OUTLINE * b.unit, edge, WING)
