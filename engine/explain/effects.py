"""What an attribute really does: the same picture drawn twice, one attribute apart, and the model asked about both.

An edit changes one attribute of one bird and nothing else, so the difference of the model's two answers is the causal
effect of that change on that bird (Goyal et al. 2019, "Explaining classifiers with causal concept effect"). Means over
many birds estimate the effect of the attribute; their standard errors are taken over birds.

Logits have no zero of their own: adding the same number to all of them changes no probability. Effects are therefore
measured on the *evidence* for a class, its logit minus the mean logit of all classes, in units of the logit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints

NONE_LEFT = -1
"""In place of a value where an attribute has only one."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits of single attributes, one row each; E rows.

    Attributes:
        bird: row of the bird in its split.
        label: position of its species in the order of learning.
        attribute: which attribute was changed.
        old, new: its codes before and after.
        before, after: predicted positions.
        sure_before, sure_after: probabilities of those predictions, 0..1.
        own: change of the evidence for the bird's own species.
        predicted: change of the evidence for what was predicted before.
        through: the part of `own` that went through the concepts of the attribute's own group; 0 without concepts.
        claimed: what the weights say `own` should have been (see `engine.explain.claims`); NaN where they cannot.
        visible: share of the picture's pixels that changed visibly, 0..1.
    """

    bird: Ints
    label: Ints
    attribute: Ints
    old: Ints
    new: Ints
    before: Ints
    after: Ints
    sure_before: Floats
    sure_after: Floats
    own: Floats
    predicted: Floats
    through: Floats
    claimed: Floats
    visible: Floats

    def __len__(self) -> int:
        return len(self.bird)

    @property
    def flipped(self) -> Bools:
        """Whether the prediction changed, [E]."""
        return np.asarray(self.before != self.after)

    def where(self, mask: Bools | Ints) -> Self:
        """Some of the rows, by a mask [E] or by their indices in the wanted order."""
        return type(self)(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """One array a column, for storage."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """As `to_arrays` gave them; other names are left alone."""
        return cls(**{f.name: np.asarray(arrays[f.name]) for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class Means:
    """Means over groups of edits.

    Attributes:
        mean: [G, ...]; NaN where a group is empty.
        error: standard error of the mean, [G, ...]; NaN below two members.
        count: members of each group, [G].
    """

    mean: Floats
    error: Floats
    count: Ints

    @property
    def total(self) -> Floats:
        """Sums over the groups, [G, ...]; 0 for an empty one."""
        return np.nan_to_num(self.mean) * self.count.reshape(-1, *(1,) * (self.mean.ndim - 1))


def plan(codes: Ints, sizes: Ints, rng: np.random.Generator, each: int = 1) -> tuple[Ints, Ints, Ints]:
    """Which edits to make: every attribute of every bird, `each` times to different other values.

    Values are dealt out like cards, not drawn: among the birds that share an old value every other value turns up
    equally often, so that no value's effect rests on a handful of birds.

    Args:
        codes: [B, A], the birds' attributes.
        sizes: [A], how many values each attribute has.
        each: edits of an attribute of a bird; at most the number of other values.

    Returns:
        bird [E], attribute [E] and new code [E], bird by bird.
    """
    birds, attributes = codes.shape
    new = np.full((birds, attributes, each), NONE_LEFT, np.int64)
    for a in range(attributes):
        for old in range(int(sizes[a])):
            rows = rng.permutation(np.flatnonzero(codes[:, a] == old))
            others = rng.permutation(np.delete(np.arange(sizes[a]), old))
            for turn in range(min(each, len(others))):
                new[rows, a, turn] = others[(np.arange(len(rows)) + turn) % len(others)]
    made = new != NONE_LEFT
    bird, attribute, _ = np.nonzero(made)
    return bird, attribute, new[made]


def evidence(logits: Floats) -> Floats:
    """Logits [..., C] minus their mean over the classes: what a softmax sees of them."""
    wide = np.asarray(logits, np.float64)
    found: Floats = wide - wide.mean(-1, keepdims=True)
    return found


def grouped(values: Floats, group: Ints, groups: int) -> Means:
    """Mean and standard error of `values` [E, ...] over the members of each group [E]."""
    wide = np.asarray(values, np.float64)
    count = np.bincount(group, minlength=groups)
    shape = (groups, *(1,) * (wide.ndim - 1))
    n = count.reshape(shape).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = _sums(wide, group, groups) / n  # [G, ...]
        centred = wide - mean[group]
        error = np.sqrt(_sums(centred**2, group, groups) / (n - 1) / n)
    error[count < 2] = np.nan
    return Means(mean, error, count)


def per_attribute(values: Floats, edits: Edits, attributes: int) -> Means:
    """Mean over the edits of each attribute, [A]; give `edits.flipped` for the share of flips."""
    return grouped(values, edits.attribute, attributes)


def per_class(values: Floats, edits: Edits, attributes: int, classes: int) -> Means:
    """Mean over the edits of each attribute on each species' own birds, [A, C]."""
    found = grouped(values, edits.attribute * classes + edits.label, attributes * classes)
    shape = (attributes, classes)
    return Means(found.mean.reshape(shape), found.error.reshape(shape), found.count.reshape(shape))


def visible_change(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], least: int = 24) -> float:
    """Share of pixels of which a channel changed by at least `least` of 255 levels; pictures [S, S, 3]."""
    apart = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(-1)
    return float((apart >= least).mean())


def _sums(values: Floats, group: Ints, groups: int) -> Floats:
    total = np.zeros((groups, *values.shape[1:]))
    np.add.at(total, group, values)
    return total
