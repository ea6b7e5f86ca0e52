"""The map from an ImageNet tower's features to the embeddings of words, without a single picture.

A classifier's row says which features speak for its class, and a text tower says what the class's name means: the map
sends one to the other, by ridge regression over the classes (Hoerl & Kennard 1970; the other way round in Frome et al.
2013, "DeViSE", and Akata et al. 2013, where pictures were at hand).

Embeddings of names crowd around a few directions, which say what all names have in common. So the texts are whitened
first, less than wholly, since the directions of least spread are mostly noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

SHRINKAGE = 1.0
"""What is added to the spread of every direction before whitening, in mean spreads."""
RIDGE = 10.0
"""Penalty on the map, in squared units of the classifier's rows."""


@dataclass(frozen=True, slots=True)
class JointMaps:
    """Both linear maps into the joint space, without a constant.

    Attributes:
        image: [D, C], of features.
        text: [D, D], of text embeddings; symmetric.
    """

    image: Doubles
    text: Doubles


def fit_maps(rows: Doubles, names: Doubles, shrinkage: float = SHRINKAGE, ridge: float = RIDGE) -> JointMaps:
    """Fit both maps.

    Args:
        rows: [K, C], the classifier's row of every class.
        names: [K, D], the embedding of every class's name, unit length.
        shrinkage: above 0; the more, the less the texts are whitened.
        ridge: above 0.
    """
    text = _whitening(names, shrinkage)
    aims = unit(names @ text)  # [K, D]
    aims = aims - aims.mean(0)
    rows = rows - rows.mean(0)  # what is added to all classes alike says nothing about any
    weights = np.linalg.solve(rows @ rows.T + ridge * np.eye(len(rows)), rows)  # [K, C]
    return JointMaps(aims.T @ weights, text)


def _whitening(names: Doubles, shrinkage: float) -> Doubles:
    """(second moment + shrinkage times its mean spread)^(-1/2), [D, D]."""
    moment = names.T @ names / len(names)
    spread, directions = np.linalg.eigh(moment + shrinkage * np.trace(moment) / len(moment) * np.eye(len(moment)))
    found: Doubles = (directions / np.sqrt(spread)) @ directions.T
    return found


def unit(values: Doubles) -> Doubles:
    """Rows [..., D] at length 1."""
    found: Doubles = values / np.linalg.norm(values, axis=-1, keepdims=True)
    return found
