"""The painted habitats behind the bird. Their shapes come from one list of uniform numbers, the same for each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as Pil

from engine.data.aviary.painter import Painter, Points, basis, curve, ellipse, loop, points
from engine.data.aviary.palette import HABITATS, HabitatPaint, blend, tone
from engine.data.aviary.pose import Nuisance

GROUND = 0
"""Label of the background part."""
WASH_ROWS = 24
"""Side of the small picture whose enlargement is the habitat's wash of colour."""
WASH_STRENGTH = 26.0
"""Size of the wash's blotches in grey levels."""


def wash(habitat: str, n: Nuisance, size: int) -> Pil.Image:
    """The soft wash of colour behind everything, RGB [size, size]."""
    stops = np.array(HABITATS[habitat].wash, dtype=np.float64)
    rows = np.linspace(0, 1, WASH_ROWS)
    ramp = np.stack([np.interp(rows, np.linspace(0, 1, len(stops)), stops[:, c]) for c in range(3)], axis=1)
    smooth = basis(len(n.wash), WASH_ROWS)
    grid = (smooth @ n.wash.transpose(2, 0, 1) @ smooth.T).transpose(1, 2, 0)
    small = np.clip(ramp[:, None, :] + grid * WASH_STRENGTH * 0.3 + grid.mean(2, keepdims=True) * WASH_STRENGTH, 0, 255)
    return Pil.fromarray(small.astype(np.uint8)).resize((size, size), Pil.Resampling.BICUBIC)


def _hill(y: float, rise: float, u: list[float]) -> Points:
    line = curve(
        points(*((x, y + rise * (v - 0.5)) for x, v in zip((-0.1, 0.15, 0.4, 0.65, 0.9, 1.15), u, strict=False))), 24
    )
    return np.concatenate([line, points((1.15, 1.1), (-0.1, 1.1))])


