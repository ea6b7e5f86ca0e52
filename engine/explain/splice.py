"""Any image in words: its embedding as a sum of a few words' embeddings, none taken away.

SpLiCE (Bhalla, Oesterling, Srinivas, Calmon and Lakkaraju, "Interpreting CLIP with Sparse Linear Concept Embeddings",
NeurIPS 2024). Images and texts of a CLIP lie in two cones of one space, so both are brought to a common centre first:
words lose the mean of all words, images the mean of the images, and both get unit length again. Then, with z the image
and C [W, D] the words,

    w = argmin over w >= 0 of |w C - z|^2 + l1 |w|_1,

and the image is rebuilt as w C at unit length plus the mean. The cosine between the image and what was rebuilt says how
much of it the words say. scikit-learn's lasso divides the square by 2 D, so its alpha is l1 / (2 D); with l1 = 0.25
about nine words are left. No model takes part: it is what the backbone saw, whatever was learnt from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints

L1 = 0.25
"""The paper's penalty for ImageNet's vocabulary of 10,000 words: larger leaves fewer words."""
_ROUNDS = 5000
"""Of coordinate descent at most; scikit-learn stops earlier, at a duality gap of 1e-4 of the picture."""


@dataclass(frozen=True, eq=False, slots=True)
class Dictionary:
    """Words, and where words and images are centred.

    Attributes:
        words: texts, W of them.
        vectors: [W, D], centred, unit length.
        centre: the mean image, [D].
    """

    words: tuple[str, ...]
    vectors: Floats
    centre: Floats


@dataclass(frozen=True, eq=False, slots=True)
class InWords:
    """Images in words.

    Attributes:
        weights: [N, W], 0 or more.
        cosine: of each image with what its words rebuild, [N], -1..1; 1 = the words say all of it.
        alone: the same without a word: of each image with the mean one.
    """

    weights: Floats
    cosine: Floats
    alone: Floats

    def strongest(self, image: int, most: int) -> list[int]:
        """The words of an image that weigh most, the heaviest first; none that weighs nothing."""
        order = np.argsort(-self.weights[image], kind="stable")[:most]
        return [int(w) for w in order if self.weights[image, w] > 0]


def dictionary(words: Sequence[str], vectors: Floats, centre: Floats) -> Dictionary:
    """Words brought to their own centre.

    Args:
        vectors: their text embeddings, [W, D], unit length.
        centre: mean of the images' embeddings, [D].
    """
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, 0, dtype=np.float64)
    return Dictionary(tuple(words), _unit(centred), np.asarray(centre, np.float64))


def decomposed(images: Floats, known: Dictionary, l1: float = L1) -> InWords:
    """Images [N, D] of unit length as sums of words. Weights are those of the centred image at unit length."""
    from sklearn.linear_model import Lasso

    images = np.asarray(images, np.float64)
    centred = _unit(images - known.centre)  # [N, D]
    lasso = Lasso(l1 / (2 * images.shape[1]), fit_intercept=False, positive=True, max_iter=_ROUNDS)
    lasso.fit(known.vectors.T, centred.T)
    weights = np.asarray(lasso.coef_, np.float64).reshape(len(images), len(known.words))
    rebuilt = _unit(_unit(weights @ known.vectors) + known.centre)
    cosine, alone = ((rows * _unit(images)).sum(1) for rows in (rebuilt, _unit(known.centre[None])))
    return InWords(weights, np.asarray(cosine), np.asarray(alone))


def alike(one: Floats, other: Floats) -> float:
    """Cosine between two pictures' weights of words [W], 0..1: 1 = the same words, 0 = no word in common."""
    return float(np.clip(_unit(one[None])[0] @ _unit(other[None])[0], 0.0, 1.0))


def centre_of(images: Floats, labels: Ints) -> Floats:
    """Mean over classes of the mean image of each, [D], so that no class counts more than another."""
    means = [images[labels == c].mean(0, dtype=np.float64) for c in np.unique(labels)]
    return np.asarray(np.mean(means, 0))


def _unit(rows: Floats) -> Floats:
    """At unit length; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), np.float64)
