"""What a bird can be: the attributes, their values, and the words for them.

A *concept* is one value of one attribute ("hooked bill"). A bird has exactly one value of every attribute, so the
concepts that are true of an image are known exactly. Each visible attribute also names the part of the drawing it
shows on, which is where a heat map ought to point.
"""

from __future__ import annotations

from dataclasses import dataclass

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white", "grey")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One way in which birds differ.

    Attributes:
        name: identifier, for example `"bill"`.
        noun: the word used in phrases, for example `"bill"`.
        part: name of the mask on which the attribute shows (see `PARTS`).
        values: the possible values, in the order of their integer codes.
    """

    name: str
    noun: str
    part: str
    values: tuple[str, ...]


PARTS = ("background", "crown", "face", "bill", "back", "wing", "breast", "tail", "legs")
"""Parts of the drawing. A pixel belongs to at most one: the one visible there. Perch and leaves belong to none."""

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("crown", "crown", "crown", COLOURS),
    Attribute("back", "back", "back", COLOURS),
    Attribute("wing", "wing", "wing", COLOURS),
    Attribute("breast", "breast", "breast", COLOURS),
    Attribute("breast_pattern", "breast", "breast", ("plain", "spotted", "streaked", "barred", "scaled")),
    Attribute("bill", "bill", "bill", ("hooked", "straight", "curved", "stout", "flat")),
    Attribute("tail", "tail", "tail", ("long", "short", "forked", "fanned")),
    Attribute("legs", "legs", "legs", ("yellow", "red", "black", "blue")),
    Attribute("crest", "crest", "crown", ("smooth", "tufted", "spiky")),
    Attribute("face", "face", "face", ("plain", "masked", "browed", "bearded")),
    Attribute("wing_bars", "wing bars", "wing", ("no", "single", "double")),
    Attribute("tail_band", "tail band", "tail", ("no", "white", "black")),
    Attribute("habitat", "habitat", "background", ("forest", "marsh", "seashore", "meadow", "desert", "snow")),
)
"""13 attributes with 77 values. Order is fixed: integer codes in arrays of shape [N, 13] follow it."""

INDEX = {attribute.name: i for i, attribute in enumerate(ATTRIBUTES)}