def _forest(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    for i in range(5):
        x, w = 0.06 + 0.22 * i + 0.14 * (u[i] - 0.5), 0.02 + 0.022 * u[5 + i]
        paint.fill(
            points((x - w, -0.1), (x + w, -0.1), (x + w * 1.2, 1.1), (x - w * 1.3, 1.1)),
            blend(p.far, p.near, 0.35),
            GROUND,
        )
    for i in range(3):
        x, w = (0.02, 0.97, 0.78)[i] + 0.12 * (u[10 + i] - 0.5), 0.04 + 0.035 * u[13 + i]
        paint.fill(
            points(
                (x - w, -0.1),
                (x + w, -0.1),
                (x + w * 1.25, 0.8),
                (x + w * 1.7, 1.1),
                (x - w * 1.8, 1.1),
                (x - w * 1.2, 0.8),
            ),
            p.near,
            GROUND,
        )
        paint.fill(
            points((x - w, -0.1), (x - w * 0.4, -0.1), (x - w * 0.5, 1.1), (x - w * 1.5, 1.1)),
            tone(p.near, 0.18),
            GROUND,
        )
    for i in range(9):
        x, y, r = 0.125 * i + 0.1 * (u[16 + i] - 0.5), 0.0 + 0.1 * u[25 + i], 0.07 + 0.06 * u[34 + i]
        paint.fill(ellipse(x, y, r * 1.25, r), blend(p.accent, p.near, 0.6 * u[43 + i]), GROUND)
    paint.fill(_hill(0.9, 0.1, u[52:58]), p.ground, GROUND)
    for i in range(7):
        x, h = 0.16 * i + 0.12 * (u[58 + i] - 0.5), 0.1 + 0.08 * u[65 + i]
        for lean in (-0.08, -0.03, 0.03, 0.08):
            paint.fill(points((x - 0.012, 1.0), (x + lean, 0.96 - h), (x + 0.012, 1.0)), tone(p.accent, -0.25), GROUND)


def _marsh(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    paint.fill(_hill(0.56, 0.08, u[0:6]), p.far, GROUND)
    water = (168, 190, 190)
    paint.fill(points((-0.1, 0.66), (1.1, 0.64), (1.1, 1.1), (-0.1, 1.1)), water, GROUND)
    for i in range(7):
        x, y, w = u[6 + i], 0.7 + 0.28 * u[13 + i], 0.06 + 0.1 * u[20 + i]
        paint.fill(ellipse(x, y, w, 0.007), tone(water, 0.45 if i % 2 else -0.18), GROUND)
    for i in range(15):
        x = (0.26 * u[27 + i]) if i % 2 else (1 - 0.26 * u[27 + i])
        top, lean = 0.08 + 0.5 * u[42 + i], 0.1 * (u[57 + i] - 0.5)
        paint.fill(
            points((x - 0.008, 1.1), (x + lean - 0.002, top), (x + lean + 0.003, top), (x + 0.009, 1.1)),
            blend(p.near, p.far, u[72 + i] * 0.5),
            GROUND,
        )
        if i % 3 != 2:
            paint.fill(ellipse(x + lean * 0.96, top + 0.055, 0.0165, 0.062, 12), p.accent, GROUND)


def _seashore(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    horizon, sand = 0.4 + 0.08 * u[0], 0.74 + 0.06 * u[1]
    for i in range(3):
        paint.fill(ellipse(u[2 + i], 0.1 + 0.2 * u[5 + i], 0.16, 0.03), (234, 240, 242), GROUND)
    paint.fill(points((-0.1, horizon), (1.1, horizon), (1.1, 1.1), (-0.1, 1.1)), p.far, GROUND)
    paint.fill(
        points((-0.1, horizon + 0.13), (1.1, horizon + 0.11), (1.1, 1.1), (-0.1, 1.1)),
        blend(p.far, p.near, 0.25),
        GROUND,
    )
    for i in range(9):
        x, y, w = u[8 + i] * 1.1 - 0.05, horizon + 0.03 + (sand - horizon - 0.06) * u[17 + i], 0.05 + 0.09 * u[26 + i]
        paint.fill(ellipse(x, y, w, 0.006), p.near, GROUND)
    paint.fill(_hill(sand - 0.03, 0.05, u[35:41]), (246, 248, 246), GROUND)
    paint.fill(_hill(sand, 0.05, u[35:41]), tone(p.ground, -0.1), GROUND)
    paint.fill(_hill(sand + 0.05, 0.05, u[35:41]), p.ground, GROUND)
    for i in range(12):
        size = 0.006 + 0.012 * u[41 + i]
        paint.fill(
            ellipse(u[53 + i], sand + 0.09 + 0.16 * u[65 + i], size * 1.4, size, 10),
            tone(p.accent, -0.3 * u[77 + i]),
            GROUND,
        )


def _meadow(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    paint.fill(_hill(0.4, 0.12, u[0:6]), blend(p.far, (200, 218, 200), 0.5), GROUND)
    paint.fill(_hill(0.52, 0.12, u[6:12]), p.far, GROUND)
    paint.fill(_hill(0.68, 0.1, u[12:18]), blend(p.far, p.near, 0.45), GROUND)
    for i in range(20):
        x, h, lean = 0.053 * i + 0.03 * (u[18 + i] - 0.5), 0.12 + 0.26 * u[38 + i], 0.1 * (u[58 + i] - 0.5)
        paint.fill(
            points((x - 0.011, 1.05), (x + lean, 1.0 - h), (x + 0.011, 1.05)),
            blend(p.near, p.far, 0.6 * u[i + 5]),
            GROUND,
        )
    petals = (p.accent, (246, 216, 96), (246, 244, 236), (166, 130, 190))
    for i in range(16):
        x, y, r = u[78 + i], 0.68 + 0.3 * u[20 + i], 0.011 + 0.009 * u[40 + i]
        paint.fill(ellipse(x, y, r * 1.25, r, 10), petals[i % 4], GROUND)


def _desert(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    x, w, top = 0.1 + 0.8 * u[0], 0.16 + 0.12 * u[1], 0.36 + 0.08 * u[2]
    mesa = points(
        (x - w * 1.3, 0.62),
        (x - w, top + 0.03),
        (x - w * 0.9, top),
        (x + w * 0.8, top),
        (x + w * 0.95, top + 0.05),
        (x + w * 1.4, 0.62),
    )
    paint.fill(mesa, blend(p.far, p.wash[0], 0.3), GROUND)
    paint.fill(_hill(0.58, 0.1, u[3:9]), blend(p.far, p.ground, 0.5), GROUND)
    for i in range(3):
        cx, h = (0.08, 0.92, 0.2 + 0.6 * u[9])[i] + 0.08 * (u[10 + i] - 0.5), 0.22 + 0.2 * u[13 + i]
        s, foot = 0.026 if i < 2 else 0.016, 0.74 if i < 2 else 0.63
        h = h if i < 2 else h * 0.5
        for side in (-1, 1):
            y, reach = foot - h * (0.45 + 0.16 * side * (u[16 + i] - 0.3)), side * s * 2.6
            arm = curve(
                points((cx, y), (cx + reach * 0.8, y), (cx + reach, y - h * 0.1), (cx + reach, y - h * 0.34)), 9
            )
            paint.stroke(arm, s * 1.15, p.near, GROUND)
            paint.fill(ellipse(cx + reach, y - h * 0.34, s * 0.56, s * 0.56, 10), p.near, GROUND)
        paint.fill(
            loop(
                points((cx - s, foot), (cx - s, foot - h), (cx, foot - h - s), (cx + s, foot - h), (cx + s, foot)), 20
            ),
            p.near,
            GROUND,
        )
        paint.stroke(points((cx - s * 0.35, foot), (cx - s * 0.35, foot - h)), 0.006, tone(p.near, 0.25), GROUND)
    paint.fill(_hill(0.72, 0.12, u[19:25]), p.ground, GROUND)
    paint.fill(_hill(0.86, 0.12, u[25:31]), tone(p.ground, 0.16), GROUND)
    for i in range(6):
        y = 0.9 + 0.1 * u[31 + i]
        paint.stroke(
            curve(points((u[37 + i] - 0.2, y), (u[37 + i], y - 0.012), (u[37 + i] + 0.2, y)), 8),
            0.006,
            p.accent,
            GROUND,
        )


def _snow(paint: Painter, p: HabitatPaint, u: list[float]) -> None:
    paint.fill(_hill(0.5, 0.14, u[0:6]), p.far, GROUND)
    for i in range(7):
        x, h = 0.16 * i + 0.09 * (u[6 + i] - 0.5), 0.2 + 0.16 * u[13 + i]
        for k in range(3):
            y, w = 0.64 - h * (0.32 * k), h * (0.36 - 0.08 * k)
            paint.fill(points((x, y - h * 0.52), (x + w, y), (x - w, y)), p.near, GROUND)
            paint.fill(
                points(
                    (x, y - h * 0.52), (x + w * 0.62, y - h * 0.16), (x, y - h * 0.26), (x - w * 0.62, y - h * 0.16)
                ),
                p.accent,
                GROUND,
            )
    paint.fill(_hill(0.66, 0.1, u[20:26]), tone(p.ground, -0.06), GROUND)
    paint.fill(_hill(0.8, 0.1, u[26:32]), p.ground, GROUND)
    paint.fill(_hill(0.9, 0.08, u[32:38]), p.accent, GROUND)
    for i in range(24):
        r = 0.005 + 0.006 * u[60 + i]
        paint.fill(ellipse(u[38 + i], u[(62 + 3 * i) % 96], r, r, 8), (255, 255, 255), GROUND)


PAINTERS: dict[str, Callable[[Painter, HabitatPaint, list[float]], None]] = {
    "forest": _forest,
    "marsh": _marsh,
    "seashore": _seashore,
    "meadow": _meadow,
    "desert": _desert,
    "snow": _snow,
}


def draw_habitat(paint: Painter, habitat: str, n: Nuisance) -> None:
    """The scenery of `habitat` on its wash."""
    PAINTERS[habitat](paint, HABITATS[habitat], n.scene)
