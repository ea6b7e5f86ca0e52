"""One image through the tasks: what it was taken for after each, how surely, and what tipped each change.

A change of prediction from a to b has one of two causes. Either b arrived with the task: a new class took the image.
Or b was known already; then logit b - logit a rose, and because that difference is a sum over concepts (see
`contributions`), the concept whose contribution to it rose most is named. A concept that came with the task counts as
having contributed 0 before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.explain.contributions import contrast
from engine.model.probabilities import softmax

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import Concept
    from engine.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Tip:
    """What turned a prediction.

    Attributes:
        from_class, to_class: dataset indices of the class predicted before and after.
        arrived: whether `to_class` came with this task.
        concept: index in this task's bank of the concept whose contribution to `to_class` over `from_class` rose most.
        text: its words, as they came; escape them.
        rise: by how much, in logits.
        new_concept: whether the concept came with this task.
    """

    from_class: int
    to_class: int
    arrived: bool
    concept: int
    text: str
    rise: float
    new_concept: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """The image after one task.

    Attributes:
        task: the task just learnt.
        predicted: dataset index of the predicted class.
        confidence: its probability, 0..1.
        known: whether the true class was learnt by then; False without a true class.
        right: whether the prediction is the true class.
        probability: of the true class, 0..1; NaN where it is not known.
        margin: logit of the true class minus the largest other; NaN where either does not exist.
        tip: what changed the prediction since the task before, or None if it stayed.
    """

    task: int
    predicted: int
    confidence: float
    known: bool
    right: bool
    probability: float
    margin: float
    tip: Tip | None


def story(snapshots: Sequence[Snapshot], features: Tensor, class_id: int | None = None) -> tuple[Moment, ...]:
    """Follow one image.

    Args:
        snapshots: the model after task 0, 1, 2, ...
        features: the image's unit-length embedding [D], or [T, D] where it is another one after each task.
        class_id: dataset index of the true class, or None where nobody knows.
    """
    found: list[Moment] = []
    each = features.expand(len(snapshots), -1)  # [T, D]
    for number, snapshot in enumerate(snapshots):
        logits = snapshot.from_features(each[number][None]).logits[0].double().numpy()  # [C]
        predicted = int(logits.argmax())
        before = snapshots[number - 1] if number else None
        changed = before is not None and found[-1].predicted != snapshot.class_ids[predicted]
        tip = None
        if before is not None and changed:
            tip = tipped(before, snapshot, each[number], found[-1].predicted, each[number - 1])
        found.append(_moment(snapshot, logits, class_id, tip))
    return tuple(found)


def tipped(
    before: Snapshot, after: Snapshot, feature: Tensor, from_class: int, feature_before: Tensor | None = None
) -> Tip:
    """What turned the prediction from `from_class` (dataset index) to what it is `after`.

    Args:
        feature, feature_before: the image's embedding [D] now, and before if it was another one.
    """
    past_feature = feature if feature_before is None else feature_before
    logits = after.from_features(feature[None]).logits[0]
    to_class = after.class_ids[int(logits.argmax())]
    arrived = to_class not in before.class_ids
    now = contrast(after, feature, after.class_ids.index(to_class), after.class_ids.index(from_class)).values
    rise = now.copy()
    if not arrived:
        then = contrast(
            before, past_feature, before.class_ids.index(to_class), before.class_ids.index(from_class)
        ).values
        past = dict(zip(before.bank.concepts, then, strict=True))
        rise -= np.array([past.get(concept, 0.0) for concept in after.bank.concepts])
    top = int(rise.argmax())
    concept: Concept = after.bank.concepts[top]
    return Tip(from_class, to_class, arrived, top, concept.text, float(rise[top]), concept.task == after.task)


def once_right(moments: Sequence[Moment], task: int) -> int | None:
    """The last task before `task` after which the image was right, if it is wrong after `task`; else None."""
    if moments[task].right or not moments[task].known:
        return None
    return next((m.task for m in reversed(moments[:task]) if m.right), None)


def _moment(snapshot: Snapshot, logits: Floats, class_id: int | None, tip: Tip | None) -> Moment:
    chances = softmax(logits)
    predicted = int(logits.argmax())
    known = class_id in snapshot.class_ids
    probability, margin = np.nan, np.nan
    if class_id is not None and known:
        true = snapshot.class_ids.index(class_id)
        probability = float(chances[true])
        margin = float(logits[true] - np.delete(logits, true).max()) if len(logits) > 1 else np.nan
    return Moment(
        task=snapshot.task,
        predicted=snapshot.class_ids[predicted],
        confidence=float(chances[predicted]),
        known=known,
        right=known and snapshot.class_ids[predicted] == class_id,
        probability=probability,
        margin=margin,
        tip=tip,
    )
