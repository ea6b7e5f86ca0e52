"""Named starting points of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.data.sources.aviary import SPECIES
from engine.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Preset:
    """A named starting point.

    Attributes:
        name: as on the command line.
        title, help: for people.
        values: what differs from the defaults of `RunConfig`.
    """

    name: str
    title: str
    help: str
    values: Mapping[str, Any]


TINY_SETTINGS = {"epochs": 6, "search_epochs": 6, "window": 20}
"""Applied where the method has them, so that a run ends in seconds, and its few steps are enough."""

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("demo", "Demo", "40 species in 8 tasks of 5: about 20 seconds, a minute the first time.", {}),
        Preset(
            "tiny",
            "Tiny",
            "6 species in 3 tasks: ends in seconds, to see whether everything works.",
            {"classes": 6, "increment": 2, "train_per_class": 20, "test_per_class": 8},
        ),
        Preset(
            "large",
            "Large",
            "All 200 species in 20 tasks of 10: some minutes.",
            {"classes": SPECIES, "increment": 10},
        ),
    )
}


def named(name: str) -> Preset:
    """The preset of a name.

    Raises:
        BadParameter: there is none.
    """
    if name not in PRESETS:
        raise BadParameter(f"preset {name!r}", f"known are {', '.join(PRESETS)}", "Choose one")
    return PRESETS[name]
