"""The stage: one slide as large as the window, and the keys that lead through the deck."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.exhibit import Exhibit
from engine.figures.plates import alt
from engine.figures.stage import staged
from engine.slides import decks
from engine.slides.base import SLIDES, Slide
from engine.store.view import RunView
from pages.ui import address, notices, panels
from pages.ui.context import DECK, SLIDE, Context
from pages.ui.story import full, live, prepared, presenter, words
from pages.ui.story.prepared import Prepared
from pages.ui.text import safe

NOTES = "notes"
"""Key in the address."""
_LARGER = 1.4
"""How much larger letters are in a large window."""
LEAVING = "story-leaving"
"""Session flag: the reader has asked for the dashboard."""


def show(here: Context, view: RunView, deck: str) -> None:
    """Draw the slide that the address names."""
    ready = prepared.of(view.id, here.moment or 0)
    names = ready.told(deck)
    name = _chosen(deck, names)
    at = names.index(name)
    notes = address.value(NOTES) is not None
    with st.container(key="stage", gap="small"):
        large, tools = _head(deck, notes)
        slide = None
        with notices.caught():
            slide = _draw(ready, name, large)
            if notes:
                words.show(ready, deck, names, slide)
        with tools:
            presenter.tools(names, at, slide)
        _foot(names, at)
    address.settle(NOTES, "yes" if notes else None)
    ready.ahead((*names[at:], *names[:at]))


def _chosen(deck: str, names: tuple[str, ...]) -> str:
    """The slide that is asked for, else the first; says so when a link names one that is not there."""
    asked = address.value(SLIDE)
    if asked is not None and asked not in names and not _of_another_story(deck, asked):
        known = f"this story of this run has {', '.join(names)}"
        notices.add(notices.Notice(f"slide {asked[:80]}", known, "Here is the first one instead"))
        address.settle(SLIDE, names[0])
        st.rerun()
    name = asked if asked in names else names[0]
    address.settle(SLIDE, name)
    return str(name)


def _of_another_story(deck: str, name: str) -> bool:
    """Whether a slide is left over from the story that was told before."""
    return name in SLIDES.names() and name not in decks.deck(deck).slides


def _slide(ready: Prepared, name: str, line: DeltaGenerator) -> Slide:
    """The slide as it stands: as it was made, or with what was tried on it."""
    if not ready.ready(name):
        line.html(f"<h1 class='sl-sentence sl-waiting'>{safe(SLIDES.title(name))}</h1>")
    return live.now(ready.get(name), ready, line)


def _draw(ready: Prepared, name: str, large: bool) -> Slide:
    with st.container(key="stage-said", gap="small"):
        line = st.empty()
        slide = _slide(ready, name, line)
        line.html(f"<h1 class='sl-sentence'>{safe(slide.sentence)}</h1>")
        live.controls(slide)
    with st.container(key="stage-body", height="stretch", horizontal=True, gap="medium"):
        if slide.beside is not None:
            source, told = safe(slide.beside.src), safe(alt(slide.beside))
            st.html(f"<figure class='sl-beside'><img src='{source}' alt='{told}'></figure>")
        if slide.exhibit is not None:
            panels.draw(_large(slide.exhibit, large), f"slide-{name}", tall=True)
    if slide.small:
        st.html(f"<p class='sl-small'>{safe(slide.small)}</p>")
    return slide


def _large(exhibit: Exhibit, large: bool) -> Exhibit:
    """The exhibit with larger letters; pictures are as large as they fit anyway."""
    if not hasattr(exhibit.figure, "add_trace"):
        return exhibit
    return replace(exhibit, figure=staged(exhibit.figure, _LARGER if large else 1.0))


def _head(deck: str, notes: bool) -> tuple[bool, DeltaGenerator]:
    """What is told, and the ways out; returns whether the window is a large one, and where the presenter's tools go."""
    with st.container(horizontal=True, vertical_alignment="center", key="stage-head", gap="small"):
        st.html(f"<p class='sl-deck'>{safe(decks.deck(deck).title)}</p>")
        tools = st.container(key="stage-tools")
        st.button("Notes", key="stage-notes", shortcut="N", type="tertiary", on_click=_toggle, args=(notes,))
        large = full.button()
        st.button("Leave", key="stage-leave", shortcut="Escape", type="tertiary", on_click=leave)
    return large, tools


def _foot(names: tuple[str, ...], at: int) -> None:
    """Back, a dot for each slide, next; Home and End lead to the first and the last."""
    with st.container(horizontal=True, vertical_alignment="center", key="stage-foot", gap="small"):
        _step("Back", "Left", names, at - 1)
        with st.container(horizontal=True, key="stage-dots", gap=None):
            for number, name in enumerate(names):
                key = {0: "Home", len(names) - 1: "End"}.get(number) if len(names) > 1 else None
                now = " (now)" if number == at else ""
                said = f"Slide {number + 1} of {len(names)}: {SLIDES.title(name)}{now}"
                st.button(
                    said,
                    key=f"dot-{number}",
                    type="primary" if number == at else "secondary",
                    shortcut=key,
                    on_click=go,
                    args=(name,),
                )
        _step("Next", "Right", names, at + 1)


def _step(label: str, shortcut: str, names: tuple[str, ...], to: int) -> None:
    possible = 0 <= to < len(names)
    st.button(
        label,
        key=f"stage-{label.lower()}",
        shortcut=shortcut,
        disabled=not possible,
        on_click=go,
        args=(names[to] if possible else "",),
    )


def begin(deck: str) -> None:
    """Tell a story from its first slide; callback."""
    address.choose(DECK, deck)
    address.choose(SLIDE, None)
    live.reset()


def go(name: str) -> None:
    """Show a slide from now on, untried; callback."""
    address.choose(SLIDE, name)
    live.reset()


def leave() -> None:
    """Back to the dashboard; callback. The page sees to it, because a callback cannot change the page."""
    for key in (DECK, SLIDE, NOTES):
        address.choose(key, None)
    live.reset()
    st.session_state[LEAVING] = True


def _toggle(shown: bool) -> None:
    address.choose(NOTES, None if shown else "yes")
