"""What is measured after a task (see `engine.training.evaluate`): the form of every array. No torch here.

Axes: t tasks up to now, C classes seen, K concepts, N test images of a split up to now,
new classes of the task.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.metrics.calibration import BINS
from engine.records.forms import Form, index, number, share, text, whole

MOST_CONCEPTS = 100_000
"""More than any model has; each becomes a text of its own in memory."""

_SHARES = share("t", nan=True, dtype="f")
_SHARE = share(nan=True, dtype="f")
OF_SPLIT: Mapping[str, Form] = {
    "class_il": _SHARES,
    "task_il": _SHARES,
    "concept_matrix": _SHARES,
    "ece": _SHARE,
    "reliability": number(3, BINS, low=0.0, nan=True, dtype="f"),
    "before": _SHARE,
    "zero_shot_class_il": _SHARE,
    "zero_shot_task_il": _SHARE,
    "concept_accuracy": share("K", nan=True, dtype="f"),
    "concept_auc": share("K", nan=True, dtype="f"),
    "confusion": whole("C", "C"),
    "image": index("images", "N", dtype="i4"),
    "label": index("C", "N", dtype="i2"),
    "predicted": index("C", "N", dtype="i2"),
    "probability": share("N", dtype="f2"),
    "past_concepts_share": _SHARE,
    "past_concepts_margin": _SHARE,
}
OF_MODEL: Mapping[str, Form] = {
    "nec": number(low=0.0, high=math.inf, nan=True, dtype="f"),
    "drift": number("K", low=0.0, high=2.0, nan=True, dtype="f"),
    "alignment": number("K", low=-1.0, high=1.0, nan=True, dtype="f"),
    "text": text("K"),
    "group": text("K"),
    "born": whole("K", high="t-1"),
    "class_id": index("classes", "K", none=True),
}
"""By name: of a split, and of the model itself."""

NEAREST = "nearest"
"""Of each new class the row of the training picture nearest to its mean; runs of an older Plumage have none."""
PARAMETERS, STORED = "parameters", "stored"
"""How many numbers the model answers from, and how many it keeps (`engine.model.size`); runs of an older Plumage have
neither."""
VALIDATION = "validation"
"""Share of validation images that are right: what settings and methods may be chosen by; runs of an older Plumage have
none."""
_LATER: Mapping[str, Form] = {
    NEAREST: whole("new", dtype="i4"),
    PARAMETERS: whole(),
    STORED: whole(),
    VALIDATION: _SHARE,
}
"""Of the model itself, measured since later versions; each may be missing."""


def forms(split: str) -> Mapping[str, Form]:
    """What is measured of a split, or of the model itself (`""`)."""
    return OF_SPLIT if split else {**OF_MODEL, **_LATER}


ALWAYS = ("class_il", "task_il", "confusion")
"""Measured on every split after every task, by every method."""
OUTCOMES = ("image", "label", "predicted", "probability")
"""Measured on every split since outcomes of single images are kept: all or none of them."""
OF_SIDE = ("past_concepts_share", "past_concepts_margin")
"""Measured on every split where the model has a side channel."""
OF_CONCEPTS = ("concept_matrix", "concept_accuracy", "concept_auc")
"""Measured on every split where the model's rows are concepts."""
