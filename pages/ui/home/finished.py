"""What a run has to say: its findings, the stories that can be told of it, and the ways into its detail."""

from __future__ import annotations

import streamlit as st

from engine.findings.base import findings
from engine.session.facts import RunFacts
from engine.slides.decks import ALL, DECKS, why_not
from pages.ui import context, onward
from pages.ui.home.findings import cards
from pages.ui.text import finding, safe, unmarked

_DOORS = tuple(name for name in DECKS if name != ALL)
"""The stories with a door of their own."""


def show(here: context.Context) -> None:
    """Draw it for the run that is chosen, once a task of it is finished and nobody works on it."""
    view = here.view
    if view is None or here.moment is None or view.active:
        return
    facts = RunFacts(here.store, view.id, here.moment, view)
    _findings(facts)
    _doors(facts)
    st.html(finding("Look for yourself"))
    onward.links()


def _findings(facts: RunFacts) -> None:
    st.html(finding("What this run shows"))
    with st.container(key="home-findings"):
        cards(facts.view.id, facts.moment, findings(facts))
        for name in dict.fromkeys(one.question.name.replace("_", " ") for one in facts.damaged):
            st.caption(
                f"The stored answer of {name} is damaged, so no finding rests on it. Its page computes it again."
            )


def _doors(facts: RunFacts) -> None:
    st.html(finding("Let it tell its story"))
    for column, name in zip(st.columns(len(_DOORS)), _DOORS, strict=True):
        deck = DECKS[name]
        with column, st.container(border=True, height="stretch", key=f"door-{name}", gap="xsmall"):
            st.html(f"<div class='hm-door'><h3>{safe(deck.title)}</h3><p>{safe(deck.what)}</p></div>")
            reason = why_not(name, facts)
            if reason:
                st.caption(unmarked(f"Not with this run: {reason}."))
                continue
            query = {"deck": name, context.RUN: facts.view.id}
            st.page_link("pages/story.py", label="Watch", icon=":material/slideshow:", query_params=query)
