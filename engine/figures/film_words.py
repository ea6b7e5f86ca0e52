"""What each panel of a film shows at a moment, in a sentence: the line below its title, and its text for who cannot see
it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.figures.film_cast import Cast
from engine.figures.film_changes import weight_changes
from engine.figures.film_frames import weight_scale
from engine.figures.forgetting import worst
from engine.metrics.accuracy import until
from engine.metrics.attention_shift import NAMES
from engine.metrics.wording import MINUS, loss, percent
from engine.records.events import Watched

if TYPE_CHECKING:
    from engine.figures.film import Footage

_DISPLACEMENT = NAMES.index("displacement")
_WORTH = 0.1
"""A weight that changed by less than this share of the scale is not worth a word."""


def told(footage: Footage, cast: Cast, beats: Sequence[Watched | None], at: int, rows: int) -> dict[str, str]:
    """A sentence for each panel at moment `at`, when `rows` tasks are finished."""
    beat = beats[at]
    before = next((one for one in reversed(beats[:at]) if one is not None), None)
    return {
        "matrix": _matrix(footage, rows),
        "forgetting": loss(worst(until(footage.accuracy, rows - 1))) if rows else "Nothing is learnt yet",
        "weights": _weights(footage, beat, before),
        "attention": _attention(beat),
        "attack": _attack(beat),
    }


def _matrix(footage: Footage, rows: int) -> str:
    if not rows:
        return "It fills in row by row, from the first finished task on"
    count = sum(owner < rows for owner in footage.owner)
    classes = f"{count} class{'' if count == 1 else 'es'}"
    return f"{percent(float(footage.seen[rows - 1]))} right on {classes} of {_tasks(rows)}"


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


def _weights(footage: Footage, beat: Watched | None, before: Watched | None) -> str:
    if beat is None or not beat.arrays["weight"].size:
        return "No concept was looked at here"
    found, changed = beat.arrays, weight_changes(before, beat)
    if changed and changed[0].size >= _WORTH * weight_scale([beat]):
        one = changed[0]
        then, now = _signed(one.before), _signed(one.now)
        return f"“{one.concept}” for {footage.classes[one.position]}: {then}, now {now}"
    k, c = np.unravel_index(int(np.abs(found["weight"]).argmax()), found["weight"].shape)
    return f"“{found['concept'][k]}” weighs most: {_signed(found['weight'][k, c])} for {footage.classes[c]}"


def _signed(value: float) -> str:
    return f"{MINUS if value < 0 else '+'}{abs(value):.2f}"


def _attention(beat: Watched | None) -> str:
    if beat is None or not len(beat.arrays["probe"]):
        return "No picture was looked at here"
    found = beat.arrays
    judged = (found["label"] >= 0) & (found["predicted"] >= 0)
    right = int((found["label"] == found["predicted"])[judged].sum())
    return f"{right} of {int(judged.sum())} pictures are right"


def _attack(beat: Watched | None) -> str:
    if beat is None or not len(beat.arrays["probe"]):
        return "No picture was attacked here"
    found = beat.arrays
    tried = found["attacked"] >= 0
    if not tried.any():
        return "No picture was attacked here"
    far = found["row_shift"][:, _DISPLACEMENT]
    told = f"{int(found['fooled'][tried].sum())} of {int(tried.sum())} pictures fooled"
    if not np.isfinite(far).any() or math.isnan(mean := float(np.nanmean(far))):
        return told
    return f"{told}; attention moves {mean:.1f} patches on average"
