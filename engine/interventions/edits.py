"""Edits of a model: small, named changes that can be written down, undone, and replayed on a later model.

An edit names concepts by their text and classes by the dataset's index, never by a position: positions move as the
model grows. Applied to a model that has no such concept or class yet, it does nothing and says so (`skipped`).

Setting and pruning weights is what Yuksekgonul et al., "Post-hoc Concept Bottleneck Models", ICLR 2023, do to a trained
head. The repairs, which change the bottleneck's rows too, are in `engine.interventions.repair`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from engine.errors import BadInput
from engine.interventions.edit import (
    CHECKED,
    ClassId,
    ClassIds,
    Edit,
    Name,
    filled,
    for_whom,
    kind,
    named,
    of_group,
    signed,
    with_text,
)
from engine.model.snapshot import Snapshot

MOST_WEIGHT = 1e4
"""No weight may be set further from zero: far beyond any trained one, and its logits stay finite."""
Weight = Annotated[float, Field(ge=-MOST_WEIGHT, le=MOST_WEIGHT)]


@kind("set_weight")
@dataclass(frozen=True, config=CHECKED)
class SetWeight(Edit):
    """One weight of the head gets a value.

    Attributes:
        concept: the concept's text; every row with this text is meant.
        class_id: dataset index of the class.
        value: the new weight.
    """

    concept: Name
    class_id: ClassId
    value: Weight

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`."""
        return filled(snapshot, with_text(snapshot, self.concept), (self.class_id,), self.value)

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        return f"“{self.concept}” weighs {signed(self.value)} for {named(self.class_id, class_names)}"


@kind("prune")
@dataclass(frozen=True, config=CHECKED)
class Prune(Edit):
    """A concept no longer counts: its weights become 0.

    Attributes:
        concept: the concept's text.
        class_ids: for these classes only; all, also those still to come, if empty.
    """

    concept: Name
    class_ids: ClassIds = ()

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`."""
        return filled(snapshot, with_text(snapshot, self.concept), self.class_ids, 0.0)

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        return f"“{self.concept}” no longer counts{for_whom(self.class_ids, class_names)}"


@kind("prune_group")
@dataclass(frozen=True, config=CHECKED)
class PruneGroup(Edit):
    """No concept of a group counts any more.

    Attributes:
        group: the group's name, for example `"habitat"`.
        class_ids: for these classes only; all if empty.
        rescale: bring what is left of each class's weights back to its old length, as post-hoc CBMs may.
    """

    group: Name
    class_ids: ClassIds = ()
    rescale: bool = False

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`."""
        pruned = filled(snapshot, of_group(snapshot, self.group), self.class_ids, 0.0)
        if pruned is None or not self.rescale:
            return pruned
        return dataclasses.replace(pruned, head=rescaled(pruned.head, snapshot.head))

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        rest = ", the rest scaled back to its old strength" if self.rescale else ""
        return f"Nothing about {self.group} counts{for_whom(self.class_ids, class_names)}{rest}"


@kind("fit_to_fix")
@dataclass(frozen=True, config=CHECKED)
class FitToFix(Edit):
    """Two weights of one concept change together, so that one wrong image turns right; made by `fix`.

    Attributes:
        concept: the concept's text.
        true_id, predicted_id: dataset indices of the class it is and of the class it was taken for.
        true_value, predicted_value: their new weights.
    """

    earlier_images = True

    concept: Name
    true_id: ClassId
    true_value: Weight
    predicted_id: ClassId
    predicted_value: Weight

    @property
    def changes(self) -> tuple[SetWeight, SetWeight]:
        """The two changes of a weight it consists of."""
        return (
            SetWeight(self.concept, self.true_id, self.true_value),
            SetWeight(self.concept, self.predicted_id, self.predicted_value),
        )

    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """See `Edit`; both changes or none."""
        first, second = self.changes
        half = first.applied(snapshot)
        return second.applied(half) if half else None

    def words(self, class_names: Sequence[str]) -> str:
        """See `Edit`."""
        true, predicted = (named(c, class_names) for c in (self.true_id, self.predicted_id))
        values = f"{signed(self.true_value)} for {true}, {signed(self.predicted_value)} for {predicted}"
        return f"A {true} taken for {predicted} fixed through “{self.concept}”: {values}"


# -- what they do to a model -------------------------------------------------------------------------------------------


def apply(snapshot: Snapshot, edits: Sequence[Edit]) -> Snapshot:
    """The model after all `edits` in their order; without any, the very snapshot given.

    Edits that find nothing to change are passed over; `skipped` lists them.

    Raises:
        NotApplicable: a repair needs what this model does not keep.
    """
    for edit in edits:
        snapshot = edit.applied(snapshot) or snapshot
    return snapshot


def skipped(snapshot: Snapshot, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Those of `edits` whose concept, group or class this model does not have (yet)."""
    return tuple(edit for edit in edits if edit.applied(snapshot) is None)


def rescaled(head: Tensor, before: Tensor) -> Tensor:
    """`head` [C, K] with each row at the length it had in `before` [C, K]; rows that are zero stay zero."""
    length = head.norm(dim=1, keepdim=True)  # [C, 1]
    return torch.where(length > 0, head * (before.norm(dim=1, keepdim=True) / length.clamp_min(1e-30)), head)


def fix(snapshot: Snapshot, feature: Tensor, true: int, concept: str) -> FitToFix:
    """The two weights that turn one wrong image right: Label-free CBM's rule (Oikarinen et al., ICLR 2023).

    With the concept's score s, delta = (logit_predicted - logit_true + MARGIN) / s / 2 is added to the true class's
    weight and taken from the predicted one's, so that the true class ends MARGIN above it. Where several rows have the
    concept's text, their common new weight has the same effect.

    Args:
        feature: the image's embedding, [D].
        true: position of its true class in `snapshot.class_ids`.

    Raises:
        BadInput: the image is right already, the model has no such concept, or its score on the image is (nearly) 0.
    """
    output = snapshot.from_features(feature[None])
    logits, rows = output.logits[0], with_text(snapshot, concept)
    predicted = int(logits.argmax())
    if predicted == true:
        raise BadInput("the image to fix", "the model is right about it already", "Choose one it gets wrong")
    scores = output.scores[0, rows]  # [rows with this text]
    strength = float(scores.sum())
    if abs(strength) < _FAINT:
        raise BadInput(
            f"concept “{concept}”", "it says nothing about this image, so no weight of it can help", "Choose another"
        )
    half = (float(logits[predicted] - logits[true]) + MARGIN) / 2

    def changed(position: int, amount: float) -> float:
        return (float(scores @ snapshot.head[position, rows]) + amount) / strength

    ids = snapshot.class_ids
    return FitToFix(concept, ids[true], changed(true, half), ids[predicted], changed(predicted, -half))


MARGIN = 0.2
"""How far above the predicted class the true one ends, in logits, as published."""
_FAINT = 1e-4


def describe(edit: Edit, class_names: Sequence[str]) -> str:
    """What an edit does, for people; not escaped."""
    return edit.words(class_names)
