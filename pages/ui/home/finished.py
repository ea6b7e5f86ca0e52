"""What a run has to say: its findings, the stories that can be told of it, and the ways into its detail."""

from __future__ import annotations

import streamlit as st

from engine.findings.base import findings
from engine.runs.dossier import Dossier
from engine.runs.store import RunStore
from engine.runs.view import RunView
from engine.slides.decks import DECKS
from pages.ui import context, onward
from pages.ui.findings import cards
from pages.ui.text import finding, safe

_DOORS = ("forgetting", "fix", "fool")
"""The stories with a door of their own."""


def show(here: context.Context) -> None:
    """Draw it for the run that is chosen, once a task of it is finished and nobody works on it."""
    view = here.view
    if view is None or here.moment is None or view.active:
        return
    _findings(here.store, view, here.moment)
    _doors(view.id)
    st.html(finding("Look for yourself", "Every page is about this run."))
    onward.links()


def _findings(store: RunStore, view: RunView, moment: int) -> None:
    note = "Each sentence is computed from this run by a rule, and links to the chart that proves it."
    st.html(finding("What this run shows", note))
    with st.container(key="home-findings"):
        dossier = Dossier(store, view.id, moment, view)
        cards(view.id, moment, findings(dossier))
        for name in dict.fromkeys(one.question.name.replace("_", " ") for one in dossier.damaged):
            st.caption(
                f"The stored answer of {name} is damaged, so no finding rests on it. Its page computes it again."
            )


def _doors(run: str) -> None:
    st.html(finding("Let it tell its story", "Full-screen slides with speaker notes. The arrow keys turn them."))
    for column, name in zip(st.columns(len(_DOORS)), _DOORS, strict=True):
        deck = DECKS[name]
        with column, st.container(border=True, height="stretch", key=f"door-{name}", gap="xsmall"):
            st.html(f"<div class='hm-door'><h3>{safe(deck.title)}</h3><p>{safe(deck.what)}</p></div>")
            query = {"deck": name, context.RUN: run}
            st.page_link("pages/story.py", label="Watch", icon=":material/slideshow:", query_params=query)
