"""What the audience tries on a slide: answers that put a mistake right, an attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.figures.look import certainty
from engine.slides.base import Slide
from engine.slides.live import Cure, Prey
from engine.steps import finish
from pages.ui import address
from pages.ui.story.prepared import Prepared
from pages.ui.text import safe

if TYPE_CHECKING:
    from engine.slides.fool import AttackStep

TRIED = "tried"
"""Key in the address: how many answers were given, or that the attack was run."""
_KEY = "T"
"""The key that tries it."""


def now(slide: Slide, ready: Prepared, line: DeltaGenerator) -> Slide:
    """The slide as it stands after what was tried.

    Args:
        line: where the slide's sentence goes; says how an attack is going.

    Raises:
        PlumageError: what was tried is not possible here.
    """
    tried = _tried(slide)
    address.settle(TRIED, tried, default=0)
    if not tried or slide.live is None:
        return slide
    if isinstance(slide.live, Cure):
        from engine.slides.fix import after

        return after(ready.facts, slide.live, tried)
    return _attacked(slide.live, ready, line)


def controls(slide: Slide) -> None:
    """The button that tries it, and the one that takes it back."""
    tried, way = _tried(slide), slide.live
    if way is None:
        return
    with st.container(horizontal=True, key="stage-try", gap="small"):
        if isinstance(way, Cure) and tried < len(way.answers):
            answer = way.answers[tried]
            said = "it is there" if answer.there else "it is not there"
            st.button(f"Tell it: {said}", key="try", type="primary", shortcut=_KEY, on_click=_try, args=(tried + 1,))
        elif isinstance(way, Prey) and not tried:
            st.button("Attack it", key="try", type="primary", shortcut=_KEY, on_click=_try, args=(1,))
        if tried:
            st.button("Take it back", key="untry", shortcut=_KEY, on_click=reset)


def reset() -> None:
    """Nothing was tried; callback."""
    address.choose(TRIED, None)


def _tried(slide: Slide) -> int:
    asked = address.value(TRIED) or ""
    most = len(slide.live.answers) if isinstance(slide.live, Cure) else 0 if slide.live is None else 1
    return min(int(asked), most) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0


def _try(times: int) -> None:
    address.choose(TRIED, times)


def _step(step: AttackStep) -> str:
    told = f"Step {step.step} of {step.steps}: {safe(step.said)}, {certainty(step.sure)} sure"
    return f"<h1 class='sl-sentence sl-step'>{told}</h1>"


def _attacked(prey: Prey, ready: Prepared, line: DeltaGenerator) -> Slide:
    """Run the attack, or take up the one that was run before, and say how it went."""
    from engine.slides.defended import twin_of
    from engine.slides.fool import after, attacking, target

    own = prey.run == ready.facts.view.id
    if prey not in ready.tried:
        facts = ready.facts if own else twin_of(ready.facts, prey.run)
        ready.tried[prey] = finish(attacking(target(facts, prey.ref)), lambda step: line.html(_step(step)))
    return after(ready.tried[prey], prey, "It" if own else "Its defended twin")
