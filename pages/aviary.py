"""Aviary: surgery on a bird, what every attribute really does, and what the model claims against what it uses."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, firstly, segments, setup, shell
from pages.ui.aviary import effects, gallery, ledger, reading, surgery
from pages.ui.text import title

shell.guard()

_VIEWS = {
    "surgery": ("Surgery", surgery.show),
    "effects": ("Causal effects", effects.show),
    "claims": ("Claims and uses", ledger.show),
    "pairs": ("Pairs", gallery.show),
}  # by their name in the address: label, and what draws it
_WORDS = {
    "surgery": (
        "Change one thing about a bird",
        "The same bird is drawn again with nothing else changed, and the model answers anew.",
    ),
    "effects": (
        "What each attribute really does",
        "Measured, not estimated: test birds drawn again with one attribute changed, and the model asked both times.",
    ),
    "claims": (
        "Does the model use what it claims?",
        "What its weights say about an attribute, against what happens when a bird really changes it.",
    ),
    "pairs": (
        "One change apart",
        "Two pictures that differ in one attribute: the model tells them apart, or it fails to.",
    ),
}


def body(here: context.Context) -> None:
    """One of the views, each on the run and moment chosen above."""
    view = setup.ready(
        here,
        "No model to ask yet",
        "This page changes birds and asks a model again. Train one first.",
        "It can be asked after its first task.",
    )
    moment = here.moment
    if view is None or moment is None:
        return
    if view.config.dataset != "aviary":
        title(
            "Photographs cannot be operated on",
            "This page draws the same bird again with one thing changed. This run learns from a folder of images, and "
            "nobody can draw those again. Choose a run of the Aviary above, or train the demo.",
        )
        setup.demo_button()
        return
    labels = {name: label for name, (label, _) in _VIEWS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", key="aviary-head"):
        slot = st.container(width="stretch")
        chosen = segments.choose("View", gallery.VIEW, labels, hidden=True)
    with slot:
        title(*_WORDS[chosen])
    firstly.text()
    main = st.container()
    if chosen != "surgery":
        reading.thoroughness()
    with main:
        _VIEWS[chosen][1](view, moment, here.class_id)


shell.show(body)
