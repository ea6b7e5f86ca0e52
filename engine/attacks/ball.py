"""Where an attack may go: a ball of one of two norms around each image, within 0..1; and its random points."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from engine.rng import torch_stream

if TYPE_CHECKING:
    from torch import Tensor

_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Ball:
    """All images in 0..1 at most `radius` from their centre.

    Attributes:
        norm: one of NORMS.
        radius: in the range of pixels, 0..1.
        centre: [B, 3, S, S], the clean images.
    """

    norm: str
    radius: float
    centre: Tensor

    def project(self, images: Tensor) -> Tensor:
        """The images brought back into the ball and into 0..1.

        First into 0..1, then towards the centre into the ball, which never leaves 0..1. (The other way round an l2
        change that was cut at black and white would stay shorter than allowed: a weaker attack.)
        """
        change = images.clamp(0.0, 1.0) - self.centre
        if self.norm == "linf":
            change = change.clamp(-self.radius, self.radius)
        else:
            change = change * (self.radius / lengths(change).clamp(min=self.radius))
        return (self.centre + change).clamp(0.0, 1.0)  # again, for the last digit of floats

    def steepest(self, gradient: Tensor) -> Tensor:
        """The step of norm 1 along which a loss of this gradient rises fastest; 0 where the gradient is 0."""
        if self.norm == "linf":
            return gradient.sign()
        size = gradient.flatten(1).abs().amax(1).view(-1, 1, 1, 1)  # squares of tiny gradients would vanish
        scaled = gradient / torch.where(size > 0, size, 1.0)
        return scaled / lengths(scaled).clamp(min=1.0)  # the largest entry is 1, so the length is at least 1

    def random(self, seed: int, role: str, restart: int) -> Tensor:
        """A random point for each image: uniform in the l_inf ball, in l_2 uniform in direction and on the sphere.

        (In as many dimensions as images have, nearly all of an l_2 ball is at its surface.) Every image has its own
        stream, named by its pixels: the point depends on neither its place in the batch nor the others.
        """
        draws = [self._draw(torch_stream(seed, role, key, restart)) for key in fingerprints(self.centre)]
        return self.project(self.centre + torch.stack(draws).to(self.centre))

    def _draw(self, rng: torch.Generator) -> Tensor:
        shape = self.centre.shape[1:]
        if self.norm == "linf":
            return (2 * torch.rand(shape, generator=rng) - 1) * self.radius
        direction = torch.randn(shape, generator=rng)
        reach: Tensor = self.radius / direction.norm()
        return direction * reach


def lengths(change: Tensor) -> Tensor:
    """l_2 length of every image's change, [B, 1, 1, 1]."""
    length: Tensor = change.flatten(1).norm(dim=1)
    return length.view(-1, 1, 1, 1)


def fingerprints(images: Tensor) -> list[int]:
    """A number for each image from its pixels rounded to 255ths, to name its random streams by."""
    pixels = (images.detach() * _WHITE).round().to(torch.uint8).cpu().contiguous().numpy()
    return [zlib.crc32(image.tobytes()) for image in pixels]
