"""The main panel: the picture clean and attacked, what was changed, and where the model looks, step by step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.exhibits.attack import attacked
from engine.exhibits.attack.scene import DISPLACEMENT, Scene
from engine.exhibits.attack.trace import trace_table
from engine.figures.attack import Plates, plates
from engine.figures.attack_tasks import MOVED
from engine.figures.look import DROP, ORDINARY, certainty
from engine.figures.tables import cell
from pages.ui import address
from pages.ui.attack import course, reel
from pages.ui.attack.shelf import kept
from pages.ui.panels import panel

STEP = "step"
"""Key in the address: the step that is looked at."""
_LAST = "attention-last"
"""Session: the attack shown last; the step of another one means nothing for this one."""


def step_of(scene: Scene) -> int:
    """The step that is looked at: the address's, else the one shown first."""
    now = course.key(scene.case, scene.attempt)
    if st.session_state.setdefault(_LAST, now) != now:
        st.session_state[_LAST] = now
        address.choose(STEP, None)
    asked, shown = address.value(STEP), scene.course.shown
    step = int(asked) if asked and asked.isdecimal() and int(asked) in scene.steps else shown
    address.settle(STEP, step, default=shown)
    if step == shown:
        address.choose(STEP, None)
    return step


def show(scene: Scene) -> None:
    """Draw the panel."""
    step = step_of(scene)
    lesson = attacked.PICTURE.lesson
    terms, name = ("heat_map", "margin", *attacked.PICTURE.terms), attacked.PICTURE.name
    with panel("film", "Step by step", "", lambda: trace_table(scene), terms, lesson, name):
        reel.draw("reel", data(scene, step), lambda at: address.choose(STEP, at))


def data(scene: Scene, step: int) -> dict[str, Any]:
    """What the reel shows."""
    drawn = kept((*course.through(scene), "plates"), lambda: _plates(scene))
    return {
        "name": str(hash(course.through(scene))),
        "steps": list(scene.steps),
        "last": scene.course.last,
        "at": scene.steps.index(step),
        "says": [_says(scene, s) for s in scene.steps],
        "plates": _titled(scene, drawn),
        "curves": curves(scene),
    }


def _plates(scene: Scene) -> Plates:
    found = scene.course
    images = found.pixels[[found.steps.index(s) for s in scene.steps]]
    return plates(images, None if scene.seen is None else scene.seen.maps)


def _titled(scene: Scene, drawn: Plates) -> list[dict[str, object]]:
    """The pictures with their words: first row the image, second row the attention."""
    clean = [drawn.pictures[0]]
    found: list[tuple[str, str, str, tuple[str, ...] | list[str]]] = [
        ("Clean", "", "the picture before the attack", clean),
        ("Attacked", "", "the picture under attack", drawn.pictures),
        (
            "What was changed",
            f"×\N{NO-BREAK SPACE}{drawn.factor}",
            "the change, magnified; grey is nothing",
            drawn.changes,
        ),
    ]
    if scene.seen is not None and scene.sought is not None:
        sign = "±" if scene.seen.maps.min() < 0 else "0 to"
        words = f"where “{scene.sought.aim.words}” is seen"
        found += [
            ("Attention, clean", f"{sign} {drawn.limit:.2g}", f"{words} before the attack", [drawn.attention[0]]),
            ("Attention, attacked", "same scale", f"{words} under attack", drawn.attention),
            ("Difference", "same scale", "blue: more than before, orange: less", drawn.differences),
        ]
    return [{"title": t, "note": n, "alt": a, "raw": f is drawn.changes, "frames": list(f)} for t, n, a, f in found]


def _says(scene: Scene, step: int) -> str:
    name, sure = scene.says(step)
    mark = " Got what it wants." if step and scene.course.won[step] else ""
    return f"taken for {name} ({certainty(sure)}).{mark}"


def curves(scene: Scene) -> list[dict[str, object]]:
    """Loss and margin at every step, and how far the attention moved where there is a map."""
    every = list(range(scene.course.last + 1))
    found = [
        ("Attacker's gain (loss)", ORDINARY, every, scene.course.loss, False, ""),
        (
            "Lead of its class (margin)" if scene.case.true is not None else "Lead of the answer (margin)",
            DROP,
            every,
            scene.course.margins,
            True,
            "",
        ),
    ]
    if scene.shifts is not None:
        moved = scene.shifts[:, DISPLACEMENT]
        found.append(("Attention moved", MOVED, list(scene.steps), moved, True, " patches"))
    return [
        {
            "name": name,
            "told": f"{name}: from {float(y[0]):.2f} to {float(y[-1]):.2f}",
            "colour": colour,
            "x": x,
            "y": [cell(v) for v in y],
            "zero": zero,
            "unit": unit,
            "digits": 2,
        }
        for name, colour, x, y, zero, unit in found
    ]
