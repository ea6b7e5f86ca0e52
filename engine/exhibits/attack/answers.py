"""How likely the model finds the classes of one picture before an attack and under it."""

from __future__ import annotations

import numpy as np

from engine.exhibits.attack.scene import Scene
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.odds import ATTACKED, TRUE, WANTED, odds
from engine.figures.tables import Table, cell

ANSWERS = kind(
    "attack-answers",
    "attack",
    Lesson(
        what="The classes that the model finds likeliest for one picture, each with its probability before the attack "
        "and under it.",
        why="Whether a model is fooled is one word; how sure it was and is tells how near it came.",
        reading="Look whether the longest bar changes its class. “True” marks the class of the picture, “wanted” the "
        "one that the attacker asked for.",
        caveats="The probability is the model's own opinion of itself. Under attack it is often surer of a wrong class "
        "than it ever was of the right one.",
    ),
    ("attack_strength",),
)


def exhibit(scene: Scene) -> Exhibit:
    """The likeliest classes before and under attack."""
    case, (before, after) = scene.case, scene.probabilities[[0, scene.course.shown]]
    wanted = case.names.index(scene.deed.wanted) if scene.deed.wanted else None
    marked = {TRUE: case.true, WANTED: wanted}
    return Exhibit(
        ANSWERS,
        "It changed its mind" if fooled(scene) else "It kept its answer",
        f"Probabilities among {len(case.names)} classes, before and under attack",
        odds(case.names, before, after, marked, ATTACKED),
        lambda: table(scene),
    )


def fooled(scene: Scene) -> bool:
    """Whether the answer is another one."""
    return scene.answers[0] != scene.answers[scene.course.shown]


def table(scene: Scene) -> Table:
    """Every class."""
    both = scene.probabilities[[0, scene.course.shown]]
    order = np.argsort(-both.max(0), kind="stable").tolist()
    return {
        "class": [scene.case.names[c] for c in order],
        "before": [cell(both[0, c], 6) for c in order],
        "attacked": [cell(both[1, c], 6) for c in order],
        "logit before": [cell(scene.course.logits[0, c]) for c in order],
        "logit attacked": [cell(scene.course.logits[scene.course.shown, c]) for c in order],
    }
