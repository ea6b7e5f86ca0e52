"""One concept through the finished tasks, as measured, and what is to be said of it. No torch, no models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Floats
from engine.exhibits.concepts.listing import UNJUDGED
from engine.explain import history as past
from engine.explain.history import Break
from engine.metrics.wording import points
from engine.store.reader import ConceptMetrics


@dataclass(frozen=True)
class Story:
    """One concept through the finished tasks, T of them.

    Attributes:
        index, text, group, born: which it is, and the task that brought it.
        listed_for: the class whose list it came from, or nothing.
        auc, accuracy, drift, turn, alignment: [T]; NaN before it was learnt or where unknown. The turn is known
            only with the models: `turned`.
        broke: the task that broke it, or None.
        judged: whether anybody knows the truth of it; `has_truth`: of any concept.
    """

    index: int
    text: str
    group: str
    born: int
    listed_for: str
    auc: Floats
    accuracy: Floats
    drift: Floats
    turn: Floats
    alignment: Floats
    broke: Break | None
    judged: bool
    has_truth: bool


def read(known: Sequence[ConceptMetrics], class_names: Sequence[str], concept: int, split: str) -> Story:
    """Everything measured of one concept.

    Args:
        known: the concepts after each finished task.
        class_names: by the dataset's index.
    """
    now = known[-1]
    auc = past.series([then.auc[split] for then in known], concept)
    class_id = now.class_id[concept]
    return Story(
        index=concept,
        text=now.text[concept],
        group=now.group[concept],
        born=now.born[concept],
        listed_for=class_names[class_id] if 0 <= class_id < len(class_names) else "",
        auc=auc,
        accuracy=past.series([then.accuracy[split] for then in known], concept),
        drift=past.series([then.drift for then in known], concept),
        turn=np.full(len(known), np.nan),
        alignment=past.series([then.alignment for then in known], concept),
        broke=past.broken_by(auc),
        judged=bool(np.isfinite(auc).any()),
        has_truth=bool(np.isfinite(now.auc[split]).any()),
    )


def turned(story: Story, rows: Sequence[Floats | None]) -> Story:
    """The same with its turns.

    Args:
        rows: the concept's direction [D] after each task, None before it was learnt.
    """
    return replace(story, turn=past.turns(rows))


def telling(known: Sequence[ConceptMetrics], split: str) -> int:
    """The concept that a task broke worst: of those that have not recovered, else of all that were broken; where none
    was, the one that turned furthest."""
    rows = [then.auc[split] for then in known]
    broken = past.lasting(rows) or past.breaks(rows)
    return max(broken, key=lambda k: broken[k].fall) if broken else int(np.argmax(known[-1].drift))


def headline(story: Story) -> str:
    """The task that broke it, or that none did, or why that cannot be said."""
    name = f"“{story.text}”"
    if story.broke is not None:
        return f"Task {story.broke.task + 1} broke {name}: its AUC fell by {points(story.broke.fall, 0)}"
    if story.judged:
        return f"No task broke {name}"
    return f"{name} has turned by {story.drift[-1]:.2f} since it was learnt"


def note(story: Story) -> str:
    """Where it comes from, and what the headline does not say."""
    about = f"Group {story.group.replace('_', ' ')}" if story.group else "In no group"
    source = f" from the list of {story.listed_for}" if story.listed_for else ""
    told = f"{about}; brought by task {story.born + 1}{source}."
    if story.broke is not None:
        now = float(story.auc[-1])
        again = story.broke.is_made_good(now)
        return f"{told} It {'has recovered' if again else 'has not recovered'}: its AUC is {now:.2f} now."
    if story.judged:
        return f"{told} Its AUC never fell by {points(past.BROKE, 0)} or more at once."
    if story.has_truth:
        return f"{told} It cannot be judged ({UNJUDGED}), so nobody can say which task broke it."
    return f"{told} These images come without concept truth, so accuracy, AUC and the task that broke it are unknown."


def absence(story: Story) -> str:
    """Why there is no accuracy."""
    if story.has_truth:
        return f"Absent because this concept cannot be judged: it is {UNJUDGED}."
    return "Absent because these images come without concept truth. The Aviary's birds have it."
