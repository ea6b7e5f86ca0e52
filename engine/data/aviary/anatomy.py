"""The bird's build: where its outlines run, in its own frames. No colours here.

Bird units: the body is about half a unit long, x towards the bill, y downwards, the bird facing right. The body frame
is pitched; the head frame is not, because birds keep their heads level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.aviary.painter import LocalFrame, Points, curve, loop, points
from engine.data.aviary.pose import Nuisance

SAMPLES = 33
"""Points along the dorsal and ventral outline, and along each edge of the wing."""


# Body frame, from behind the neck to the tail's root.
_DORSAL = points((0.105, -0.118), (0.0, -0.122), (-0.115, -0.092), (-0.205, -0.046), (-0.265, -0.024))
_VENTRAL = points(
    (0.205, 0.03), (0.17, 0.1), (0.075, 0.148), (-0.055, 0.128), (-0.15, 0.078), (-0.22, 0.036), (-0.265, 0.02)
)
_WING_TOP = points((0.104, -0.012), (0.08, -0.052), (0.02, -0.066), (-0.08, -0.058), (-0.2, -0.024), (-0.32, 0.022))
_WING_LOW = points((0.104, -0.012), (0.094, 0.028), (0.035, 0.06), (-0.06, 0.068), (-0.19, 0.05), (-0.32, 0.022))

# Head frame; the eye is at EYE, the bill joins at x = 0.1.
HEAD = loop(
    points(
        (0.112, 0.005), (0.1, -0.045), (0.062, -0.092), (0.0, -0.112), (-0.062, -0.098), (-0.104, -0.05),
        (-0.112, 0.012), (-0.09, 0.07), (-0.03, 0.108), (0.04, 0.098), (0.092, 0.056),
    ),
    36,
)  # fmt: skip
CROWN = loop(
    points(
        (0.108, -0.026), (0.1, -0.05), (0.062, -0.096), (0.0, -0.117), (-0.064, -0.103), (-0.109, -0.054),
        (-0.12, 0.01), (-0.118, 0.05), (-0.096, 0.03), (-0.074, -0.012), (-0.02, -0.042), (0.05, -0.05),
    ),
    36,
)  # fmt: skip
EYE = (0.04, -0.012)
THROAT = (0.086, 0.07)
NECK_BACK = (-0.112, -0.03)

CRESTS: dict[str, tuple[Points, ...]] = {
    "smooth": (),
    "tufted": (
        np.concatenate(
            [
                curve(points((0.075, -0.08), (0.02, -0.135), (-0.07, -0.18), (-0.19, -0.2)), 12),
                points(
                    (-0.15, -0.168),
                    (-0.186, -0.16),
                    (-0.142, -0.132),
                    (-0.168, -0.118),
                    (-0.126, -0.094),
                    (-0.1, -0.03),
                ),
            ]
        ),
    ),
    "spiky": tuple(
        np.concatenate(
            [
                curve(points((x + 0.022, y0 + 0.014), (x + 0.3 * dx + 0.02, y0 - 0.62 * h), (x + dx, y0 - h)), 7),
                curve(points((x + dx, y0 - h), (x + 0.3 * dx - 0.006, y0 - 0.5 * h), (x - 0.02, y0 + 0.016)), 7)[1:],
            ]
        )
        for x, y0, dx, h in (
            (0.072, -0.08, -0.012, 0.112),
            (0.036, -0.1, -0.036, 0.128),
            (-0.004, -0.106, -0.064, 0.122),
            (-0.044, -0.098, -0.09, 0.1),
            (-0.082, -0.074, -0.1, 0.066),
        )
    ),
}


def _bill(upper: Points, lower: Points) -> Points:
    return np.concatenate([curve(upper, 12), curve(lower, 12)])


BILLS: dict[str, Points] = {
    "hooked": _bill(
        points((0.088, -0.046), (0.15, -0.05), (0.2, -0.018), (0.212, 0.03), (0.196, 0.078)),
        points((0.196, 0.078), (0.176, 0.042), (0.158, 0.042), (0.135, 0.052), (0.09, 0.044)),
    ),
    "straight": _bill(
        points((0.092, -0.03), (0.16, -0.022), (0.24, -0.004), (0.33, 0.016)),
        points((0.33, 0.016), (0.24, 0.026), (0.16, 0.03), (0.09, 0.03)),
    ),
    "curved": _bill(
        points((0.092, -0.028), (0.17, -0.024), (0.235, 0.012), (0.278, 0.07), (0.29, 0.146)),
        points((0.29, 0.146), (0.254, 0.088), (0.21, 0.046), (0.16, 0.026), (0.09, 0.03)),
    ),
    "stout": _bill(
        points((0.07, -0.068), (0.13, -0.062), (0.18, -0.034), (0.222, 0.018)),
        points((0.222, 0.018), (0.178, 0.06), (0.13, 0.078), (0.074, 0.072)),
    ),
    "flat": _bill(
        points((0.09, -0.028), (0.17, -0.014), (0.215, -0.03), (0.275, -0.05), (0.322, -0.024), (0.33, 0.012)),
        points((0.33, 0.012), (0.318, 0.05), (0.27, 0.068), (0.21, 0.042), (0.17, 0.028), (0.09, 0.03)),
    ),
}
GAPES: dict[str, Points] = {
    "hooked": points((0.1, 0.012), (0.14, 0.016), (0.178, 0.038)),
    "straight": points((0.1, 0.004), (0.2, 0.01), (0.31, 0.016)),
    "curved": curve(points((0.1, 0.002), (0.17, 0.004), (0.225, 0.034), (0.262, 0.08)), 8),
    "stout": points((0.09, 0.014), (0.14, 0.008), (0.212, 0.018)),
    "flat": points((0.1, 0.004), (0.2, 0.01), (0.31, 0.014)),
}


@dataclass(frozen=True, slots=True)
class TailShape:
    """A tail in its own frame, root at the origin, pointing towards negative x.

    Attributes:
        outline: closed outline [n, 2].
        feathers: the lines between feathers.
        band: polygons of the band at the tip.
    """

    outline: Points
    feathers: tuple[Points, ...]
    band: tuple[Points, ...]


def _fan(length: float, spread: float, root: float, rays: int, band: float) -> TailShape:
    """A tail with a rounded end: `spread` degrees to either side."""

    def arc(radius: float, count: int) -> Points:
        angle = np.deg2rad(np.linspace(-spread, spread, count))
        return np.stack([-radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    outline = np.concatenate([points((0.03, -root)), arc(length, 15), points((0.03, root))])
    inner, outer = arc(length * 0.25, rays), arc(length * 0.985, rays)
    tip = np.concatenate([arc(length, 15), arc(length * (1 - band), 15)[::-1]])
    return TailShape(outline, tuple(np.stack(pair) for pair in zip(inner, outer, strict=True))[1:-1], (tip,))


def _long() -> TailShape:
    top, low = points((0.03, -0.03), (-0.12, -0.03), (-0.25, -0.034), (-0.322, -0.024)), (-0.34, 0.004)
    base = points((0.03, 0.03), (-0.12, 0.032), (-0.25, 0.038), (-0.322, 0.03))
    outline = np.concatenate([top, points(low), base[::-1]])
    band = points(
        (-0.235, -0.034), (-0.28, -0.031), (-0.322, -0.024), low, (-0.322, 0.03), (-0.28, 0.036), (-0.235, 0.038)
    )
    return TailShape(outline, tuple(points((-0.02, y * 0.7), (-0.322, y)) for y in (-0.01, 0.011)), (band,))


def _forked() -> TailShape:
    upper = points((0.03, -0.03), (-0.1, -0.042), (-0.22, -0.094), (-0.32, -0.158))
    lower = upper * (1, -1)
    notch = points((-0.23, -0.062), (-0.13, 0.0), (-0.23, 0.062))
    outline = np.concatenate([upper, notch, lower[::-1]])
    prong = points((-0.222, -0.095), (-0.32, -0.158), (-0.21, -0.05))
    feathers = (points((-0.02, -0.008), (-0.29, -0.128)), points((-0.02, 0.008), (-0.29, 0.128)))
    return TailShape(outline, feathers, (prong, prong * (1, -1)))


TAILS: dict[str, TailShape] = {
    "long": _long(),
    "short": _fan(0.125, 24, 0.03, 5, 0.36),
    "forked": _forked(),
    "fanned": _fan(0.25, 46, 0.034, 9, 0.25),
}


@dataclass(frozen=True, slots=True)
class Build:
    """One bird's outlines in picture coordinates, posed.

    Attributes:
        base: frame of the whole scene (perch, legs).
        body, head, tail: frames of the parts.
        dorsal, ventral: the body's upper and lower outline [SAMPLES, 2], from neck to tail.
        wing_top, wing_low: the folded wing's edges [SAMPLES, 2], from shoulder to tip.
        hips, feet: two points each, far leg first, in `base` units.
        unit: picture widths per bird unit, for line widths.
    """

    base: LocalFrame
    body: LocalFrame
    head: LocalFrame
    tail: LocalFrame
    dorsal: Points
    ventral: Points
    wing_top: Points
    wing_low: Points
    hips: Points
    feet: Points
    unit: float

    def torso(self, along: float | Points, across: float | Points) -> Points:
        """Points of the trunk: `along` 0 (neck) to 1 (tail), `across` 0 (belly) to 1 (back)."""
        return _loft(self.ventral, self.dorsal, along, across)

    def wing(self, along: float | Points, across: float | Points) -> Points:
        """Points of the wing: `along` 0 (shoulder) to 1 (tip), `across` 0 (lower edge) to 1 (upper edge)."""
        return _loft(self.wing_low, self.wing_top, along, across)


def _loft(low: Points, top: Points, along: float | Points, across: float | Points) -> Points:
    position = np.clip(np.multiply(along, SAMPLES - 1), 0, SAMPLES - 1.001)
    index = position.astype(int)
    part, share = (position - index)[..., None], np.asarray(across)[..., None]
    deep = top - low
    start, end = low[index] + share * deep[index], low[index + 1] + share * deep[index + 1]
    return np.atleast_2d(start + part * (end - start))


def build(n: Nuisance) -> Build:
    """Pose the bird: every outline in picture coordinates."""
    base = LocalFrame(np.diag([-n.scale if n.flip else n.scale, n.scale]), np.array([1 - n.x if n.flip else n.x, n.y]))
    base = base.child(0, 0, n.tilt)
    trunk = LocalFrame(np.eye(2), np.zeros(2)).child(0, 0, -n.pitch)
    deep = np.array([1.0, n.plump])
    neck = trunk(points((0.165, -0.05)))[0] + points((0.042, -0.088))[0]
    head_local = LocalFrame(np.eye(2), np.zeros(2)).child(neck[0], neck[1], n.head)
    dorsal = curve(np.concatenate([head_local(points(NECK_BACK)), trunk(_DORSAL * deep)]), SAMPLES)
    ventral = curve(np.concatenate([head_local(points(THROAT)), trunk(_VENTRAL * deep)]), SAMPLES)
    wing = trunk.child(0.1, -0.02, -n.wing)
    shift = np.array([-0.1, 0.02])
    root = trunk(points((-0.235, -0.004)))[0]
    hips = trunk(points((0.005, 0.105), (-0.05, 0.1)))
    foot_y = max(0.262, float(ventral[:, 1].max()) + 0.095) * n.leg
    slope = np.tan(np.deg2rad(n.slope))
    feet = np.array([[hips[0, 0] + 0.042, 0.0], [hips[1, 0], 0.0]])
    feet[:, 1] = foot_y + (feet[:, 0] - feet[:, 0].mean()) * slope
    return Build(
        base=base,
        body=base.child(0, 0, -n.pitch),
        head=base.child(float(neck[0]), float(neck[1]), n.head),
        tail=base.child(float(root[0]), float(root[1]), -n.pitch - n.tail),
        dorsal=base(dorsal),
        ventral=base(ventral),
        wing_top=base(wing(curve(_WING_TOP * deep, SAMPLES) + shift)),
        wing_low=base(wing(curve(_WING_LOW * deep, SAMPLES) + shift)),
        hips=hips,
        feet=feet,
        unit=n.scale,
    )
