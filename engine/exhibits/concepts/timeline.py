"""One concept through every task: how well it is known, how it turned, and what it weighs for which class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.exhibits.concepts.story import Story
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.explain import history as past
from engine.figures import timeline as figures
from engine.figures.tables import Table
from engine.metrics.wording import auc

MOST = 12
"""Classes shown in the matrix of weights: those that ever had the largest."""

VALUES = kind(
    "concept-values",
    "concepts",
    Lesson(
        what="How well the model sees this one concept in test pictures, after each task. One line is the AUC: how "
        "often a picture that has the concept scores higher than one that has not. The other is the accuracy: how "
        "often the concept is rightly called present or absent of one picture, at a threshold set anew after each "
        "task. The two can go different ways.",
        why="Classes are decided by concepts. When a concept is seen badly, every class that rests on it is in danger, "
        "long before anybody looks at class accuracy.",
        reading="Near the top is good; the dotted line at 50 % is guessing. The orange piece is the largest fall at "
        "one task, if there was one of 3 points or more. The upright line is the moment you look at.",
        caveats="A few dozen pictures may show the concept, so small steps can be chance. Later points are measured on "
        "more classes than earlier ones, so a line can sink because the pictures became harder. A good score does not "
        "say that the model looks at the right place.",
    ),
    ("concept_auc", "concept_accuracy", "concept_break"),
)
TURNS = kind(
    "concept-turns",
    "concepts",
    Lesson(
        what="Inside the model a concept is a direction. Bars show how far that direction turned while each task was "
        "learnt; the line shows how far it is from where it began.",
        why="A concept keeps its name while its direction moves. If it turns far, the word no longer says what the "
        "model measures.",
        reading="Low bars are calm. A tall bar names the task that changed the concept most. 0 is no turn, 1 is a "
        "right angle: nothing in common with before.",
        caveats="A turn is not harm: the direction may have turned to see the concept better. Compare it with the AUC "
        "beside it.",
    ),
    ("concept_turn", "concept_drift"),
)
WEIGHTS = kind(
    "concept-weights",
    "concepts",
    Lesson(
        what="How much this concept counts for each class, after each task. One row is a class, one column a moment.",
        why="It shows who depends on the concept, and whether later tasks changed what the model makes of it.",
        reading="Blue speaks for the class, orange against it, and stronger colour means more. Follow a row from left "
        "to right: a cell that fades is a class that stopped using the concept. The frame is the moment you look at.",
        caveats="A weight is not an effect: a large weight on a concept that never varies changes no answer. Weights "
        "of two concepts cannot be compared when their scores differ in size. Only the classes with the largest "
        "weights are shown.",
    ),
    ("concept_use",),
)


def values(story: Story, moment: int, split: str) -> Exhibit:
    """AUC and accuracy of a concept that can be judged."""
    known = np.flatnonzero(np.isfinite(story.auc))
    images = SPLITS.get(split, split).lower()
    caption = f"On all test images of the classes seen so far, {images}; orange: the task that broke it"
    if story.marks is not None:
        true, false = story.marks
        caption = f"On the test images that people marked, by now {true} as having it and {false} as not having it"
    return Exhibit(
        VALUES,
        f"“{story.text}” has an AUC of {auc(float(story.auc[known[-1]]))} after task {known[-1] + 1}",
        caption,
        figures.value_lines(story.auc, story.accuracy, story.broke, moment),
        lambda: table(story),
    )


def turns(story: Story, moment: int) -> Exhibit:
    """How far its direction turned."""
    known = np.nan_to_num(story.turn, nan=-1.0)
    most = int(known.argmax())
    told = f"Task {most + 1} turned it most, by {known[most]:.2f}" if known[most] > 0 else "It has not turned"
    return Exhibit(
        TURNS,
        told,
        f"How far the direction of “{story.text}” turned at each task, and since it was learnt",
        figures.turn_bars(story.turn, story.drift, moment, story.broke),
        lambda: table(story),
    )


def weights(story: Story, heads: Sequence[Floats], names: Sequence[str], moment: int) -> Exhibit | None:
    """What it weighs for the classes that ever weighed it most; None where none ever gave it a weight.

    Args:
        heads: after each task, [C_t, K_t].
        names: of the classes in the order of learning.
    """
    every = past.weights_over_time(heads, story.index)
    rows = past.strongest(every, MOST)
    if not len(rows):
        return None
    shown, classes = every[:, rows], [names[i] for i in rows]
    now = heads[moment]
    users = int(past.users(now)[:, story.index].sum()) if story.index < now.shape[1] else 0
    return Exhibit(
        WEIGHTS,
        _told(every[moment], names, users),
        f"Weight of “{story.text}” for the {len(rows)} classes that ever weighed it most, after each task",
        figures.weight_matrix(shown, classes, moment),
        lambda: figures.weights_table(shown, classes),
    )


def table(story: Story) -> Table:
    """All numbers of the concept."""
    return figures.values_table(story.auc, story.accuracy, story.drift, story.turn)


def _told(weights: Floats, names: Sequence[str], users: int) -> str:
    if not np.isfinite(weights).any() or not users:
        return "No class uses it at this moment"
    top = int(np.nanargmax(np.abs(weights)))
    side = "for" if weights[top] > 0 else "against"
    others = f", and {users - 1} more class{'es use' if users > 2 else ' uses'} it" if users > 1 else ""
    weight = float(weights[top])
    return f"It speaks {side} {names[top]} most ({figures.signed(weight, figures.digits(abs(weight)))}){others}"
