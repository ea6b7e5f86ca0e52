"""What a model of energies expects, where it has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.concepts import expected as exhibits
from engine.session import model_arrays
from engine.store.store import RunStore
from pages.ui import context, panels, segments
from pages.ui.concepts import reading

if TYPE_CHECKING:
    from engine.explain.conditionals import Conditionals
    from engine.session.lab import Lab


def show(here: context.Context, lab: Lab) -> None:
    """One of the tables; nothing for other models."""
    view, moment = here.view, here.moment
    if view is None or moment is None or model_arrays.side_channel(RunStore(), view.id, moment) != "energies":
        return
    known, seen = reading.history(view, moment)[-1], view.class_ids_seen(moment)
    which = segments.choose("What is given", "given", exhibits.TITLES, hidden=True)
    position = None if here.class_id is None else seen.index(here.class_id)
    names = [view.class_names[i] for i in seen]
    panels.show(exhibits.exhibit(_found(view.id, moment, lab), which, known.text, names, position))


@st.cache_resource(show_spinner="Asking the model what it expects", max_entries=8)
def _found(run: str, moment: int, _lab: Lab) -> Conditionals:
    from engine.explain.conditionals import conditionals

    return conditionals(_lab.snapshot(moment), _lab.sample("val", moment).features)
