"""Which picture to attack where nobody has chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.session.lab import Lab

_BEGIN = 0.375
"""Where among the images of the first task that the model gets right, ordered by margin, to begin: it is sure of that
one, and at the default strength it is fooled as most are."""
RULE = (
    "of the first task's test images that the model gets right, ordered by how sure it is, the one three eighths of "
    "the way up"
)


def first(lab: Lab, moment: int, class_id: int | None = None) -> str:
    """Name of the picture to begin with, as `engine.session.subjects` reads it; see `RULE`.

    Args:
        class_id: look among images of this class, whichever its task.
    """
    rows = right(lab, moment, class_id, of_first_task=class_id is None)
    return f"test:{rows[int(_BEGIN * len(rows))]}"


def right(lab: Lab, moment: int, class_id: int | None = None, of_first_task: bool = False) -> list[int]:
    """Rows of test images that the model gets right, by their margin; all, where it gets none.

    Args:
        of_first_task: only those whose class every model of the run knows.
    """
    sample = lab.sample("test", moment)
    labels = sample.labels.numpy()
    kept = lab.predicted("test", moment) == labels
    if class_id is not None:
        own = labels == lab.stream.class_order.index(class_id)
        kept = kept & own if (kept & own).any() else own
    early = kept & (lab.stream.task_of_position[labels] == 0) if of_first_task else kept
    kept = early if early.any() else kept
    at = np.flatnonzero(kept if kept.any() else np.ones(len(labels), np.bool_))
    top = lab.snapshot(moment).from_features(sample.features[at]).logits.sort(1, descending=True).values
    lead = (top[:, 0] - top[:, 1]).numpy() if top.shape[1] > 1 else np.zeros(len(at))
    rows: list[int] = sample.rows[at[np.argsort(lead, kind="stable")]].tolist()
    return rows
