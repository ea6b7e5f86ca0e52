"""What the bird stands on and what grows in front of it."""

from __future__ import annotations

import numpy as np

from engine.data.aviary.anatomy import Build
from engine.data.aviary.attributes import PARTS
from engine.data.aviary.painter import NOTHING, LocalFrame, Painter, curve, loop, points
from engine.data.aviary.palette import BARK, HABITATS, LEAVES, STONES, tone
from engine.data.aviary.pose import Nuisance

GROUND = PARTS.index("background")


def draw_perch(paint: Painter, b: Build, habitat: str, n: Nuisance) -> None:
    """What the bird stands on. A mound of ground belongs to the habitat, every other perch to no part."""
    slope = float(np.tan(np.deg2rad(n.slope)))
    foot = b.feet.mean(axis=0) + points((0.0, 0.012))[0]
    spot = LocalFrame(np.array([[1.0, slope], [0.0, 1.0]]) @ b.base.matrix, foot @ b.base.matrix + b.base.origin)
    if n.perch == "ground":
        mound = curve(
            points(
                (-1.2, 0.16), (-0.5, 0.06), (-0.15, -0.012), (0.0, -0.016), (0.18, -0.012), (0.55, 0.06), (1.2, 0.14)
            ),
            30,
        )
        colour = tone(HABITATS[habitat].ground, -0.07)
        paint.fill(spot(np.concatenate([mound, points((1.2, 1.2), (-1.2, 1.2))])), colour, GROUND)
        paint.stroke(spot(mound), 0.012, tone(colour, 0.3), GROUND)
        return
    {"twig": _twig, "rock": _rock, "reed": _reed}[n.perch](paint, spot, n)


def _tone(tones: tuple[tuple[int, int, int], ...], u: float) -> tuple[int, int, int]:
    return tones[min(int(u * len(tones)), len(tones) - 1)]


def _twig(paint: Painter, spot: LocalFrame, n: Nuisance) -> None:
    bark, u = _tone(BARK, n.tones[3]), n.scene
    sag = 0.06 * (u[90] - 0.5)
    top = curve(
        points(
            (-1.3, 0.02 + sag), (-0.55, 0.012 + sag), (-0.2, 0.0), (0.2, 0.0), (0.6, -0.012 - sag), (1.3, -0.03 - sag)
        ),
        26,
    )
    thick = np.stack([np.zeros(26), np.linspace(0.062, 0.036, 26)], axis=1)
    stub = (
        points((0.34, 0.02), (0.5, -0.11), (0.54, -0.105), (0.42, 0.03))
        if u[91] < 0.5
        else points((-0.62, 0.05), (-0.74, 0.16), (-0.7, 0.17), (-0.54, 0.05))
    )
    paint.shape(spot(stub), bark, NOTHING, tone(bark, -0.5), 0.007)
    paint.shape(spot(np.concatenate([top, (top + thick)[::-1]])), bark, NOTHING, tone(bark, -0.55), 0.007)
    paint.stroke(spot(top[1:-1] + points((0.0, 0.014))), 0.011, tone(bark, 0.3), NOTHING)
    for i in range(6):
        x = -0.8 + 0.3 * i + 0.1 * u[84 + i]
        paint.stroke(spot(points((x, 0.032), (x + 0.1, 0.036))), 0.005, tone(bark, -0.4), NOTHING)


def _rock(paint: Painter, spot: LocalFrame, n: Nuisance) -> None:
    stone, u = _tone(STONES, n.tones[3]), n.scene
    rough = [0.05 * (v - 0.5) for v in u[84:92]]
    outline = points(
        (-0.46, 0.9), (-0.4 + rough[0], 0.24), (-0.3, 0.08 + rough[1]), (-0.17, 0.0), (0.0, -0.004), (0.17, 0.0),
        (0.3, 0.06 + rough[2]), (0.42 + rough[3], 0.2), (0.5, 0.9),
    )  # fmt: skip
    paint.shape(spot(outline), stone, NOTHING, tone(stone, -0.6), 0.008)
    paint.fill(
        spot(
            points(
                (-0.17, 0.0),
                (0.0, -0.004),
                (0.17, 0.0),
                (0.3, 0.06 + rough[2]),
                (0.06, 0.07 + rough[4]),
                (-0.3, 0.08 + rough[1]),
            )
        ),
        tone(stone, 0.32),
        NOTHING,
    )
    paint.fill(
        spot(
            points(
                (0.06, 0.07 + rough[4]),
                (0.3, 0.06 + rough[2]),
                (0.42 + rough[3], 0.2),
                (0.5, 0.9),
                (0.16 + rough[5], 0.9),
            )
        ),
        tone(stone, -0.22),
        NOTHING,
    )
    paint.stroke(spot(points((-0.2, 0.1), (-0.14 + rough[6], 0.2), (-0.18, 0.34))), 0.006, tone(stone, -0.5), NOTHING)


