"""Why an image was forgotten: bottleneck drift, head drift, or new classes. Exact, by swapping stored parts.

Take an image that was right after an old task and is wrong after a new one. Its margin is the logit of its true class
minus the largest other. Three parts of the model changed in between, and each can be put back by itself:

    bottleneck   rows of the concepts known then are the old ones; rows of newer concepts have no old form and stay
    head         weights and biases of the classes known then are the old ones, with weight 0 for newer concepts;
                 classes that came later have no old form and keep their row. What passes by the concepts counts here
    classes      the choice is among the classes known then, or among all

With everything old the margin is the old model's, with everything new the new model's. What a part does depends on the
order in which the parts are swapped; the Shapley value, the mean over the six orders, favours none and adds up exactly:

    bottleneck + head + classes = margin now - margin then

(Shapley, "A value for n-person games", 1953.) A negative value is harm. A part may also have helped; then its share of
the loss is below 0 and the others add up to more than 1.

Concepts are matched by identity, not by place, and classes by their dataset index. So a bank that is no extension of
the old one works: a concept that is gone keeps its old row and counts only with the old head. Methods whose rows are no
concepts (nearest class mean: one row a class) are divided in the same way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.errors import NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import Concept, ConceptBank
    from engine.model.snapshot import Snapshot


PARTS = ("bottleneck drift", "head drift", "new-class competition")
"""What the last axis of every result means."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """N images, each margin's change divided among the three parts.

    Attributes:
        corners: float64 [N, 2, 2, 2], the margin with each part old (0) or new (1): bottleneck, head, classes.
        values: float64 [N, 3], the change of the margin each part made, in logits; negative is harm.
    """

    corners: Floats
    values: Floats

    @property
    def before(self) -> Floats:
        """The margin then, [N]; above 0 where the image was right."""
        return self.corners[:, 0, 0, 0]

    @property
    def after(self) -> Floats:
        """The margin now, [N]."""
        return self.corners[:, 1, 1, 1]

    @property
    def forgotten(self) -> Bools:
        """Right then and wrong now, [N]."""
        found: Bools = (self.before > 0) & (self.after <= 0)
        return found

    @property
    def shares(self) -> Floats:
        """Share of the lost margin each part took, [N, 3]; rows add up to 1. NaN where nothing was lost."""
        lost = self.before - self.after
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(lost[:, None] > 0, -self.values / lost[:, None], np.nan)

    @property
    def restored(self) -> Bools:
        """Whether putting back this part alone makes the image right now, [N, 3]."""
        one_old = (self.corners[:, 0, 1, 1], self.corners[:, 1, 0, 1], self.corners[:, 1, 1, 0])
        found: Bools = np.stack(one_old, axis=1) > 0
        return found


@dataclass(frozen=True, slots=True)
class Forgotten:
    """All forgotten images of some set together.

    Attributes:
        images: how many were right then.
        lost: how many of these are wrong now.
        shares: [3], share of the summed lost margin each part took; adds up to 1. NaN where none was lost.
        restored: [3], share of the lost images that putting back this part alone makes right; these may overlap.
        largest: [3], of how many lost images each part took the largest share.
        before, after: mean margin of the lost images then and now.
    """

    images: int
    lost: int
    shares: Floats
    restored: Floats
    largest: Ints
    before: float
    after: float


def attribute(old: Snapshot, new: Snapshot, features: Tensor, labels: Tensor | Ints) -> Attribution:
    """Divide the change of every image's margin.

    Args:
        old, new: the model then and now.
        features: unit-length embeddings [N, D].
        labels: true classes [N] as positions in `new.class_ids`; each must be known to `old`.

    Raises:
        NotApplicable: a class is not known to `old`, or `old` knows one class only and had nothing to choose from.
    """
    places = _places(old, new)
    truth = np.asarray(labels, np.int64)
    _check(places, truth, new)
    bank = _Union(old.bank, new.bank)
    heads = _old_head(old, new, bank, places), bank.columns_of_new(_array(new.head))  # [C, U] each
    rest = _beside(old, new, features, places)
    x = _array(features)
    scores = x @ bank.rows(old, new, keep_old=True).T, x @ bank.rows(old, new, keep_old=False).T  # [N, U] each
    corners = np.empty((len(x), 2, 2, 2))
    for e, s in enumerate(scores):
        for w, (head, beside) in enumerate(zip(heads, rest, strict=True)):
            logits = s @ head.T + beside  # [N, C]
            corners[:, e, w, 0] = _margins(logits, truth, places)
            corners[:, e, w, 1] = _margins(logits, truth, np.arange(logits.shape[1]))
    return Attribution(corners, shapley(corners))


def shapley(corners: Floats) -> Floats:
    """Shapley values [N, 3] of a game of three players given on all eight coalitions, [N, 2, 2, 2]."""
    values = []
    for part in range(3):
        v = np.moveaxis(corners, part + 1, 1)  # [N, 2, 2, 2], this part first
        gain = v[:, 1] - v[:, 0]  # [N, 2, 2] by what the other two are
        values.append(gain[:, 0, 0] / 3 + (gain[:, 0, 1] + gain[:, 1, 0]) / 6 + gain[:, 1, 1] / 3)
    return np.stack(values, axis=1)


def together(found: Attribution) -> Forgotten:
    """Sum up the forgotten images among those attributed."""
    was_right, lost = int((found.before > 0).sum()), found.forgotten
    count = int(lost.sum())
    if not count:
        unknown = np.full(3, np.nan)
        return Forgotten(was_right, 0, unknown, unknown, np.zeros(3, np.int64), np.nan, np.nan)
    values = found.values[lost]
    drop = float((found.before - found.after)[lost].sum())
    return Forgotten(
        was_right,
        count,
        -values.sum(0) / drop,
        found.restored[lost].mean(0),
        np.bincount(values.argmin(1), minlength=3).astype(np.int64),
        float(found.before[lost].mean()),
        float(found.after[lost].mean()),
    )


class _Union:
    """The concepts of both banks: the new bank's in its order, then those that are gone."""

    def __init__(self, old: ConceptBank, new: ConceptBank) -> None:
        names = _numbered(new.concepts)
        at = {name: place for place, name in enumerate(names)}
        gone = [name for name in _numbered(old.concepts) if name not in at]
        at |= {name: len(names) + i for i, name in enumerate(gone)}
        self._new = len(names)
        self.size = len(at)
        self.old_places = np.array([at[name] for name in _numbered(old.concepts)], np.int64)  # [K_old]

    def rows(self, old: Snapshot, new: Snapshot, keep_old: bool) -> Floats:
        """A bottleneck of all concepts, [U, D]: the new rows, or the old ones where there are."""
        rows = np.zeros((self.size, new.bottleneck.shape[1]))
        rows[self.old_places] = _array(old.bottleneck)
        fresh = _array(new.bottleneck)
        if keep_old:
            later = np.setdiff1d(np.arange(self._new), self.old_places)
            rows[later] = fresh[later]
        else:
            rows[: self._new] = fresh
        return rows

    def columns_of_new(self, head: Floats) -> Floats:
        """The new head [C, K_new] with weight 0 for concepts that are gone, [C, U]."""
        return np.pad(head, ((0, 0), (0, self.size - self._new)))

    def columns_of_old(self, head: Floats) -> Floats:
        """The old head [C_old, K_old] with weight 0 for later concepts, [C_old, U]."""
        wide = np.zeros((len(head), self.size))
        wide[:, self.old_places] = head
        return wide


