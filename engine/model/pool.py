"""Training samples in memory: real features, and pseudo features that are shifts of real ones.

A pseudo feature of an old class c is made from a new class n: x - mu_n + mu_c, brought back to unit length. It is never
stored: everything linear in it is a row of a table plus a row of a smaller table, times the sample's scale,

    (x - mu_n + mu_c) . B  =  x . B  +  (mu_c - mu_n) . B

so the scores of all pseudo features under the frozen texts B cost one product of the new samples and one of the shifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

_CHUNK = 4096  # pseudo features whose length is computed at once


@dataclass(frozen=True, slots=True)
class TrainingPool:
    """Samples to draw batches from; sample m is `scale[m] * (base[rows[m]] + shifts[labels[m]])`.

    Attributes:
        base: [N, D], real features.
        shifts: [C, D]; zero for classes whose samples are real.
        rows: [M], row of `base` of each sample.
        labels: [M].
        scale: [M, 1].
    """

    base: Tensor
    shifts: Tensor
    rows: Tensor
    labels: Tensor
    scale: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shifted(self) -> bool:
        """Whether any sample is a pseudo feature."""
        return len(self.rows) > len(self.base)

    def features(self) -> Tensor:
        """All samples, [M, D]."""
        return (self.base[self.rows] + self.shifts[self.labels]) * self.scale


def real_pool(features: Tensor, labels: Tensor, classes: int) -> TrainingPool:
    """A pool of real samples only: `features` [N, D], `labels` [N], of `classes` classes."""
    rows = torch.arange(len(labels))
    return TrainingPool(
        features, features.new_zeros(classes, features.shape[1]), rows, labels, features.new_ones(len(rows), 1)
    )


def partners(old_texts: Tensor, new_means: Tensor) -> Tensor:
    """For each old class the new class whose mean is most similar to the old class's name.

    Args:
        old_texts: [O, D], embeddings of the old classes' names.
        new_means: [M, D].

    Returns:
        Positions among the new classes, [O].
    """
    unit = torch.nn.functional.normalize
    return (unit(old_texts, dim=1) @ unit(new_means, dim=1).T).argmax(1)


def random_partners(old: int, new: int, stream: torch.Generator) -> Tensor:
    """For each of `old` classes one of `new` classes by chance, [O]: the control of `partners`."""
    return torch.randint(new, (old,), generator=stream)


def augmented_pool(
    features: Tensor, labels: Tensor, old_means: Tensor, new_means: Tensor, partner: Tensor
) -> TrainingPool:
    """The new classes' samples, and for every old class a copy of its partner's samples moved to its mean.

    Args:
        features, labels: new samples [N, D] and [N]; labels count from the number of old classes.
        old_means, new_means: [O, D] and [M, D].
        partner: [O], position of each old class's partner among the new ones.
    """
    old = len(old_means)
    shifts = torch.cat([old_means - new_means[partner], torch.zeros_like(new_means)])  # [O + M, D]
    rows, owners = [torch.arange(len(labels))], [labels]
    for position in range(old):
        theirs = (labels == old + partner[position]).nonzero().flatten()
        rows.append(theirs)
        owners.append(torch.full_like(theirs, position))
    all_rows, all_labels = torch.cat(rows), torch.cat(owners)
    scale = features.new_ones(len(all_rows), 1)
    for start in range(len(labels), len(all_rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        lengths = (features[all_rows[part]] + shifts[all_labels[part]]).norm(dim=1, keepdim=True)
        scale[part] = lengths.clamp_min(torch.finfo(lengths.dtype).tiny).reciprocal()
    return TrainingPool(features, shifts, all_rows, all_labels, scale)


class Batches:
    """Draws shuffled batches of a pool, with the texts' scores of each sample, into buffers allocated once.

    Args:
        pool: what to draw from.
        texts: B, [K, D].
        size: samples per batch.
        extra: how many samples from elsewhere follow in each batch.
        aligned: whether the texts' scores are wanted; if not, `targets` is empty.
        unit_targets: whether those are the scores of the samples at unit length, or as they were made.
    """

    def __init__(
        self, pool: TrainingPool, texts: Tensor, size: int, extra: int, aligned: bool, unit_targets: bool = True
    ) -> None:
        self._pool, self._size, self._unit_targets = pool, size, unit_targets
        concepts = len(texts) if aligned else 0
        self._tables = [(pool.base, pool.shifts)]
        if aligned:
            self._tables.append((pool.base @ texts.T, pool.shifts @ texts.T))  # [N, K] and [C, K]
        self.features = pool.base.new_zeros(size + extra, pool.base.shape[1])
        self.targets = pool.base.new_zeros(size + extra, concepts)
        self._outputs = (self.features, self.targets)[: len(self._tables)]
        self._spare = [pool.base.new_zeros(size, table.shape[1]) for table, _ in self._tables]

    def shuffled(self, stream: torch.Generator) -> Iterator[Tensor]:
        """One epoch: write up to `size` samples into the first rows of the buffers, yield their labels, repeat."""
        pool = self._pool
        order = torch.randperm(len(pool), generator=stream)
        columns = pool.rows[order], pool.labels[order], pool.scale[order]
        for rows, labels, scale in zip(*(torch.split(column, self._size) for column in columns), strict=True):
            for (base, shifts), whole, spare in zip(self._tables, self._outputs, self._spare, strict=True):
                chosen = torch.index_select(base, 0, rows, out=whole[: len(rows)])
                if pool.shifted:
                    chosen.add_(torch.index_select(shifts, 0, labels, out=spare[: len(rows)]))
                    if whole is self.features or self._unit_targets:
                        chosen.mul_(scale)
            yield labels