def _reed(paint: Painter, spot: LocalFrame, n: Nuisance) -> None:
    stem, u = (150, 146, 84), n.scene
    bow = curve(
        points((-0.95, 0.72), (-0.5, 0.17), (-0.16, 0.004), (0.2, 0.0), (0.55, 0.06 + 0.05 * u[92]), (1.1, 0.3)), 28
    )
    thick = np.stack([np.zeros(28), np.linspace(0.056, 0.036, 28)], axis=1)
    for shift, turn in ((0.16, 0.6), (-0.2, -0.5)):
        blade = points(
            (-0.48 + shift, 0.9),
            (-0.45 + shift + 0.12 * turn, 0.3),
            (-0.38 + shift + 0.3 * turn, 0.0),
            (-0.41 + shift + 0.12 * turn, 0.36),
            (-0.44 + shift, 0.9),
        )
        paint.fill(spot(blade), tone(stem, -0.2), NOTHING)
    paint.shape(spot(np.concatenate([bow, (bow + thick)[::-1]])), stem, NOTHING, tone(stem, -0.6), 0.007)
    paint.stroke(spot(bow[1:-1] + points((0.0, 0.014))), 0.01, tone(stem, 0.35), NOTHING)
    for i in (6, 12, 21):
        paint.stroke(spot(np.stack([bow[i], bow[i] + thick[i]])), 0.01, tone(stem, -0.45), NOTHING)


def leaves(n: Nuisance) -> int:
    """How many leaves or blades of grass hang in front of the bird, 0 to 3."""
    return int(n.leaf[0] * 4)


def draw_leaves(paint: Painter, n: Nuisance) -> None:
    """Zero to three leaves or blades of grass in front of the bird, of no part."""
    u = n.leaf
    for i in range(leaves(n)):
        a = u[1 + 10 * i : 11 + 10 * i]
        green = tone(_tone(LEAVES, a[0]), 0.2 * (a[1] - 0.5))
        if a[2] < 0.5:
            x, lean, top = 0.08 + 0.84 * a[3], 0.3 * (a[4] - 0.5), 0.5 + 0.3 * a[5]
            left = curve(points((x - 0.018, 1.05), (x + lean * 0.3 - 0.014, (1 + top) / 2), (x + lean, top)), 10)
            right = curve(points((x + lean, top), (x + lean * 0.3 + 0.014, (1 + top) / 2), (x + 0.018, 1.05)), 10)
            paint.shape(np.concatenate([left, right]), green, NOTHING, tone(green, -0.45), 0.005)
            continue
        side = a[3] < 0.5
        x, y = (0.02 + 0.26 * a[4], 0.1 + 0.86 * a[5]) if side else (0.98 - 0.2 * a[4], 0.1 + 0.86 * a[5])
        leaf = LocalFrame(np.eye(2), np.array([x, y])).child(0, 0, 360 * a[6])
        long, wide = 0.1 + 0.05 * a[7], 0.03 + 0.02 * a[8]
        outline = loop(
            points(
                (-long, 0),
                (-long * 0.4, -wide),
                (long * 0.3, -wide * 0.85),
                (long, 0),
                (long * 0.3, wide * 0.85),
                (-long * 0.4, wide),
            ),
            26,
        )
        paint.shape(leaf(outline), green, NOTHING, tone(green, -0.5), 0.005)
        paint.stroke(leaf(points((-long, 0), (long * 0.92, 0))), 0.005, tone(green, -0.35), NOTHING)
        paint.stroke(
            leaf(points((-long * 0.5, -wide * 0.6), (-long * 0.1, 0), (-long * 0.5, wide * 0.6))),
            0.004,
            tone(green, -0.25),
            NOTHING,
        )
