"""Repairs of a model that leans on a group of concepts it should not lean on (a bird's habitat).

Pruning the group's weights is not enough: the other rows of the bottleneck respond to the habitat too, because it was
never alone in the pictures. Two repairs get at that leak, both by words alone. The directions in which the texts of the
group's concepts differ from zero span a small subspace of the embeddings, and in it an image tells its habitat:

`ProjectGroup`   takes the subspace out of every row, as Chuang et al., "Debiasing Vision-Language Models via Biased
                 Prompts", arXiv 2302.00070, take it out of CLIP's text embeddings. Concepts then mean less than before.
`RefitWithout`   leaves every row as it is and fits the head anew on the stored class statistics, as if images of each
                 class varied freely in the subspace; what varies freely tells nothing, so the head looks elsewhere.
                 With endless freedom it equals projection; a little of it costs less.

The fit is a linear discriminant on the concept scores, made sparse by an l1 penalty as in Mai, Yang & Zou, "Multiclass
Sparse Discriminant Analysis", Statistica Sinica 29, 2019. It needs means and covariances of the classes, no image.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import Tensor

from engine.errors import NotApplicable
from engine.interventions.edit import CHECKED, Edit, Name, kind, of_group
from engine.interventions.edits import PruneGroup
from engine.model.snapshot import Snapshot

RANK_TOLERANCE = 0.05
"""Directions whose singular value is below this share of the largest are rewordings, not directions of their own."""
SHRINKAGE = 0.003
"""Share of the mean variance of the scores that is added to each: more concepts than dimensions make it singular."""
SPARSITY = 0.03
"""Strength of the l1 penalty, as a share of the largest class difference; see `repairs` for how it was chosen."""
LIGHTLY, THOROUGHLY = 3.0, 10.0
"""Freedom of the two refits on offer, in mean variances."""
_STEPS = 500
_SETTLED = 1e-3  # a step that moves the weights by less than this share of their length is the last
_MOST_FREEDOM = 1e4
_FLAT = 1e-9  # logits that differ by less do not differ


@kind("project_group")
@checked_dataclass(frozen=True, config=CHECKED)
class ProjectGroup(Edit):
    """The directions of a group's texts are taken out of every row, and the group's weights become 0.

    Attributes:
        group: the group's name.
    """

    group: Name

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`."""
        pruned = PruneGroup(self.group).applied(snapshot)
        if pruned is None:
            return None
        basis = directions(snapshot, self.group)  # [r, D]
        rows = snapshot.bottleneck
        return dataclasses.replace(pruned, bottleneck=rows - rows @ basis.T @ basis)

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        return f"What the words about {self.group} point at is taken out of every concept; none about it counts"


