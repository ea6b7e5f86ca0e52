"""What a finished task of a run could choose from, and what the run's rules left out of it. Imports torch."""

from __future__ import annotations

from engine.concepts.bank import ConceptBank
from engine.concepts.rules import Removed
from engine.data.streams import Task
from engine.session.lab import Lab


def candidates(lab: Lab, task: Task) -> ConceptBank:
    """The candidates as the training loop gathered them."""
    return sifted(lab, task)[0]


def sifted(lab: Lab, task: Task) -> tuple[ConceptBank, tuple[Removed, ...]]:
    """The candidates, and what was left out of those listed for the task's classes."""
    if not lab.config.needs_images:
        return lab.gatherer.sifted(task)
    known = len(lab.snapshot(task.id - 1).class_ids) if task.id else 0
    # The task's own model has them as its backbone sees them, where that is another one than before.
    earlier = lab.snapshot(task.id).classes.means[:known] if task.id else None
    return lab.gatherer.sifted(task, lab.fresh(task.id), earlier)
