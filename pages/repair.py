"""Repair: change what the model has learnt, keep the changes, and see what they, clicks and attributes really do."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.runs.catalog import catalog
from engine.store.view import RunView
from pages.ui import address, context, firstly, segments, setup, shell
from pages.ui.repair import curves, effects, forget, ledger, lost, model, pairs
from pages.ui.repair.model_draft import TAB
from pages.ui.text import title, unmarked

shell.guard()

_TABS = {
    "edit": ("Edit", "Change the model", model.show),
    "kept": ("Scenarios", "Edits that are kept", model.kept),
    "lost": ("Lost", "What was lost?", lost.show),
    "forget": ("Forget", "Forget on purpose", forget.show),
    "clicks": ("Clicks", "What a click is worth", curves.show),
    "effects": ("Effects", "What each attribute really does", effects.show),
    "claims": ("Claims", "Does it use what it claims?", ledger.show),
    "pairs": ("Pairs", "One change apart", pairs.show),
}  # by their name in the address: label, title, and what draws it
_OF_CONCEPTS = ("edit", "kept", "clicks", "claims")
_OF_BIRDS = ("effects", "claims", "pairs")


def body(here: context.Context) -> None:
    """One of the views; words before anything that takes long."""
    view = setup.ready(
        here,
        "Nothing has been learnt yet",
        "Here you correct a model and measure what it goes by. Train one first.",
        "There is a model after the first task.",
    )
    if view is None or here.moment is None:
        return
    missing = _missing(view, here.moment)
    asked = address.value(TAB)
    options = {name: label for name, (label, _, _) in _TABS.items() if name not in missing or name == asked}
    with st.container(horizontal=True, vertical_alignment="center", key="repair-head"):
        heading = st.container(width="stretch")
        chosen = segments.choose("View", TAB, options, hidden=True)
    _, head, draw = _TABS[chosen]
    with heading:
        title(head)
    firstly.text()
    if chosen in missing:
        st.caption(unmarked(missing[chosen]))
        return
    draw(here)


def _missing(view: RunView, moment: int) -> Mapping[str, str]:
    """The views that this run has nothing for, and why; they are shown only to who asks for one by link."""
    method = catalog()[view.config.method].title
    sums = (
        f"{method} is not made of sums over images, so nothing can be taken out of it exactly. To be rid of a class or "
        "of pictures, train a run without them (the settings without_classes and without_images), or choose a method "
        "that can unlearn, such as RanPAC."
    )
    concepts = (
        f"{method} has no concepts: the rows of its model are classes, so there is nothing to edit, and its weights "
        "claim nothing. Choose a run of a concept method above."
    )
    birds = (
        "Photographs cannot be drawn again with one thing changed, so nobody can measure what an attribute does. "
        "The demo's pictures can: choose a run of it above, or train it."
    )
    found = dict.fromkeys(_OF_BIRDS, birds) if view.config.dataset != "aviary" else {}
    found |= {} if catalog()[view.config.method].can_unlearn else {"forget": sums}
    return found | (dict.fromkeys(_OF_CONCEPTS, concepts) if view.concept_metrics(moment) is None else {})


shell.show(body)
