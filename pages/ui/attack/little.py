"""The smallest strength at which the attack gets what it wants, searched for when asked; and signs to mistrust it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import PlumageError
from engine.exhibits.attack.attempt import EPS, Attempt, declared_by, objective
from engine.exhibits.attack.scene import Scene
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Lesson
from pages.ui import address, notices
from pages.ui.attack import course
from pages.ui.attack.shelf import kept
from pages.ui.panels import panel
from pages.ui.text import safe
from pages.ui.waiting import waited

if TYPE_CHECKING:
    from engine.attacks.smallest import Search

LITTLE = "little"
"""Key in the address: whether the search is asked for."""
_MOST = 16.0
"""Strength at which the search begins, in 255ths: a change that everybody sees. An l2 strength counts all pixels
together, so there the attack's own limit is taken."""
_PATIENCE = 0.5
"""Seconds after which the search shows how far it is."""
_TERMS = ("attack_strength",)
_LESSON = Lesson(
    what="The smallest strength at which this attack gets what it wants with this picture.",
    why="One strength says only fooled or not. The smallest one says how close the picture stands to another answer.",
    reading="Small numbers are easily fooled. The button attacks with just that much.",
    caveats="It is an upper bound: a better attack may need less. One picture says little about others.",
)


def show(scene: Scene) -> None:
    """The answer, or the button that asks for it."""
    limit = limit_of(scene.attempt)
    note = "The smallest strength at which this attack gets what it wants, found by halving"
    if address.value(LITTLE) is None:
        with panel("little", "How little is enough?", note, None, _TERMS, _LESSON):
            st.button(
                "Find out",
                key="little-find",
                icon=":material/straighten:",
                on_click=address.choose,
                args=(LITTLE, "yes"),
                help=f"Tries strengths up to {limit:g} of 255. Takes about a second.",
            )
        return
    address.settle(LITTLE, "yes")
    slot = st.empty()
    try:
        eps = smallest_of(scene.case, scene.attempt, slot)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return
    with panel("little", told(eps, limit), note, None, _TERMS, _LESSON):
        if 0 < eps < math.inf:
            st.button(
                f"Attack with {eps:g} of 255",
                key="little-use",
                icon=":material/bolt:",
                on_click=address.choose,
                args=(EPS, f"{eps:g}"),
            )


def told(eps: float, limit: float) -> str:
    """The finding in words.

    Args:
        eps: what was found; 0 where no attack is needed, infinite where none succeeds.
        limit: the strength that was tried at most.
    """
    if eps == 0:
        return "No attack is needed: it is so without one"
    if math.isinf(eps):
        return f"Even {limit:g} of 255 levels is not enough"
    return f"{eps:g} of 255 levels is enough"


def limit_of(attempt: Attempt) -> float:
    """The strength at which the search begins."""
    high = float(declared_by(attempt.attack)[EPS].high or _MOST)
    return min(_MOST, high) if attempt.norm == "linf" else high


def smallest_of(case: Case, attempt: Attempt, slot: DeltaGenerator | None = None) -> float:
    """The smallest strength that was found to succeed, in 255ths, searched once; 0 and infinite as in `told`.

    Raises:
        PlumageError: the attack is not possible here.
    """
    asked = replace(attempt, eps=limit_of(attempt))
    return kept(("little", *course.key(case, asked)), lambda: _search(case, asked, slot))


def _search(case: Case, attempt: Attempt, slot: DeltaGenerator | None) -> float:
    from engine.attacks.smallest import smallest

    lab = case.lab
    images = lab.tensor(case.subject.pixels[None])
    search = smallest(attempt.build(), lab.victim(case.moment), images, objective(case, attempt), lab.config.seed)
    found = waited(search, slot, lambda now: (_share(now), f"Trying {now.eps:g} of 255"), _PATIENCE)
    return float(found.eps[0])


def _share(now: Search) -> float:
    return (now.round + now.step / max(now.steps, 1)) / (now.rounds + 1)


def warnings(scene: Scene) -> None:
    """Signs that the attack failed for want of gradients, where they fire."""
    from engine.attacks.base import ATTACKS
    from engine.attacks.warnings import flat, rising

    if not ATTACKS.get(scene.attempt.attack).white_box:
        return
    fired = [s for s in (flat(scene.course.trace.flat.tolist()), rising(scene.course.loss.tolist())) if s.fired]
    for sign in fired:
        st.html(f"<p class='at-warning' role='alert'><b>Mistrust this attack.</b> {safe(sign.sentence)}</p>")
