"""A picture clean and attacked, what was changed, and where the model looks before and after: pictures.

For a slide or a report: `picture(played(Case(lab, moment, subject(lab, first(lab, moment).ref))))`, with `played` from
`scene`, `Case` from `engine.exhibits.case`, `subject` from `engine.session.subjects` and `first` from `choosing`. The
page draws the same pictures for every step of the attack.
"""

from __future__ import annotations

import numpy as np

from engine.exhibits.attack.aims import honest, title
from engine.exhibits.attack.attempt import ANY
from engine.exhibits.attack.scene import DISPLACEMENT, Scene
from engine.exhibits.attack.trace import trace_table
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.attack import LEVELS, as_bytes, limit_of, magnification, magnified
from engine.figures.attack_words import STILL, headline, reach, seen
from engine.figures.heat import data_address, overlay
from engine.figures.look import certainty

_FAR = 1.0
"""Patches from which attention is said to have moved far."""

PICTURE = kind(
    "attacked-picture",
    "attack",
    Lesson(
        what="One picture as the model sees it, the same picture after an attack, and the difference between the two, "
        "made many times stronger so that it shows.",
        why="A small change that was searched for can turn the answer into another one. A model that is only measured "
        "on untouched pictures looks safer than it is.",
        reading="Look at the first two pictures; how visible the change is was measured, and stands above them: the "
        "distance of colours, dE*ab, that 95 % of the pixels stay below if each is enlarged; 2.3 is just noticeable. "
        "Then read what the model takes each one for, and how sure it is. Grey in the third picture is where nothing "
        "was changed.",
        caveats="The attacker here knows the whole model, which most attackers do not. One picture at one strength "
        "says little about others; the tab All pictures counts many.",
    ),
    ("attack_strength",),
)
ATTENTION = kind(
    "attacked-attention",
    "attack",
    Lesson(
        what="Where in the picture the model sees what is asked for, before the attack and under it, and how the two "
        "differ.",
        why="An attack may change the answer by moving the model's gaze away from what the picture shows. A "
        "defended model should look at the same place in both pictures.",
        reading="Blue speaks for what is asked for, orange against it. All three pictures share one scale, so "
        "their colours can be compared. In the third, blue is more than before and orange less; where it is pale, "
        "attention has moved little.",
        caveats="The map has one value for each patch of the picture and is drawn smoothly, so its edges are not "
        "exact. Some maps are sums that add up to the score, others only hint at it; the line below says which.",
    ),
    ("heat_map", "shift_displacement"),
)


def picture(scene: Scene) -> Exhibit:
    """The clean picture, the attacked one, and what was changed."""
    clean, attacked = (scene.course.image(step) for step in (0, scene.course.shown))
    factor = magnification(scene.largest(scene.course.shown) / LEVELS)
    plates = (
        Plate(data_address(as_bytes(clean)), "Clean", said(scene, 0)),
        Plate(data_address(as_bytes(attacked)), "Attacked", said(scene, scene.course.shown)),
        Plate(data_address(magnified(clean, attacked, factor)), "What was changed", f"{factor} times stronger"),
    )
    return Exhibit(PICTURE, headline(scene.deed), allowed(scene), plates, lambda: trace_table(scene))


def attention(scene: Scene) -> Exhibit | None:
    """The map clean, attacked, and the difference of the two; None where there is no map."""
    if scene.seen is None or scene.sought is None or scene.chosen is None:
        return None
    steps = (0, scene.course.shown)
    clean, attacked = (scene.seen.at(step) for step in steps)
    before, after = (as_bytes(scene.course.image(step)) for step in steps)
    limit = limit_of(scene.seen.maps[[scene.seen.steps.index(step) for step in steps]])
    scale = f"scale ±{limit:.2g}"
    change = overlay(after, attacked - clean, limit)
    plates = (
        Plate(data_address(overlay(before, clean, limit)), "Attention, clean", said(scene, 0)),
        Plate(data_address(overlay(after, attacked, limit)), "Attention, attacked", said(scene, steps[1])),
        Plate(data_address(change), "Difference", f"blue: more, orange: less; {scale}"),
    )
    words = scene.sought.aim.words
    note = f"Where “{words}” is seen, by {title(scene.chosen.name).lower()}. "
    note += honest(scene.case, scene.chosen, scene.sought.aim).rstrip(".")
    note += f". All three pictures share one {scale}"
    return Exhibit(ATTENTION, moved(scene), note, plates, lambda: trace_table(scene))


def moved(scene: Scene) -> str:
    """How far attention moved, in words; nothing where there is no map."""
    shift = scene.shift(scene.course.shown)
    if shift is None or scene.sought is None:
        return ""
    far = ("hardly moved", "moved", "moved far")[int(np.digitize(shift[DISPLACEMENT], (STILL, _FAR)))]
    return f"Attention to “{scene.sought.aim.words}” {far}"


def said(scene: Scene, step: int) -> str:
    """What the model takes the picture for at a step."""
    name, sure = scene.says(step)
    return f"taken for {name} ({certainty(sure)})"


def allowed(scene: Scene) -> str:
    """What the attack was allowed and against what it worked, in one line without its full stop."""
    return f"{reach(scene.attempt.eps, scene.attempt.norm)}. {beside(scene)}"


def beside(scene: Scene) -> str:
    """What a headline leaves open: how visible the change is, and what the attacker wanted where it is not usual."""
    visible = seen(scene.deed.visible)
    usual = scene.attempt.kind == ANY and scene.case.true is not None
    return visible if usual else f"{visible}. {scene.wish}"
