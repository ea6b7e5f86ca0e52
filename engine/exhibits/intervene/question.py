"""What a policy would ask next about an image, and what a person would truly answer."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from engine.exhibits.intervene.patient import Patient
from engine.interventions.acts import ABSENT, PRESENT, Act, Acts, Outcome
from engine.interventions.base import POLICIES, Ints, State
from engine.interventions.curves import noise_of

FIRST_POLICY = "coop"
"""The policy that asks where nobody has chosen one."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to ask.

    Attributes:
        unit: the concepts that one answer sets.
        sure: how sure the model is by now that it is there, 0..1.
    """

    unit: Ints
    sure: float

    def answer(self, present: bool) -> Acts:
        """The acts that an answer amounts to."""
        return tuple(Act(int(k), PRESENT if present else ABSENT) for k in self.unit)


def suggestion(patient: Patient, policy: str, found: Outcome, truth: str | None) -> Suggestion | None:
    """The most urgent unit none of whose concepts was set, or None if there is none left.

    Args:
        found: what was done so far.
        truth: the truth that a policy which looks at answers may look at (see `Patient.truths`), or None.
    """
    chosen, bed = POLICIES.get(policy)(), patient.bed
    judged = patient.known if chosen.needs_truth else np.ones(len(patient.known), np.bool_)
    units = tuple(unit for unit in bed.units if not found.acted[unit].any() and judged[unit].all())
    if not units:
        return None
    facts = None if truth is None else np.array([[patient.truths[truth][unit[0]] for unit in units]])
    label = None if patient.label is None else np.array([patient.label])
    noise = noise_of((1, len(bed.units)), zlib.crc32(patient.subject.ref.encode()))[:, -len(units) :]
    state = State(found.after[None], bed.head, bed.levels, units, noise, facts, label)
    best = int(chosen.urgency(state)[0].argmax())
    return Suggestion(units[best], float(state.present[0, best]))


def true_answer(patient: Patient, asked: Suggestion, truth: str) -> bool | None:
    """What a person who knows this truth says, or None where nobody knows.

    Args:
        truth: `PICTURE` or `CLASS`.
    """
    known = truth in patient.truths and bool(patient.known[asked.unit[0]])
    return bool(patient.truths[truth][asked.unit[0]]) if known else None
