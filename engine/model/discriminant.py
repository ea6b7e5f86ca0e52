"""Fisher's discriminant between classes, and its classes as sums of a few rows that stay near the texts of concepts.

All float64. Fisher, "The use of multiple measurements in taxonomic problems", 1936; Pati et al., "Orthogonal matching
pursuit", 1993.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_FAINT = 0.05
"""Of the directions that texts span, those with less than this share of the strongest one's singular value tell
wordings
apart, not what the texts are about."""
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Discriminant:
    """What it takes to tell images apart by their class.

    Attributes:
        free: projection on what is orthogonal to the directions that are set aside, [D, D].
        inverse: of the shrunk covariance around the means of the classes, within that, [D, D].
    """

    free: Tensor
    inverse: Tensor

    @staticmethod
    def of(within: Tensor, images: int, aside: Tensor, shrinkage: float) -> Discriminant:
        """The discriminant of `images` images.

        Args:
            within: [D, D].
            aside: [A, D], texts of what no answer may rest on, less what all texts share; may be none.
            shrinkage: share of the covariance that becomes its mean variance in all directions; 0: tr(S) / (N - 1) is
                added to the diagonal instead (Kubokawa & Srivastava 2008, as Wang et al., ICLR 2024, use it).
        """
        whole = torch.eye(len(within), dtype=within.dtype)
        taken = spanned(aside)
        free = whole - taken.T @ taken
        seen = free @ within @ free
        mean = seen.trace() / (len(within) - len(taken))
        ridge = shrinkage * mean if shrinkage else seen.trace() / max(1, images - 1)
        shrunk = (1 - shrinkage) * seen + ridge.clamp_min(_NOTHING) * whole
        return Discriminant(free, free @ torch.linalg.solve(shrunk, free))

    def classes(self, means: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [C, D] and bias [C] of the classes with these means [C, D], each less their mean over the classes."""
        weights = means @ self.inverse
        bias = -(weights * means).sum(1) / 2
        return weights - weights.mean(0), bias - bias.mean()


def spanned(texts: Tensor) -> Tensor:
    """Orthonormal directions [R, D] that texts [A, D] span, without faint ones."""
    if not len(texts):
        return texts
    _, sizes, directions = torch.linalg.svd(texts, full_matrices=False)
    strong: Tensor = directions[sizes > _FAINT * sizes[0]]
    return strong


def pursued(wanted: Tensor, rows: Tensor, covariance: Tensor, count: int) -> Tensor:
    """Each direction wanted as a sum of `count` rows at most, [C, K]: what few concepts say best of a class.

    Greedy: the row that explains most of what is left comes next, and all weights are fitted again. What counts is the
    variance over images, so a difference no image shows costs nothing.

    Args:
        wanted: [C, D].
        rows: [K, D].
        covariance: of the images, [D, D].
    """
    values, vectors = torch.linalg.eigh(covariance)
    shown = vectors * values.clamp_min(0).sqrt()  # [D, D]; |row @ shown|^2 is the variance of a row's scores
    targets, atoms = wanted @ shown, rows @ shown
    sizes = atoms.norm(dim=1)
    able = sizes > _NOTHING
    found = wanted.new_zeros(len(wanted), len(rows))
    chosen = torch.zeros(len(wanted), 0, dtype=torch.long)
    left = targets
    for _ in range(min(count, int(able.sum()))):
        gain = (left @ atoms.T).abs() / sizes.clamp_min(_NOTHING)  # [C, K]
        gain[:, ~able] = -1.0
        gain.scatter_(1, chosen, -1.0)
        chosen = torch.cat([chosen, gain.argmax(1, keepdim=True)], dim=1)
        own = atoms[chosen]  # [C, n, D]
        weights: Tensor = torch.linalg.lstsq(own.transpose(1, 2), targets[..., None], driver="gelsd").solution[..., 0]
        left = targets - torch.einsum("cn,cnd->cd", weights, own)
        found.zero_().scatter_(1, chosen, weights)
    return found


def anchored(
    wanted: Tensor, texts: Tensor, covariance: Tensor, count: int, anchoring: float, rounds: int = 6
) -> tuple[Tensor, Tensor]:
    """Rows [K, D] near texts, and a head [C, K] of `count` of them a class, whose sums are the directions wanted.

    In turns the head is pursued and the rows are moved by as little as makes the sums right: those that minimise

        |wanted - head rows|^2 + anchoring s^2 |rows - texts|^2,    s^2 = |head|^2 / K,

    which is texts + head' (head head' + anchoring s^2 I)^-1 (wanted - head texts) whatever the metric; a row that no
    class uses stays its text.

    Args:
        wanted: [C, D].
        texts: [K, D]; come back at the length at which the scores of all images have standard deviation 1.
        covariance: of the images, [D, D].
    """
    spread = torch.einsum("kd,de,ke->k", texts, covariance, texts).clamp_min(_NOTHING).sqrt()
    start = texts / spread[:, None]
    rows = start
    for _ in range(rounds):
        head = pursued(wanted, rows, covariance, count)
        size = (head.square().sum() / len(start)).clamp_min(_NOTHING)
        between = head @ head.T + anchoring * size * torch.eye(len(head), dtype=head.dtype)
        rows = start + head.T @ torch.linalg.solve(between, wanted - head @ start)
    return rows, pursued(wanted, rows, covariance, count)
