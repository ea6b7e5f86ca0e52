"""Scenarios of one run side by side: edits of the same model, measured on the same images."""

from __future__ import annotations

import streamlit as st

from engine.runs.scenarios import Scenarios
from pages.ui import setup
from pages.ui.context import Context
from pages.ui.text import title


def show(here: Context) -> None:
    """The run chosen above and what was made of it."""
    view = setup.ready(
        here,
        "Nothing to compare yet",
        "A scenario keeps edits of a trained model. Train one first.",
        "Its model can be edited after the first task.",
    )
    if view is None or here.moment is None:
        return
    kept = Scenarios(here.store).all(view.id)
    if not kept:
        title(
            "This run has no scenarios", "A scenario keeps edits of the model under a name. Make one, then look again."
        )
        st.page_link("pages/intervene.py", label="Edit the model", query_params={"view": "model"})
        return
