"""The species of the Aviary, read from `assets/species.json` (made once by `engine.data.aviary.speciation`)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.data.aviary.attributes import ATTRIBUTES
from engine.errors import BadParameter

SPECIES_FILE = Path(__file__).parents[3] / "assets" / "species.json"
SPECIES_COUNT = 200


@dataclass(frozen=True, slots=True)
class Species:
    """A class of birds.

    Attributes:
        name: field-guide name, for example `"red-crowned hookbill"`; true of the first plumage.
        genus: the name of its genus, for example `"hookbill"`; the last words of `name`.
        plumages: one or two combinations of codes, each in the order of `ATTRIBUTES`, the home habitat included.
        habitat: code of the home habitat.
    """

    name: str
    genus: str
    plumages: tuple[tuple[int, ...], ...]
    habitat: int


@cache
def load_species(count: int = SPECIES_COUNT) -> tuple[Species, ...]:
    """The first `count` species of the table, in their fixed order.

    Raises:
        BadParameter: `count` is not between 1 and 200.
    """
    if not 1 <= count <= SPECIES_COUNT:
        raise BadParameter(
            f"species = {count}", f"the Aviary has 1 to {SPECIES_COUNT} species", "Choose a whole number in between"
        )
    rows = json.loads(SPECIES_FILE.read_text(encoding="utf-8"))
    return tuple(_species(row) for row in rows[:count])


@cache
def held_out() -> frozenset[tuple[int, ...]]:
    """Every plumage of all species without its last code, the habitat: what pretraining must leave out."""
    return frozenset(plumage[:-1] for species in load_species() for plumage in species.plumages)


@cache
def table_digest() -> str:
    """Hex digest of the species table's contents."""
    return hashlib.sha256(SPECIES_FILE.read_bytes()).hexdigest()


def _species(row: dict[str, Any]) -> Species:
    """One line of the table; a second plumage lists only what differs from the first."""
    first = {**row["plumage"], "habitat": row["habitat"]}
    looks = [first] + ([{**first, **row["second"]}] if "second" in row else [])
    plumages = tuple(tuple(a.values.index(look[a.name]) for a in ATTRIBUTES) for look in looks)
    return Species(row["name"], row["genus"], plumages, plumages[0][-1])