@kind("refit_without")
@checked_dataclass(frozen=True, config=CHECKED)
class RefitWithout(Edit):
    """The head is fitted anew on the class statistics, without a group's concepts.

    Attributes:
        group: the group's name.
        freedom: how much more than now images of one class shall differ in the group's directions, in mean variances of
            the embeddings; 0 takes the statistics as they are, and then the other concepts tell the habitat.
        sparsity: 0 keeps every concept; more of it keeps fewer.
    """

    group: Name
    freedom: Annotated[float, Field(ge=0, le=_MOST_FREEDOM)] = THOROUGHLY
    sparsity: Annotated[float, Field(ge=0, le=1)] = SPARSITY

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`.

        Raises:
            NotApplicable: the run kept no covariances, or no other concept is left.
        """
        out = of_group(snapshot, self.group)
        if not out:
            return None
        reason = why_no_refit(snapshot, self.group)
        if reason:
            raise NotApplicable("a refit on class statistics", reason, "Prune the group instead")
        left = [k for k in range(len(snapshot.bank)) if k not in set(out)]
        rows, inside = snapshot.bottleneck[left], snapshot.classes.covariances.mean()  # [L, D], [D, D]
        means = snapshot.classes.means @ rows.T  # [C, L]
        within = rows @ freed(inside, directions(snapshot, self.group), self.freedom) @ rows.T  # [L, L]
        weights, bias = discriminant(means, within, _mean_variance(rows @ inside @ rows.T), self.sparsity)
        before = _spread(snapshot.classes.means @ snapshot.bottleneck.T @ snapshot.head.T)
        scale = before / _spread(means @ weights.T) if before > _FLAT else 1.0
        head = torch.zeros_like(snapshot.head)
        head[:, left] = weights * scale
        return dataclasses.replace(snapshot, head=head, bias=bias * scale)

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        if not self.freedom:
            return f"The weights are fitted anew without {self.group}, on the classes as they are"
        how = "nothing" if self.freedom >= THOROUGHLY else "little"
        told = f"as if {self.group} told {how} (freedom {self.freedom:g})"
        return f"The weights are fitted anew without {self.group}, {told}"


@dataclass(frozen=True, slots=True)
class Repair:
    """One way to make a model lean less on a group.

    Attributes:
        name: short and fixed.
        title: in words, for people.
        edits: what it consists of; empty for the model as it is.
        why_not: why it cannot be done to this model, or None.
    """

    name: str
    title: str
    edits: tuple[Edit, ...]
    why_not: str | None = None


def repairs(snapshot: Snapshot, group: str) -> tuple[Repair, ...]:
    """Every repair there is, the plainest first; what cannot be done says why.

    Freedom and sparsity were chosen on validation images of three demo runs (seeds 1993, 7, 11), as they are and with
    the birds away from home. On three others (101, 202, 303) the light refit then cost 0.3 points of ordinary test
    accuracy and gained 15.6 on moved birds; `python -m engine bench concepts` measures it again.
    """
    refit = why_no_refit(snapshot, group)
    return (
        Repair("prune", f"Prune {group}", (PruneGroup(group),)),
        Repair("rescale", f"Prune {group}, rescale the rest", (PruneGroup(group, rescale=True),)),
        Repair("refit", f"Prune {group}, refit the rest as it is", (RefitWithout(group, 0.0),), refit),
        Repair("project", f"Take {group} out of every concept", (ProjectGroup(group),)),
        Repair(
            "project_refit",
            f"Take {group} out of every concept, refit",
            (ProjectGroup(group), RefitWithout(group, 0.0)),
            refit,
        ),
        Repair("free_light", f"Refit as if {group} told little", (RefitWithout(group, LIGHTLY),), refit),
        Repair("free", f"Refit as if {group} told nothing", (RefitWithout(group, THOROUGHLY),), refit),
    )


def why_no_refit(snapshot: Snapshot, group: str) -> str | None:
    """Why the head cannot be fitted anew without a group, or None if it can."""
    if not snapshot.classes.covariances.kept:
        return "the run's method kept no covariances of its classes"
    if len(of_group(snapshot, group)) == len(snapshot.bank):
        return f"all its concepts are about {group}"
    return None


# -- the mathematics ---------------------------------------------------------------------------------------------------


def directions(snapshot: Snapshot, group: str) -> Tensor:
    """Orthonormal basis [r, D] of what the texts of the group's concepts span, rewordings not counted twice."""
    texts = snapshot.bank.embeddings[of_group(snapshot, group)]  # [n, D]
    _, values, rows = torch.linalg.svd(texts, full_matrices=False)
    basis: Tensor = rows[values > RANK_TOLERANCE * values[:1]]  # [r, D]
    return basis


def freed(covariance: Tensor, basis: Tensor, freedom: float) -> Tensor:
    """`covariance` [D, D] with `freedom` mean variances added along each direction of `basis` [r, D]."""
    return covariance + freedom * _mean_variance(covariance) * (basis.T @ basis)


def discriminant(means: Tensor, within: Tensor, variance: float, sparsity: float) -> tuple[Tensor, Tensor]:
    """A sparse linear discriminant: weights [C, K] and bias [C].

    Each class's weights w minimise w' (within + SHRINKAGE variance I) w / 2 - d' w + l1 |w|_1, where d is its mean less
    the mean of all classes. Solved by accelerated proximal gradient steps (Beck & Teboulle 2009), all classes at once.

    Args:
        means: class means of the scores, [C, K].
        within: covariance of the scores within a class, [K, K].
        variance: the unit of the shrinkage.
        sparsity: l1 as a share of the largest entry of d; 0 solves the linear equations instead.
    """
    middle = means.mean(0)
    apart = means - middle  # [C, K]
    matrix = within + SHRINKAGE * variance * torch.eye(len(within))
    weights = _sparse(matrix, apart, sparsity) if sparsity else torch.linalg.solve(matrix, apart.T).T
    return weights, -(weights * (means + middle)).sum(1) / 2


def _sparse(matrix: Tensor, apart: Tensor, sparsity: float) -> Tensor:
    steepest = torch.linalg.eigvalsh(matrix)[-1].clamp_min(1e-30)
    threshold = sparsity * apart.abs().amax(1, keepdim=True) / steepest  # [C, 1]
    weights = ahead = torch.zeros_like(apart)
    pace = 1.0
    for _ in range(_STEPS):
        step = ahead - (ahead @ matrix - apart) / steepest  # [C, K]
        new = torch.sign(step) * (step.abs() - threshold).clamp_min(0)
        moved = new - weights
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = new + (pace - 1) / faster * moved
        weights, pace = new, faster
        if float(moved.norm()) <= _SETTLED * float(weights.norm()):
            break
    return weights


def _mean_variance(covariance: Tensor) -> float:
    return float(covariance.diagonal().mean())


def _spread(logits: Tensor) -> float:
    """How far the logits of the class means lie apart: a refit keeps it, so that bars and edits keep their size."""
    return max(float(logits.std()), _FLAT) if logits.numel() > 1 else 1.0
