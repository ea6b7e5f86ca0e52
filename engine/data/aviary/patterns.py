"""Breast patterns: the shapes of spots, streaks, bars and scales on a posed bird."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.data.aviary.anatomy import Build
from engine.data.aviary.painter import Points, ellipse


def stagger(rows: tuple[float, ...], start: float, stop: float, step: float) -> tuple[Points, Points]:
    """Staggered positions on the breast: how far along and how far across, each [n, 1]."""
    lines = [np.arange(start + 0.5 * step * (i % 2), stop, step) for i in range(len(rows))]
    return np.concatenate(lines)[:, None], np.repeat(rows, [len(line) for line in lines])[:, None]


def _spots(b: Build) -> list[Points]:
    along, across = stagger((0.12, 0.34, 0.56), 0.15, 0.86, 0.13)
    size = 0.0185 * b.unit
    return [ellipse(float(x), float(y), size, size, 12) for x, y in b.torso(along[:, 0], across[:, 0])]


def _streaks(b: Build) -> list[Points]:
    along, across = stagger((0.09, 0.24, 0.39, 0.54), 0.07, 0.74, 0.27)
    outline = np.array([(0.0, 0.0), (0.05, 0.8), (0.15, 1.0), (0.22, 0.0), (0.15, -1.0), (0.05, -0.8)])
    return list(b.torso(along + outline[:, 0], across + 0.036 * outline[:, 1]))


def _bars(b: Build) -> list[Points]:
    across = np.linspace(0.03, 0.84, 7)
    along = np.arange(0.17, 0.9, 0.105)[:, None] + 0.035 * np.sin(np.pi * across)
    rim = np.concatenate([along, along[:, ::-1] + 0.036], axis=1)
    return list(b.torso(rim, np.concatenate([across, across[::-1]])))


def _scales(b: Build) -> list[Points]:
    """Crescents: the rims of overlapping feathers, open towards the head."""
    along, across = stagger((0.13, 0.33, 0.53, 0.73), 0.06, 0.72, 0.125)
    angle = np.linspace(-1.65, 1.65, 9)
    arc = np.stack([-np.cos(angle), np.sin(angle)], axis=1)
    crescent = np.concatenate([0.034 * arc, 0.0215 * arc[::-1] - (0.002, 0.0)])
    return list(b.torso(along[:, 0], across[:, 0])[:, None] + crescent @ b.body.matrix)


PATTERNS: dict[str, Callable[[Build], list[Points]]] = {
    "plain": lambda b: [],
    "spotted": _spots,
    "streaked": _streaks,
    "barred": _bars,
    "scaled": _scales,
}
