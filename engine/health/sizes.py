"""Pictures too small to show much, and pictures that lose most of themselves when the middle square is cut out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.health.pictures import Pictures
from engine.health.settings import HealthSettings


@dataclass(frozen=True, slots=True)
class Sizes:
    """Odd pictures, as places in `Pictures`.

    Attributes:
        small: the smallest first.
        long: the longest for its width first.
    """

    small: tuple[int, ...]
    long: tuple[int, ...]


def sizes(pictures: Pictures, settings: HealthSettings) -> Sizes:
    """Find them; none where the pictures are no files."""
    sides = [file.sides for file in pictures.files]
    small = [i for i, (short, _) in enumerate(sides) if short < settings.small]
    stretch = [long / short for short, long in sides]
    extreme = [i for i, share in enumerate(stretch) if share > settings.long]
    return Sizes(tuple(sorted(small, key=sides.__getitem__)), tuple(sorted(extreme, key=lambda i: -stretch[i])))
