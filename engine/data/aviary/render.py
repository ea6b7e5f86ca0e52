"""Draws a bird at any size, with the exact visible mask of every part.

Layers, from back to front: habitat (at twice the size, then softened), perch, bird and leaves (at three times the size,
then reduced), light and shadow (on a small fixed grid), paper grain (on a fixed grid). Everything random comes from
`nuisance(seed)`, which knows neither the size nor the attributes, so changing an attribute changes nothing else.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image as Pil
from PIL import ImageFilter

from engine.array_types import Floats
from engine.data.aviary.anatomy import Build, build
from engine.data.aviary.bird import Bird
from engine.data.aviary.habitats import draw_habitat, wash
from engine.data.aviary.head import draw_head
from engine.data.aviary.painter import Mono, Painter, ellipse
from engine.data.aviary.plumage import draw_legs, draw_tail, draw_trunk, draw_wing
from engine.data.aviary.pose import Nuisance, nuisance
from engine.data.aviary.scenery import draw_leaves, draw_perch
from engine.errors import BadParameter

Image = npt.NDArray[np.uint8]
"""RGB picture, [size, size, 3], 0..255."""
PartMap = npt.NDArray[np.uint8]
"""Index into `PARTS` for every pixel, [size, size]; 255 where a pixel belongs to no part."""

RENDERER_VERSION = 1
"""Raise whenever any pixel may change: caches of images and features are keyed by it."""

MIN_SIZE, MAX_SIZE = 16, 1024
FINE_SCALE, WIDE_SCALE = 3, 2
"""Supersampling of bird and of scenery."""
LIGHT_GRID = 64
"""Side of the light-and-shadow layer."""
GRAIN = 0.055
"""Strength of the paper grain: grey levels per level of noise."""


def render(bird: Bird, size: int) -> Image:
    """The picture of `bird`, uint8 [size, size, 3].

    Raises:
        BadParameter: `size` is not a whole number from 16 to 1024.
    """
    return _render(bird, size, None)


def render_with_parts(bird: Bird, size: int) -> tuple[Image, PartMap]:
    """The picture, as `render` gives it, and which part is visible at each pixel.

    Raises:
        BadParameter: `size` is not a whole number from 16 to 1024.
    """
    _check(size)
    labels = Pil.new("L", (size * FINE_SCALE, size * FINE_SCALE), 0)
    image = _render(bird, size, labels)
    middle = FINE_SCALE // 2
    parts: PartMap = np.asarray(labels, dtype=np.uint8)[middle::FINE_SCALE, middle::FINE_SCALE].copy()
    return image, parts


def _check(size: int) -> None:
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not MIN_SIZE <= size <= MAX_SIZE:
        raise BadParameter(
            f"size = {size!r}", f"a picture is {MIN_SIZE} to {MAX_SIZE} pixels wide", "Choose a whole number in between"
        )


def _render(bird: Bird, size: int, labels: Pil.Image | None) -> Image:
    _check(size)
    n = nuisance(bird.seed)
    b = build(n)
    habitat = bird.value("habitat")
    scene = _habitat(habitat, n, size)
    canvas = scene.resize((size * FINE_SCALE, size * FINE_SCALE), Pil.Resampling.NEAREST)
    paint = Painter(canvas, labels)
    draw_perch(paint, b, habitat, n)
    draw_tail(paint, b, bird, n)
    draw_legs(paint, b, bird)
    draw_trunk(paint, b, bird)
    draw_wing(paint, b, bird)
    draw_head(paint, b, bird, n)
    draw_leaves(paint, n)
    return _finish(canvas.reduce(FINE_SCALE), b, n)


def _habitat(habitat: str, n: Nuisance, size: int) -> Pil.Image:
    """The habitat alone, slightly out of focus."""
    wide = wash(habitat, n, size).resize((size * WIDE_SCALE, size * WIDE_SCALE), Pil.Resampling.NEAREST)
    draw_habitat(Painter(wide, None), habitat, n)
    return wide.reduce(WIDE_SCALE).filter(ImageFilter.BoxBlur(size * 0.007))


def _shadow(b: Build, size: int) -> npt.NDArray[np.float32]:
    """Soft modelling of the bird's body as a factor around 1, [size, size]; it follows the pose alone."""
    layer = Pil.new("L", (LIGHT_GRID, LIGHT_GRID), 128)
    mono = Mono(layer)
    along = np.linspace(0.05, 0.97, 12)

    def strip(low: float, high: float) -> Floats:
        return np.concatenate([b.torso(along, np.full(12, low)), b.torso(along[::-1], np.full(12, high))])

    mono.fill(strip(0.0, 0.16), 84)
    mono.fill(strip(0.16, 0.3), 108)
    mono.fill(strip(0.3, 0.45), 128)
    mono.fill(strip(0.45, 0.62), 140)
    mono.fill(strip(0.8, 0.95), 146)
    edge = np.linspace(0.1, 0.98, 10)
    mono.fill(np.concatenate([b.wing(edge, np.full(10, 0.22)), b.wing(edge[::-1], np.full(10, -0.22))]), 98)
    mono.fill(np.concatenate([b.wing(edge, np.full(10, 0.5)), b.wing(edge[::-1], np.full(10, 0.85))]), 146)
    mono.fill(b.head(ellipse(-0.01, 0.085, 0.085, 0.04)), 96)
    mono.fill(b.head(ellipse(0.02, -0.07, 0.06, 0.035)), 154)
    mono.fill(b.tail(np.array([[-0.02, 0.012], [-0.3, 0.02], [-0.3, 0.06], [-0.02, 0.05]])), 112)
    soft = layer.filter(ImageFilter.GaussianBlur(1.7)).resize((size, size), Pil.Resampling.BICUBIC)
    return np.asarray(soft, dtype=np.float32) * np.float32(1 / 128)


def _finish(picture: Pil.Image, b: Build, n: Nuisance) -> Image:
    """Light, shadow, colour of the light and paper grain."""
    ramp = np.linspace(-0.5, 0.5, size := picture.width, dtype=np.float32)
    light = _shadow(b, size) * (n.gain + n.light[0] * ramp[None, :] + n.light[1] * ramp[:, None])
    grain = Pil.fromarray(n.grain).resize((size, size), Pil.Resampling.BICUBIC)
    noise = (np.asarray(grain, dtype=np.float32) - 127.5) * GRAIN
    tint = np.array([1 + 0.03 * n.warmth, 1.0, 1 - 0.04 * n.warmth], dtype=np.float32)
    lit = np.asarray(picture, dtype=np.float32) * (light[..., None] * tint) + noise[..., None]
    image: Image = np.clip(lit, 0, 255).astype(np.uint8)
    return image
