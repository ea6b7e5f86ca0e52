"""Which concepts are listed for which classes."""

import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.concepts.labels import class_level


def bank(*pairs):
    return ConceptBank(tuple(Concept(text, class_id=c) for text, c in pairs), torch.zeros(len(pairs), 2))


def test_texts_decide_for_old_concepts_and_shared_ones():
    listed = bank(("red", 7), ("red", 8), ("long tail", 8), ("hooked bill", 9))
    known = bank(("red", 7), ("long tail", 8), ("webbed feet", 1))
    assert class_level(known, (7, 8, 9), listed).tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert class_level(bank(), (7,), listed).shape == (1, 0)
