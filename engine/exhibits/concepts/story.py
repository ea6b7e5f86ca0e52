"""One concept through the finished tasks, as measured, and what is to be said of it. No torch, no models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Floats
from engine.exhibits.concepts.judged import LEAST, SPLIT, Judged, interval
from engine.exhibits.concepts.listing import UNJUDGED
from engine.explain import history as past
from engine.explain.history import Break
from engine.metrics import wording
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
        marks: pictures marked as having it and as not having it by now, by which its AUC is where the data do not say
            what their images show; None where they do, and where nothing is marked.
        intervals: the 95 % interval of such an AUC after each task, in words.
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
    marks: tuple[int, int] | None = None
    intervals: tuple[str, ...] = ()


def read(
    known: Sequence[ConceptMetrics],
    class_names: Sequence[str],
    concept: int,
    split: str,
    judged: Sequence[Judged] = (),
) -> Story:
    """Everything measured of one concept.

    Args:
        known: the concepts after each finished task.
        class_names: by the dataset's index.
        judged: the same by marks on test images, where there are any (`engine.exhibits.concepts.judged.through`).
    """
    now, by_marks = known[-1], bool(judged) and split == SPLIT
    auc = past.series([one.auc for one in judged] if by_marks else [then.auc[split] for then in known], concept)
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
        broke=None if by_marks else past.broken_by(auc),
        judged=bool(np.isfinite(auc).any()),
        has_truth=bool(np.isfinite(now.auc[split]).any()),
        marks=(int(judged[-1].true[concept]), int(judged[-1].false[concept])) if by_marks else None,
        intervals=tuple(interval(one, concept) if concept < len(one.auc) else "" for one in judged if by_marks),
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
    if story.judged and story.marks is not None:
        return f"{name} has an AUC of {wording.auc(_last(story))}, by what people marked"
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
    if story.judged and story.marks is not None:
        return f"{told} Marks are of too few images to say which task broke it."
    if story.judged:
        return f"{told} Its AUC never fell by {points(past.BROKE, 0)} or more at once."
    if story.has_truth:
        return f"{told} It cannot be judged ({UNJUDGED}), so nobody can say which task broke it."
    return f"{told} These images come without concept truth, so accuracy, AUC and the task that broke it are unknown."


def absence(story: Story) -> str:
    """Why there is no accuracy."""
    if story.has_truth:
        return f"Absent because this concept cannot be judged: it is {UNJUDGED}."
    if story.marks is not None:
        true, false = story.marks
        rule = f"takes {LEAST} test images marked as having it and {LEAST} as not having it"
        return f"Absent because an AUC by marks {rule}: {true} and {false} are."
    return "Absent because these images come without concept truth."


def _last(story: Story) -> float:
    """The newest AUC that is known."""
    return float(story.auc[np.isfinite(story.auc)][-1])
