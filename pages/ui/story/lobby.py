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
    title("Tell its story", "Slides made from this run, one finding each. Arrow keys turn them, Escape leads back.")
    if asked and reason:
        wanted = f"{decks.deck(asked).title}: not with this run"
        notices.panel(notices.Notice(wanted, reason, "Choose another story below, or another run above"))
    ready = prepared.of(here.view.id, here.moment or 0)
    for row in ([name for name in decks.DECKS if name != decks.ALL], [decks.ALL]):
        for name, column in zip(row, st.columns(len(row)), strict=True):
            with column:
                _card(ready, name)
    ready.ahead(ready.told("all"))


def _card(ready: prepared.Prepared, name: str) -> None:
    deck, told, gaps = decks.deck(name), ready.told(name), decks.missing(name, ready.facts)
    with st.container(border=True, height="stretch", key=f"deck-{name}"):
        left_out = f" Left out: {'; '.join(f'{what} ({why})' for what, why in gaps.items())}." if gaps else ""
        count = f"{len(told)} slide{'' if len(told) == 1 else 's'}."
        st.html(
            f"<div class='pl-finding'><h2>{safe(deck.title)}</h2><p>{safe(deck.what)}</p>"
            f"<p>{count}{safe(left_out)}</p></div>"
        )
        st.button(
            "Begin",
            key=f"begin-{name}",
            type="primary" if name != "all" else "secondary",
            icon=":material/slideshow:",
            disabled=not told,
            on_click=stage.begin,
            args=(name,),
        )
