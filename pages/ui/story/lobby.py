"""Before the stage: which stories a run can tell, each one click and one link away."""

from __future__ import annotations

import streamlit as st

from engine.slides import decks
from pages.ui import notices
from pages.ui.context import Context
from pages.ui.story import prepared, stage
from pages.ui.text import safe, title


def show(here: Context, asked: str | None = None, reason: str | None = None) -> None:
    """Draw a card for each deck.

    Args:
        asked, reason: the story that was asked for but that this run cannot tell, and why.
    """
    assert here.view is not None  # the page has checked
    title("Tell its story", "Arrow keys turn the slides, Escape leads back.")
    if asked and reason:
        wanted = f"{decks.deck(asked).title}: not with this run"
        notices.panel(notices.Notice(wanted, reason, "Choose another story below, or another run above"))
    ready = prepared.of(here.view.id, here.moment or 0)
    for row in ([name for name in decks.DECKS if name != decks.ALL], [decks.ALL]):
        for name, column in zip(row, st.columns(len(row)), strict=True):
            with column:
                _card(ready, name)
    _left_out(ready)
    ready.ahead(ready.told(decks.ALL))


def _left_out(ready: prepared.Prepared) -> None:
    """One line for every slide that this run cannot have: why, and what would make it."""
    gaps = decks.missing(decks.ALL, ready.facts)
    if gaps:
        lines = "".join(f"<li><b>{safe(what)}</b>: {safe(why)}</li>" for what, why in gaps.items())
        st.html(f"<div class='sl-gaps'><p>Left out</p><ul>{lines}</ul></div>")


def _card(ready: prepared.Prepared, name: str) -> None:
    deck, told = decks.deck(name), ready.told(name)
    with st.container(border=True, height="stretch", key=f"deck-{name}"):
        left = len(deck.slides) - len(told)
        count = f"{len(told)} slide{'' if len(told) == 1 else 's'}{f', {left} left out' if left else ''}"
        st.html(f"<div class='pl-finding'><h2>{safe(deck.title)}</h2><p>{safe(deck.what)}</p><p>{count}</p></div>")
        st.button(
            "Begin",
            key=f"begin-{name}",
            type="primary" if name != "all" else "secondary",
            icon=":material/slideshow:",
            disabled=not told,
            on_click=stage.begin,
            args=(name,),
        )
