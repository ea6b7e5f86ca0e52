"""Which pictures stand for a class: those that look as its name says.

The rule: in the Aviary single birds vary, and a picture under a name must not contradict it. The pictures of a class
come in this order: birds that have the mark in their species' name before those that lack it, among these the ones that
differ from the species in the fewest attributes first, of equal ones the one with the smallest number. A species' own
attributes are those of its first plumage, of which its name is true. Of other data nobody knows what is typical; the
picture nearest to its class's mean when the class was learnt comes first, where the run has kept which one that is
(`engine.training.nearest`), and the others keep the order in which they come.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Ints
from engine.data.aviary.attributes import INDEX
from engine.data.aviary.speciation import EPITHETS
from engine.data.aviary.species import load_species
from engine.data.aviary.world import AviarySplit
from engine.data.dataset import Split

_ATTRIBUTE_OF = {word: INDEX[name] for name, word in EPITHETS.items()}


def typical(split: Split, class_id: int, nearest: int | None = None) -> Ints:
    """Rows of a class's pictures, the most typical first; see above for the rule.

    Args:
        nearest: the one nearest to the class's mean; no longer the first where the data have changed, so that it is
            none of the class's.
    """
    rows = np.flatnonzero(split.labels == class_id)
    if not isinstance(split, AviarySplit):
        return rows[np.argsort(rows != nearest, kind="stable")]
    species = load_species()[split.kinds[class_id]]
    differs = split.codes[rows] != np.array(species.plumages[0])  # [n, 13]
    named = differs[:, _ATTRIBUTE_OF[species.name.split()[0].partition("-")[2]]]
    return rows[np.lexsort((rows, differs.sum(1), named))]
