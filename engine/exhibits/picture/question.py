"""What a policy would ask next about an image, and what a person would truly answer."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from engine.array_types import Ints
from engine.exhibits.picture.instance import Instance
from engine.interventions.acts import ABSENT, PRESENT, Act, Acts, ImageOutcome
from engine.interventions.base import POLICIES, State
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


def suggestion(instance: Instance, policy: str, found: ImageOutcome, truth: str | None) -> Suggestion | None:
    """The most urgent unit none of whose concepts was set, or None if there is none left.

    Args:
        found: what was done so far.
        truth: the truth that a policy which looks at answers may look at (see `Instance.truths`), or None.
    """
    chosen, setup = POLICIES.get(policy)(), instance.setup
    judged = instance.known if chosen.needs_truth else np.ones(len(instance.known), np.bool_)
    units = tuple(unit for unit in setup.units if not found.acted[unit].any() and judged[unit].all())
    if not units:
        return None
    facts = None if truth is None else np.array([[instance.truths[truth][unit[0]] for unit in units]])
    label = None if instance.label is None else np.array([instance.label])
    noise = noise_of((1, len(setup.units)), zlib.crc32(instance.subject.ref.encode()))[:, -len(units) :]
    state = State(found.after[None], instance.head, setup.levels, units, noise, facts, label)
    best = int(chosen.urgency(state)[0].argmax())
    return Suggestion(units[best], float(state.present[0, best]))


def true_answer(instance: Instance, asked: Suggestion, truth: str) -> bool | None:
    """What a person who knows this truth says, or None where nobody knows.

    Args:
        truth: `PICTURE` or `CLASS`.
    """
    known = truth in instance.truths and bool(instance.known[asked.unit[0]])
    return bool(instance.truths[truth][asked.unit[0]]) if known else None
