"""The paints: natural but clearly distinct colours for birds, habitats, perches and leaves. All RGB, 0..255."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]

INK: Colour = (44, 36, 32)
"""Warm black of outlines and dark marks."""
PALE: Colour = (250, 246, 232)
"""Warm white of pale marks."""

OUTLINE = 0.0072
"""Weight of contours, in bird units."""
FINE = 0.005
"""Weight of feather lines, in bird units."""

PLUMAGE: dict[str, Colour] = {
    "red": (202, 36, 40),
    "orange": (240, 130, 28),
    "yellow": (246, 212, 56),
    "green": (70, 142, 62),
    "blue": (42, 106, 200),
    "purple": (128, 60, 156),
    "brown": (118, 74, 42),
    "black": (40, 38, 42),
    "white": (246, 244, 238),
    "grey": (146, 151, 156),
}

LEGS: dict[str, Colour] = {
    "yellow": (240, 196, 44),
    "red": (206, 48, 40),
    "black": (40, 38, 40),
    "blue": (64, 130, 210),
}

# Parts without a colour attribute take a neutral tone, chosen by the bird's seed.
FACES: tuple[Colour, ...] = ((214, 188, 150), (204, 184, 158), (222, 198, 160), (198, 176, 146))
BILLS: tuple[Colour, ...] = ((84, 78, 78), (112, 96, 80), (188, 150, 86), (70, 72, 82))
TAILS: tuple[Colour, ...] = ((158, 134, 106), (142, 136, 130), (166, 136, 102), (136, 128, 112))
BARK: tuple[Colour, ...] = ((116, 92, 70), (134, 112, 90), (98, 84, 74), (146, 128, 102))
STONES: tuple[Colour, ...] = ((142, 138, 132), (160, 148, 132), (124, 126, 130), (150, 140, 120))
LEAVES: tuple[Colour, ...] = ((104, 132, 76), (132, 146, 84), (150, 132, 80), (92, 122, 92))


@dataclass(frozen=True, slots=True)
class HabitatPaint:
    """Colours of one habitat: the wash from top to bottom, the ground, and three paints for its scenery."""

    wash: tuple[Colour, ...]
    ground: Colour
    far: Colour
    near: Colour
    accent: Colour


HABITATS: dict[str, HabitatPaint] = {
    "forest": HabitatPaint(
        ((136, 160, 128), (150, 172, 134), (132, 156, 116), (104, 128, 92), (86, 104, 74)),
        (104, 100, 72), (112, 138, 104), (86, 92, 74), (120, 148, 96),
    ),
    "marsh": HabitatPaint(
        ((222, 212, 178), (216, 208, 170), (196, 192, 150), (150, 166, 156), (132, 150, 146)),
        (138, 128, 92), (180, 176, 126), (142, 138, 84), (118, 84, 58),
    ),
    "seashore": HabitatPaint(
        ((206, 226, 236), (190, 216, 230), (124, 176, 196), (116, 172, 190), (222, 206, 172)),
        (222, 206, 170), (104, 160, 184), (232, 242, 242), (196, 178, 146),
    ),
    "meadow": HabitatPaint(
        ((214, 230, 226), (220, 232, 212), (186, 208, 136), (164, 194, 104), (142, 176, 84)),
        (150, 172, 92), (172, 200, 128), (126, 166, 76), (226, 134, 158),
    ),
    "desert": HabitatPaint(
        ((240, 222, 188), (242, 214, 170), (232, 190, 136), (222, 172, 116), (212, 158, 104)),
        (214, 166, 114), (206, 142, 104), (130, 144, 96), (190, 128, 84),
    ),
    "snow": HabitatPaint(
        ((204, 214, 226), (214, 222, 232), (226, 232, 238), (236, 240, 244), (240, 243, 246)),
        (240, 243, 247), (196, 208, 222), (104, 126, 130), (250, 252, 254),
    ),
}  # fmt: skip


def tone(colour: Colour, factor: float) -> Colour:
    """`colour` mixed with ink (factor < 0) or with pale (factor > 0); -1 and 1 are pure ink and pure pale."""
    return blend(colour, INK if factor < 0 else PALE, abs(factor))


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """`a` with `share` (0..1) of `b` mixed in."""
    return (
        int(a[0] + (b[0] - a[0]) * share),
        int(a[1] + (b[1] - a[1]) * share),
        int(a[2] + (b[2] - a[2]) * share),
    )


def pick(tones: tuple[Colour, ...], u: float) -> Colour:
    """A tone between two neighbours of `tones`, by a number `u` in 0..1."""
    position = u * (len(tones) - 1)
    i = min(int(position), len(tones) - 2)
    return blend(tones[i], tones[i + 1], position - i)


def luma(colour: Colour) -> float:
    """Perceived brightness, 0..255 (Rec. 601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def edge_of(colour: Colour) -> Colour:
    """A darker relative of `colour` for its contour: dark colours keep a visible, slightly lighter edge."""
    return tone(colour, -0.62) if luma(colour) > 60 else (74, 68, 66)


def line_of(colour: Colour) -> Colour:
    """Colour of fine feather lines on `colour`: darker on light plumage, lighter on dark."""
    return tone(colour, -0.3) if luma(colour) > 60 else tone(colour, 0.26)


def mark_of(colour: Colour) -> Colour:
    """Colour of bold marks on `colour`: ink on light plumage, pale on dark."""
    return INK if luma(colour) > 130 else PALE
