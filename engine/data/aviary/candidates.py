"""Concept candidates: what a language model would list for a species, good and bad mixed.

Concept search has to keep the true texts and drop the rest: rewordings of what is already listed, texts that are true
of every bird, facts no picture shows, and plain mistakes. The truth column of a wrong text still says which attribute
value it names, so that a kept mistake can be measured.
"""

from __future__ import annotations

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES, Attribute
from engine.data.aviary.phrases import NON_VISUAL, USELESS, cores
from engine.data.aviary.species import Species
from engine.data.dataset import ConceptCandidate

_REWORDED = 6
_USELESS = 3
_NON_VISUAL = 4
_WRONG = 5


def candidates_for(species: Species, rng: np.random.Generator) -> tuple[ConceptCandidate, ...]:
    """About 30 texts for one species in random order, without repetitions."""
    true = sorted({(i, code) for plumage in species.plumages for i, code in enumerate(plumage)})
    found = [_candidate(i, code, 0) for i, code in true]
    found += [_reworded(*true[int(k)], rng) for k in rng.choice(len(true), _REWORDED, replace=False)]
    found += [ConceptCandidate(str(text), "useless") for text in rng.choice(USELESS, _USELESS, replace=False)]
    found += [ConceptCandidate(str(text), "non-visual") for text in rng.choice(NON_VISUAL, _NON_VISUAL, replace=False)]
    found += [_wrong(i, species, rng) for i in rng.choice(len(ATTRIBUTES), _WRONG, replace=False)]
    unique = list({candidate.text: candidate for candidate in found}.values())
    return tuple(unique[int(k)] for k in rng.permutation(len(unique)))


def _candidate(index: int, code: int, wording: int) -> ConceptCandidate:
    attribute = ATTRIBUTES[index]
    text = cores(attribute.name, attribute.values[code])[wording]
    return ConceptCandidate(text, attribute.name, _column(index) + code)


def _reworded(index: int, code: int, rng: np.random.Generator) -> ConceptCandidate:
    attribute: Attribute = ATTRIBUTES[index]
    wordings = len(cores(attribute.name, attribute.values[code]))
    return _candidate(index, code, int(rng.integers(1, wordings)))


def _wrong(index: int, species: Species, rng: np.random.Generator) -> ConceptCandidate:
    true = {plumage[index] for plumage in species.plumages}
    false = [code for code in range(len(ATTRIBUTES[index].values)) if code not in true]
    return _candidate(int(index), int(rng.choice(false)), 0)


def _column(index: int) -> int:
    return sum(len(attribute.values) for attribute in ATTRIBUTES[:index])
