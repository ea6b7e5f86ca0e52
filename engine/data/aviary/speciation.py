"""How the species table came to be: a deterministic generator of 50 genera of 4 species.

    python -c "from engine.data.aviary.speciation import write; write()"

A genus shares ten of its twelve bodily attributes; its species differ from each other in the remaining two, one of
which is the colour in their name. Species come in blocks of whole genera, inside a block in rounds that visit every
genus once, so tasks of 5 or 10 consecutive species (after the first 40 also of 20) hold no two of one genus.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.phrases import NOUN_WORDS
from engine.data.aviary.species import SPECIES_FILE
from engine.rng import numpy_stream

TABLE_SEED = 1993
BLOCKS = (10, 20, 20)
"""Genera per block; 4 times as many species. The first block is the demo."""
PER_GENUS = 4
SECOND_PLUMAGES = 0.3
"""Share of species with a second plumage."""
GENUS_DISTANCE = 5
"""First plumages of different genera differ in at least so many attributes, habitat apart."""
SPECIES_DISTANCE = 2
"""Any two plumages of different species differ in at least so many attributes, habitat apart."""

BODY = ATTRIBUTES[:-1]
EPITHETS = {"crown": "crowned", "back": "backed", "wing": "winged", "breast": "breasted"}
ADJECTIVES = (
    ("face", "masked"),
    ("face", "browed"),
    ("face", "bearded"),
    ("crest", "tufted"),
    ("crest", "spiky"),
    ("breast_pattern", "spotted"),
    ("breast_pattern", "streaked"),
    ("breast_pattern", "barred"),
    ("breast_pattern", "scaled"),
)
DRAB = ("brown", "grey", "green", "white")
"""Colours of second plumages."""
SECOND_ATTRIBUTES = ("crown", "back", "wing", "breast")

Look = dict[str, str]


@dataclass(frozen=True, slots=True)
class Genus:
    """A genus before its species are ordered: its name, the attributes named by it, and its four species' looks."""

    name: str
    told: tuple[str, ...]
    epithet: str
    looks: tuple[Look, ...]


def generate() -> list[dict[str, str | Look]]:
    """The rows of the species table, in order, as they are written to the file."""
    rng = numpy_stream(TABLE_SEED, "species")
    genera: list[Genus] = []
    for name, told in _genus_names(rng):
        genera.append(_genus(name, told, genera, rng))
    rows: list[dict[str, str | Look]] = []
    start = 0
    for size in BLOCKS:
        rows += _block(genera[start : start + size], rng)
        start += size
    return rows


def write() -> None:
    """Write the species table, one species a line."""
    SPECIES_FILE.write_text(as_text(), encoding="utf-8")


def as_text() -> str:
    """The contents of the species table's file."""
    return "[\n" + ",\n".join(json.dumps(row) for row in generate()) + "\n]\n"


def distance(a: Look, b: Look) -> int:
    """Number of bodily attributes in which two looks differ."""
    return sum(a[attribute.name] != b[attribute.name] for attribute in BODY)


def _genus_names(rng: np.random.Generator) -> list[tuple[str, Look]]:
    """50 names with the attribute values they tell: every plain noun once, then adjectives and nouns, evenly used."""
    nouns = [(noun, {attribute: value}) for (attribute, value), noun in NOUN_WORDS.items()]
    compound = [
        (f"{word} {noun}", {attribute: word, **told})
        for shift, i in product(range(len(ADJECTIVES)), range(len(nouns)))
        for (attribute, word), (noun, told) in [(ADJECTIVES[(i + shift) % len(ADJECTIVES)], nouns[i])]
    ]
    compound = compound[: sum(BLOCKS) - len(nouns)]
    return nouns + [compound[i] for i in rng.permutation(len(compound))]


def _genus(name: str, told: Look, others: list[Genus], rng: np.random.Generator) -> Genus:
    """A genus that keeps its distance from `others`: draw until one does."""
    while True:
        base = {a.name: str(rng.choice(a.values)) for a in BODY} | told
        epithet = list(EPITHETS)[len(others) % len(EPITHETS)]
        free = [a.name for a in BODY if len(a.values) >= PER_GENUS and a.name not in (*told, epithet)]
        second = str(rng.choice(free))
        values = {a.name: a.values for a in BODY}
        first_values = rng.permutation(values[epithet])[:PER_GENUS]
        second_values = rng.permutation(values[second])[:PER_GENUS]
        looks = tuple(
            base | {epithet: str(a), second: str(b)} for a, b in zip(first_values, second_values, strict=True)
        )
        colourful = all(len({look[part] for part in EPITHETS}) >= 3 for look in looks)
        apart = all(distance(a, b) >= GENUS_DISTANCE for other in others for a, b in product(looks, other.looks))
        if colourful and apart:
            return Genus(name, tuple(told), epithet, looks)


def _block(genera: list[Genus], rng: np.random.Generator) -> list[dict[str, str | Look]]:
    """The species of some genera, round by round, with habitats and second plumages."""
    habitats = _habitats(len(genera), rng)
    count = len(genera) * PER_GENUS
    two = set(rng.permutation(count)[: round(SECOND_PLUMAGES * count)].tolist())
    rows: list[dict[str, str | Look]] = []
    known = [look for genus in genera for look in genus.looks]
    for turn, (i, genus) in product(range(PER_GENUS), enumerate(genera)):
        look = genus.looks[turn]
        row: dict[str, str | Look] = {
            "name": f"{look[genus.epithet]}-{EPITHETS[genus.epithet]} {genus.name}",
            "genus": genus.name,
            "habitat": habitats[i][turn],
            "plumage": look,
        }
        if len(rows) in two:
            row["second"] = second = _second(look, [other for other in known if other is not look], rng)
            known.append(look | second)
        rows.append(row)
    return rows


def _habitats(genera: int, rng: np.random.Generator) -> list[list[str]]:
    """Two habitats for each genus, two sisters in each; all habitats are used about equally often.

    Were all four sisters at home in different places, the background alone would tell them apart; were they all at home
    in one, it would tell nothing. Two and two makes cheating pay and attributes still necessary.
    """
    names = ATTRIBUTES[-1].values
    used = np.zeros(len(names))
    chosen = []
    for _ in range(genera):
        rarest = np.argsort(used + rng.random(len(names)) * 0.5)[: PER_GENUS // 2]
        used[rarest] += 1
        chosen.append([names[i] for i in rng.permutation(np.repeat(rarest, 2))])
    return chosen


def _second(look: Look, others: list[Look], rng: np.random.Generator) -> Look:
    """Two or three duller colours, such that the bird is not mistaken for one of `others`."""
    while True:
        parts = rng.permutation(SECOND_ATTRIBUTES)[: int(rng.integers(2, 4))]
        changed = {str(part): str(rng.choice(DRAB)) for part in parts}
        different = all(look[part] != colour for part, colour in changed.items())
        if different and all(distance(look | changed, other) >= SPECIES_DISTANCE for other in others):
            return changed