def _numbered(concepts: tuple[Concept, ...]) -> list[tuple[Concept, int]]:
    """Concepts with a number that tells apart equal ones."""
    seen: Counter[Concept] = Counter()
    named = []
    for concept in concepts:
        named.append((concept, seen[concept]))
        seen[concept] += 1
    return named


def _old_head(old: Snapshot, new: Snapshot, bank: _Union, places: Ints) -> Floats:
    """The new head with the rows of the classes known then put back, [C, U]."""
    return _swapped(bank.columns_of_new(_array(new.head)), bank.columns_of_old(_array(old.head)), places)


def _beside(old: Snapshot, new: Snapshot, features: Tensor, places: Ints) -> tuple[Floats, Floats]:
    """What is no concept's of the logits, then and now, [N, C] each: biases, and what side channels add."""
    then, now = (_array(model.bias + model.beside(features)) for model in (old, new))
    return _swapped(now.T, then.T, places).T, now


def _swapped(values: Floats, old: Floats, places: Ints) -> Floats:
    swapped = values.copy()
    swapped[places] = old
    return swapped


def _places(old: Snapshot, new: Snapshot) -> Ints:
    """Positions in the new model of the classes known then, in the old order, [C_old]."""
    at = {class_id: position for position, class_id in enumerate(new.class_ids)}
    gone = [c for c in old.class_ids if c not in at]
    if gone:
        raise NotApplicable("these two models", f"class {gone[0]} is known to the older only", "Compare one run")
    return np.array([at[c] for c in old.class_ids], np.int64)


def _check(places: Ints, truth: Ints, new: Snapshot) -> None:
    if len(places) < 2:
        raise NotApplicable("the older model", "it knew one class and had nothing to choose from", "Take a later task")
    unknown = np.setdiff1d(truth, places)
    if len(unknown):
        which = new.class_ids[int(unknown[0])]
        raise NotApplicable(f"class {which}", "the older model did not know it", "Take a later task")


def _margins(logits: Floats, truth: Ints, among: Ints) -> Floats:
    """True logit minus the largest other among some classes, [N]."""
    rows = np.arange(len(logits))
    rivals = logits.copy()
    rivals[rows, truth] = -np.inf
    margins: Floats = logits[rows, truth] - rivals[:, among].max(1)
    return margins


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().cpu().double().numpy()
    return array
