"""Everything about a picture that is not an attribute, drawn up front from the seed alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats

STREAM = 0xB12D
"""Tag of the renderer's random stream, so that other users of the same seed see other numbers."""

NOISE_GRID = 128
"""Side of the grid of paper grain, resampled to the size of the picture."""

_POSE, _SCENE, _LEAF = 24, 96, 48
"""How many uniform numbers each role gets. Fixed counts keep the roles independent of each other."""

PERCHES = ("twig", "rock", "ground", "reed")


@dataclass(frozen=True, slots=True)
class Nuisance:
    """One picture's circumstances; lengths in bird units, angles in degrees.

    Attributes:
        flip: facing left instead of right.
        pitch: how upright the bird holds its body; 0 is horizontal.
        head: head turned up (negative) or down (positive).
        tail: tail raised (negative) or lowered (positive) against the body.
        wing: wing drooping against the body.
        scale: bird units per picture width.
        x, y: centre of the body in the picture.
        tilt: turn of the whole scene.
        plump: factor on the depth of the body.
        leg: factor on the length of the legs.
        perch: one of `PERCHES`.
        slope: slope of the perch.
        tones: four numbers 0..1 that choose face, bill, tail and perch tone.
        gain: brightness factor.
        warmth: -1 (cold light) to 1 (warm light).
        light: change of brightness from left to right and from top to bottom.
        scene, leaf: uniform numbers for the scenery and for what grows in front.
        wash: low-frequency colour blotches, float [8, 8, 3], mean about 0.
        grain: paper grain, uint8 [NOISE_GRID, NOISE_GRID].
    """

    flip: bool
    pitch: float
    head: float
    tail: float
    wing: float
    scale: float
    x: float
    y: float
    tilt: float
    plump: float
    leg: float
    perch: str
    slope: float
    tones: tuple[float, float, float, float]
    gain: float
    warmth: float
    light: tuple[float, float]
    scene: list[float]
    leaf: list[float]
    wash: Floats
    grain: npt.NDArray[np.uint8]


def nuisance(seed: int) -> Nuisance:
    """The circumstances that belong to `seed`; the same on every machine and for every attribute value."""
    rng = np.random.default_rng([STREAM, seed])
    u = rng.random(_POSE).tolist()
    scene, leaf = rng.random(_SCENE).tolist(), rng.random(_LEAF).tolist()
    wash = rng.random((8, 8, 3)) - 0.5
    grain = np.frombuffer(rng.bytes(NOISE_GRID * NOISE_GRID), dtype=np.uint8).reshape(NOISE_GRID, NOISE_GRID)

    def span(i: int, low: float, high: float) -> float:
        return float(low + (high - low) * u[i])

    pitch = span(1, 6, 44)
    return Nuisance(
        flip=u[0] < 0.5,
        pitch=pitch,
        head=span(2, -16, 14),
        tail=span(3, -12, 10) + 0.25 * (pitch - 25),
        wing=span(4, -3, 5),
        scale=span(5, 0.8, 0.92),
        x=span(6, 0.5, 0.54),
        y=span(7, 0.48, 0.53),
        tilt=span(8, -5, 5),
        plump=span(9, 0.93, 1.08),
        leg=span(10, 0.92, 1.12),
        perch=PERCHES[int(u[11] * len(PERCHES))],
        slope=span(12, -9, 9),
        tones=(u[13], u[14], u[15], u[16]),
        gain=span(17, 0.87, 1.08),
        warmth=span(18, -1, 1),
        light=(span(19, -0.14, 0.14), span(20, -0.12, 0.04)),
        scene=scene,
        leaf=leaf,
        wash=wash,
        grain=grain,
    )
