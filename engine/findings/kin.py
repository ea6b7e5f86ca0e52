"""Which species are look-alikes by how they were made, and whether the run's tasks keep them apart."""

from __future__ import annotations

import numpy as np

from engine.array_types import Ints
from engine.data.aviary.species import SPECIES_COUNT, load_species
from engine.findings.reading import names
from engine.session.facts import RunFacts

DESIGN = "these data are built so that no task holds two species of one genus"
"""What the order of the Aviary's species makes of every mistake between sisters, as a clause."""


def genera(facts: RunFacts) -> Ints | None:
    """Genus of each class learnt, as a number, in the order of learning, [C]; None for data without genera."""
    if facts.view.config.dataset != "aviary":
        return None
    genus = {species.name: species.genus for species in load_species(SPECIES_COUNT)}
    found = [genus.get(name) for name in names(facts)]
    if None in found:
        return None
    _, numbers = np.unique(np.array(found, np.str_), return_inverse=True)
    return np.asarray(numbers, np.int64)


def owners(facts: RunFacts) -> Ints:
    """Task of each class learnt, in the order of learning, [C]."""
    sizes = [len(ids) for ids in facts.view.task_classes[: facts.moment + 1]]
    return np.repeat(np.arange(len(sizes)), sizes)


def are_apart(facts: RunFacts) -> bool:
    """Whether there are species of one genus, and no task holds two of them."""
    kinds = genera(facts)
    if kinds is None or len(np.unique(kinds)) == len(kinds):
        return False
    pairs = set(zip(owners(facts).tolist(), kinds.tolist(), strict=True))
    return len(pairs) == len(kinds)
