"""The best any classifier can do that is told a bird's true attributes and how birds come about.

A species' birds take one of its plumages, each bodily attribute differs from it with a known chance, and the habitat is
the home one with a known chance (`engine.data.aviary.world`). So the probability of a bird given its species is known,
and the species it is most probable under is the Bayes-optimal answer. What this answer loses when more species join the
choice is not knowledge that was lost: it is the price of a longer list.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.species import Species
from engine.data.aviary.world import HABITAT, Codes

_SIZES = np.array([len(attribute.values) for attribute in ATTRIBUTES])


def log_likelihoods(codes: Codes, species: tuple[Species, ...], variation: float, at_home: float) -> Floats:
    """Logarithm of how probable each bird's attributes are for each species, [N, C]; -inf where impossible.

    Args:
        codes: attribute codes of N birds, [N, 13].
        species: C species.
        variation: chance that a bodily attribute of a bird differs from its plumage's, each other value alike.
        at_home: share of birds in their home habitat; 0 where all were moved to another one.
    """
    return np.stack([_of_species(codes, one, variation, at_home) for one in species], axis=1)


def _of_species(codes: Codes, species: Species, variation: float, at_home: float) -> Floats:
    """[N]: the mean over its plumages of the product over attributes."""
    others = np.append(np.full(HABITAT, variation), 1 - at_home) / (_SIZES - 1)  # [13], chance of one other value
    plumages = np.array(species.plumages)  # [P, 13]
    same = codes[:, None] == plumages  # [N, P, 13]
    chances = np.where(same, 1 - others * (_SIZES - 1), others)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(chances.prod(-1).mean(-1)), np.float64)
