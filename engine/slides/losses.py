"""Which task a story is about: the one that lost most."""

from __future__ import annotations

from engine.figures.forgetting import worst
from engine.metrics.accuracy import TaskDrop, until
from engine.metrics.wording import WORTH_SAYING
from engine.session.facts import RunFacts

SPLIT, SETTING = "test", "class_il"
"""What all slides measure on: ordinary test pictures, choosing among all classes seen."""


def loss(facts: RunFacts) -> TaskDrop | None:
    """The task that lost most, or None where none lost a point."""
    found = worst(until(facts.view.accuracy(SPLIT, SETTING), facts.moment))
    return found if found is not None and found.drop >= WORTH_SAYING else None


def told_task(facts: RunFacts) -> int:
    """The task that the story is about: that one, else the first."""
    found = loss(facts)
    return found.task if found else 0
