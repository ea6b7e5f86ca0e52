"""What is seen of a run at a beat (see `engine.watching`): the form of every array. No torch here.

A beat comes every so many epochs and after every task, and shows the model of that moment. Axes: P probe pictures,
W watched concepts, C classes seen, g patches a side (0 where there is no map), top contributions, m changed weights.

Of the probes:
    probe [P]                   `val:17` (row of the training split, kept for validation) or `own:` and a digest
    arrived [P]                 the task whose pictures it is of, -1 for a person's own
    reason [P]                  why it is watched (`REASONS`)
    lost [P]                    why it cannot be looked at any more, "" where it can; its numbers are NaN then
    label [P]                   its class, a position in the order of learning, -1 where nobody knows
    aimed [P]                   the class that margin, maps and attack are about: its own, else the one it is taken for
    predicted, attacked [P]     the class it is taken for, clean and under attack; -1 where that is not known
    probability, attacked_probability [P, C]
    margin, attacked_margin [P] logit of `aimed` minus the largest other one
    fooled [P]                  taken for `aimed`, and under attack no longer
    top, part [P, top]          concepts that add most to the logit of `aimed`, by size, and how much (centred reading)
    row_map, text_map, attacked_row_map, attacked_text_map [P, g, g]
                                patch scores of the class `aimed`: of the direction learnt for it, and of its name
    row_shift, text_shift [P, 5]   how far each moved under attack (`engine.metrics.attention_shift.NAMES`)
Of the watched concepts, in the order in which they came to be watched:
    concept, group, born [W], why [W] (`REASONS`)
    alignment, drift [W]        of its row with its text, and since it was learnt
    weight [W, C]               of the head
    accuracy [W]                on test images seen, at the threshold that is best on validation; NaN without truth
Of the head as a whole:
    moved []                    size of its change since the beat before, as a share of its size; NaN at the first
    changed_concept, changed_class, changed_before, changed_now [m]   the weights that changed most since then
Why parts are missing ("" where they are not):
    trouble []                  why nothing was seen at all
    no_map, no_text, no_attack [];  text_fixed []: why the text-guided map of an untouched picture cannot change
    attack []                   the attack in words
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.records.arrays import Array, pack_all, unpack_all
from engine.records.events import RunStarted, Watched
from engine.records.forms import Form, Known, check, flag, index, number, share, text, whole
from engine.structures import Malformed

AFTER = 0
"""In place of an epoch: the task is learnt."""
MOST_PROBES, MOST_CONCEPTS = 200, 100
TOP, CHANGED = 5, 12
"""Contributions kept of a probe, and changed weights of a beat."""
SHIFTS = 5
REASONS = ("typical", "edge", "used", "drifting", "group", "pinned")
_MOST_GRID = 64
MOST_BYTES = 64 * 2**20
"""Of a beat, unpacked."""
_WORDS = 300

_MAP = number("P", "g", "g", nan=True, dtype="f2")
_KNOWN_OR_NOT = number("P", nan=True, dtype="f4")
FORMS: Mapping[str, Form] = {
    "probe": text("P"),
    "arrived": index("tasks", "P", none=True),
    "reason": text("P", among=REASONS),
    "lost": text("P"),
    "label": index("C", "P", none=True),
    "aimed": index("C", "P", none=True),
    "predicted": index("C", "P", none=True),
    "attacked": index("C", "P", none=True),
    "probability": share("P", "C", nan=True, dtype="f2"),
    "attacked_probability": share("P", "C", nan=True, dtype="f2"),
    "margin": _KNOWN_OR_NOT,
    "attacked_margin": _KNOWN_OR_NOT,
    "fooled": flag("P"),
    "top": text("P", "top"),
    "part": number("P", "top", nan=True, dtype="f4"),
    **dict.fromkeys(("row_map", "text_map", "attacked_row_map", "attacked_text_map"), _MAP),
    **dict.fromkeys(("row_shift", "text_shift"), number("P", SHIFTS, nan=True, dtype="f4")),
    "concept": text("W"),
    "group": text("W"),
    "born": whole("W", high="t-1"),
    "why": text("W", among=REASONS),
    "alignment": number("W", low=-1.0, high=1.0, nan=True, dtype="f4"),
    "drift": number("W", low=0.0, high=2.0, nan=True, dtype="f4"),
    "weight": number("W", "C", dtype="f4"),
    "accuracy": share("W", nan=True, dtype="f4"),
    "moved": number(low=0.0, nan=True, dtype="f4"),
    "changed_concept": text("m"),
    "changed_class": index("C", "m"),
    "changed_before": number("m", dtype="f4"),
    "changed_now": number("m", dtype="f4"),
    **dict.fromkeys(("trouble", "no_map", "no_text", "no_attack", "text_fixed", "attack"), text(most=_WORDS)),
}
_FREE = {
    "P": (0, MOST_PROBES),
    "W": (0, MOST_CONCEPTS),
    "g": (0, _MOST_GRID),
    "top": (0, TOP),
    "m": (0, CHANGED),
}


def check_beat(beat: Watched, setup: RunStarted) -> None:
    """Check a beat against what is declared and what the run binds.

    Raises:
        Malformed: it is not what it must be; the message begins with the array's name.
    """
    if beat.task >= len(setup.task_classes):
        raise Malformed(f"task: it is beyond the run's {len(setup.task_classes)} tasks: {beat.task}")
    seen = sum(len(ids) for ids in setup.task_classes[: beat.task + 1])
    sizes = {"C": seen, "t": beat.task + 1, "tasks": len(setup.task_classes)}
    check(beat.arrays, FORMS, Known(sizes, free=_FREE))


def pack_beat(beat: Watched) -> bytes:
    """Its arrays as one .npz file."""
    return pack_all(beat.arrays)


def beat_of(task: int, epoch: int, seconds: float, data: bytes, setup: RunStarted) -> Watched:
    """The beat whose arrays were packed.

    Raises:
        ValueError: they are not what a beat of this run must be.
    """
    arrays: Mapping[str, Array] = unpack_all(data, MOST_BYTES)
    beat = Watched(task, epoch, arrays, seconds)
    check_beat(beat, setup)
    return beat


def moment_of(task: int, epoch: int) -> tuple[int, bool, int]:
    """By which beats are put in order: inside a task by epochs, and the task's end last."""
    return task, epoch == AFTER, epoch


def nothing_seen(classes: int, reason: str) -> dict[str, Array]:
    """The arrays of a beat at which nothing was seen.

    Args:
        classes: how many were learnt.
    """
    sizes = {"C": classes}
    found = {
        name: np.zeros([sizes.get(str(axis), axis if isinstance(axis, int) else 0) for axis in form.axes], _dtype(form))
        for name, form in FORMS.items()
    }
    return {**found, "moved": np.array(np.nan, np.float32), "trouble": np.array(reason[:_WORDS])}


def _dtype(form: Form) -> np.dtype[Any]:
    """A type that an array of this form may have: a form may name a kind, "b" for true or false."""
    return np.dtype({"b": "?"}.get(form.dtype, form.dtype))
