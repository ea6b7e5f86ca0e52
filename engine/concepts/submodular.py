"""LaBo's choice of concepts: for each class those that tell it apart and together cover what is said of it.

Yang et al., "Language in a Bottle: Language Model Guided Concept Bottlenecks for Interpretable Image Classification",
CVPR 2023, section 3.2. Of a class's texts the set S is chosen that maximises

    F(S) = a sum_{c in S} D(c) + b sum_{t in texts} max_{c in S} (similarity of t and c)

D is how unevenly a concept's similarity spreads over the classes (minus its entropy), the second sum how well S covers
the texts. F is monotone and submodular, so greedy steps reach 1 - 1/e of the best set (Nemhauser et al. 1978); a gain
only shrinks as S grows, so that most need not be computed again (Minoux, "Accelerated greedy algorithms", 1978).

Traps of the released code, avoided here: it takes logarithms of cosines, which are NaN where one is negative, so
similarities are moved into 0..1; and its weights (a = 1e7 and b = 0.1 for birds) make up for D being tiny, so D is
brought to 0..1 over a class's texts as the similarities are, and both weigh the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.concepts.search import Examples

_TINY = 1e-12  # a share of nothing adds nothing to the entropy


def submodular_search(candidates: Tensor, owners: Sequence[int], per_class: int, examples: Examples) -> list[int]:
    """Positions of the candidates taken, best first within a class, class after class; all where there are few.

    Args:
        candidates: [N, D], unit-length embeddings of the texts.
        owners: for each which class it is listed for, N numbers in 0..classes-1.
        per_class: how many each class takes.
        examples: the task's images; only the training part is read.
    """
    worth = discriminability(candidates, examples.features, examples.labels)
    belongs = torch.tensor(owners)
    taken: list[int] = []
    for label in range(int(examples.labels.max()) + 1):
        own = (belongs == label).nonzero().flatten()
        if len(own):
            chosen = lazy_greedy(_unit_range(worth[own]), coverage(candidates[own]), per_class)
            taken += own[chosen].tolist()
    return taken


def discriminability(candidates: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    """D of each candidate, [N]: minus the entropy of its mean similarity over the classes; higher tells more apart.

    Args:
        candidates: [N, D], unit length.
        features, labels: [M, D] of unit length, and [M] in 0..classes-1.
    """
    means = torch.stack([features[labels == label].mean(0) for label in range(int(labels.max()) + 1)])  # [C, D]
    similar = (1 + candidates.double() @ means.double().T) / 2  # [N, C], 0..1
    shares = normalize(similar, p=1, dim=1)
    return (shares * shares.clamp_min(_TINY).log()).sum(1)


def coverage(candidates: Tensor) -> Tensor:
    """How well candidate j covers text i, 0..1, [n, n], for candidates [n, D] of unit length."""
    return (1 + normalize(candidates.double(), dim=1) @ normalize(candidates.double(), dim=1).T) / 2


def lazy_greedy(worth: Tensor, covers: Tensor, count: int) -> list[int]:
    """The greedy maximiser of F(S) = sum of `worth` over S + sum over texts of the best of `covers` in S.

    Returns:
        Up to `count` positions in the order taken; of equal gains the first position.

    Args:
        worth: [n], not negative.
        covers: [n, n], not negative.
    """
    covered = covers.new_zeros(len(covers))
    taken: list[int] = []
    gains = (worth + covers.sum(0)).tolist()
    queue = [(-gain, position, 0) for position, gain in enumerate(gains)]
    heapq.heapify(queue)
    while queue and len(taken) < count:
        _, position, known = heapq.heappop(queue)
        if known == len(taken):  # its gain is not out of date, and an outdated gain is never too small
            taken.append(position)
            covered = torch.maximum(covered, covers[:, position])
        else:
            gain = worth[position] + (covers[:, position] - covered).clamp_min(0).sum()
            heapq.heappush(queue, (-gain.item(), position, len(taken)))
    return taken


def _unit_range(values: Tensor) -> Tensor:
    """Values brought to 0..1; zeros where all are equal."""
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else torch.zeros_like(values)
