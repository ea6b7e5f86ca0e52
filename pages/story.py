"""Story: slides made from a run, as large as the window."""

from __future__ import annotations

import streamlit as st

from engine.errors import BadInput
from engine.slides import decks
from pages.ui import address, context, notices, setup, shell
from pages.ui.story import lobby, prepared, stage

shell.guard()


def body(here: context.Context) -> None:
    """The stage, where the address names a story that this run can tell; else the choice of stories."""
    if st.session_state.pop(stage.LEAVING, False):
        st.switch_page("pages/home.py")
    view = setup.ready(
        here,
        "Nothing has been learnt yet",
        "This page tells a run's story in slides. Train one first.",
        "There is a story to tell after the first task.",
    )
    if view is None:
        return
    deck = _deck()
    address.settle(context.DECK, deck)
    reason = prepared.of(view.id, here.moment or 0).why_not(deck) if deck else None
    if deck is None or reason:
        lobby.show(here, deck, reason)
    else:
        stage.show(here, view, deck)


def _deck() -> str | None:
    """The story that is asked for; a link to a slide alone means the full story."""
    asked = address.value(context.DECK)
    if asked is None:
        return "all" if address.value(context.SLIDE) else None
    try:
        decks.deck(asked)
    except BadInput as error:
        notices.add(notices.of_error(error))
        address.settle(context.DECK, None)
        st.rerun()
    return asked


shell.show(body)
