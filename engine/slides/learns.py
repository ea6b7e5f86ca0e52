"""What a task brings: its classes, and the marks by which the model knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.explain.wording import an, definition
from engine.figures.telling import counted
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker, pictures
from engine.slides.losses import told_task
from engine.slides.shots import plates

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot

_MOST, _MARKS = 6, 2
_ASKED = 8
"""Clauses of a class's definition among which marks are looked for."""


@SLIDES.register
class Learns(SlideMaker):
    """What it learns.

    The task that lost most later on, else the first: its classes, each with the two concepts that speak for it most in
    the model as it was when the task had just been learnt.
    """

    place: ClassVar[int] = 20
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs concepts."""
        if facts.view.concept_metrics(facts.moment) is None:
            return "its method learns no concepts, so it has no marks to show"
        return None

    def make(self, facts: RunFacts) -> Slide:
        """Marks that a class is known to lack are left out: they are hard to see."""
        view, task = facts.view, told_task(facts)
        snapshot = facts.lab.snapshot(task)
        ids = view.task_classes[task]
        marks = [_marks(snapshot, snapshot.class_ids.index(i)) for i in ids]
        names = [view.class_names[i] for i in ids]
        known = max(range(len(ids)), key=lambda at: (len(marks[at]), -at))
        sentence = f"Task {task + 1} brings {counted(facts.view, len(ids))}."
        if marks[known]:
            quoted = " and ".join(f"“{words}”" for words in marks[known])
            sentence = f"It learns marks with names: {an(names[known])} is known by {quoted}."
        shown = [", ".join(words) or "no mark of its own" for words in marks]
        return Slide(
            sentence,
            pictures(plates(facts, ids[:_MOST], names[:_MOST], shown[:_MOST]), sentence),
            (
                f"These are the {len(ids)} classes of task {task + 1}, each with the marks that speak for it most.",
                "Nobody drew these marks into the pictures by hand for the model. It found words that fit, out of a "
                "list, and kept those that help.",
            ),
            f"The concepts with the largest say for each class, after task {task + 1}.",
        )


def _marks(snapshot: Snapshot, position: int) -> list[str]:
    """What speaks for a class by being there, one wording of each fact."""
    found: dict[object, str] = {}
    for clause in definition(snapshot, position, _ASKED):
        fact = snapshot.bank.concepts[clause.concept].truth
        if not clause.negated:
            found.setdefault(clause.text if fact is None else fact, clause.text)
    return list(found.values())[:_MARKS]
