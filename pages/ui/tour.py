"""A guided tour: one plain sentence and one thing to try on each page. Offered once, never forced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from engine.home import home
from pages.ui import address
from pages.ui.context import Context
from pages.ui.text import safe

_STEP, _OVER = "tour-step", "tour-over"
"""Session: the step the reader is at, from 0; and whether the tour was ended or declined."""
_OUTLINE = "outline: 3px solid #3f8f78; outline-offset: 5px; border-radius: 6px"
_DECLINED = "tour-declined"
"""File in the home folder that says: do not offer it again."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A page of the tour.

    Attributes:
        page: its path in the address.
        title: as in the menu.
        look: what to look at.
        do: what to try.
        mark: key of the element that it speaks of, which is outlined while the reader is at this stop.
    """

    page: str
    title: str
    look: str
    do: str
    mark: str


STOPS = (
    Stop(
        "run",
        "Run",
        "One screen for the whole run: what it knows, what it forgets, its weights, where it looks, and all of that "
        "under attack.",
        "Press Play below it, and stop where a line falls.",
        "screen",
    ),
    Stop(
        "tasks",
        "Tasks",
        "Read a column of the matrix downwards: a number that falls is forgetting.",
        "Click the cell that fell most.",
        "panel-cells",
    ),
    Stop(
        "concepts",
        "Concepts",
        "These are the words the model decides with. Some change their meaning when new tasks arrive.",
        "Open a concept and see which pictures show it most.",
        "concept-controls",
    ),
    Stop(
        "picture",
        "Picture",
        "The bars are the decision itself: blue speaks for the answer, orange against it. A person who sees that a "
        "concept is wrong can say so, and the model decides again.",
        "Tell it the true answer, and watch its own change.",
        "give-answer",
    ),
    Stop(
        "repair",
        "Repair",
        "The model leans on where birds stand. Here its weights can be changed, and you see what that puts right and "
        "what it breaks.",
        "Take the repair that is offered.",
        "panel-model-repairs",
    ),
    Stop(
        "attack",
        "Attack",
        "A small change of pixels can turn the answer into another one.",
        "Press Play and watch the answer turn.",
        "panel-film",
    ),
    Stop(
        "story",
        "Story",
        "All of this as slides, made from your run, to show to others.",
        "Begin “Forgetting in 60 seconds”.",
        "deck-forgetting",
    ),
)


def offer(here: Context) -> None:
    """The tour, or never again. Silent without a finished task, and where it was answered before."""
    if here.moment is None or _STEP in st.session_state or st.session_state.get(_OVER) or _declined():
        return
    with st.container(horizontal=True, vertical_alignment="center", key="tour-offer", gap="medium"):
        st.html("<p class='to-words'><b>New here?</b></p>")
        if st.button("Show me around", key="tour-start", type="primary"):
            _go(STOPS, 0)
        st.button("No, thanks", key="tour-no", type="tertiary", on_click=_decline)


def bar(here: Context) -> None:
    """At the top of each page while the tour is on; on Home the offer, until it is answered."""
    if address.at_home():
        offer(here)
    if here.view is None or _STEP not in st.session_state:
        return
    every = STOPS
    at = next((i for i, stop in enumerate(every) if stop.page == address.page()), None)
    waits = min(int(st.session_state[_STEP]), len(every) - 1)
    st.session_state[_STEP] = waits if at is None else at
    with st.container(horizontal=True, vertical_alignment="center", key="tour", gap="small"):
        st.html(_words(every, at, waits))
        if at is not None:
            st.html(f"<style>.st-key-{every[at].mark} {{ {_OUTLINE} }}</style>")
        if at is None:
            _button("Continue", every, waits, "primary")
        else:
            _button("Back", every, at - 1, "secondary")
            _button("Next", every, at + 1, "primary")
        st.button("End", key="tour-end", type="tertiary", on_click=_end)


def restart(here: Context) -> None:
    """A quiet button that begins the tour again; nothing while it is on, or where there is nothing to see."""
    if here.moment is None or _STEP in st.session_state:
        return
    if st.button("Take the tour", key="tour-again", type="tertiary", icon=":material/signpost:"):
        _go(STOPS, 0)


def _words(every: tuple[Stop, ...], at: int | None, waits: int) -> str:
    if at is None:
        stop = every[waits]
        return (
            f"<p class='to-words'>Your tour waits at step {waits + 1} of {len(every)}: <b>{safe(stop.title)}</b>.</p>"
        )
    stop = every[at]
    return (
        f"<p class='to-words'><b>Step {at + 1} of {len(every)}: {safe(stop.title)}.</b> {safe(stop.look)} "
        f"<span>Try it: {safe(stop.do)}</span></p>"
    )


def _button(label: str, every: tuple[Stop, ...], to: int, kind: Literal["primary", "secondary"]) -> None:
    possible = 0 <= to < len(every)
    if st.button(label, key=f"tour-{label.lower()}", type=kind, disabled=not possible) and possible:
        _go(every, to)


def _go(every: tuple[Stop, ...], to: int) -> None:
    st.session_state[_STEP] = to
    st.switch_page(f"pages/{every[to].page}.py")


def _end() -> None:
    st.session_state.pop(_STEP, None)
    st.session_state[_OVER] = True


def _decline() -> None:
    _end()
    try:
        (home() / _DECLINED).touch()
    except OSError:  # a home that cannot be written to: this session remembers
        return


def _declined() -> bool:
    return (home() / _DECLINED).exists()
