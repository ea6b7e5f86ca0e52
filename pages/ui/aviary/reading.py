"""The result behind the views on causes: asked for once, read by all of them. Without torch."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.aviary.causes import Causes, read
from engine.store.view import RunView
from pages.ui import analysis, segments

_AMOUNTS = {"4000": "4,000 pictures", "16000": "16,000 pictures"}
_ANALYSIS = "causal_effects"
_MEASURED = """
<div class='av-meaning'>
<p><b>An edit</b> draws a test bird again with one attribute changed to another value. Pose, light, leaves and all other
attributes stay, so whatever changes in the answer was caused by that attribute. Which birds and which values is decided
by a seed; the birds are spread evenly over the species, the values evenly over the birds.</p>
<p><b>Renamed</b> is the share of edits after which the model names another species than before.</p>
<p><b>Evidence</b> for a class is its logit minus the mean logit of all classes: what is left of a logit once what
cannot change any probability is taken away. Effects are changes of evidence, in logits.</p>
<p><b>Errors</b> are standard errors of the mean over birds; lines in charts reach two of them to either side, about
95 %. Source: Goyal et al. 2019, Explaining classifiers with causal concept effect, with real interventions.</p>
</div>
"""


def causes(view: RunView, moment: int) -> Causes | None:
    """The result, or None after drawing how far it is."""
    amount = segments.asked("edits", _AMOUNTS)
    settings = {} if amount == next(iter(_AMOUNTS)) else {"edits": int(amount)}
    words = "what every attribute really does"
    found = analysis.wanted(view, moment, _ANALYSIS, settings, words)
    if found is None:
        st.caption(
            f"About {_AMOUNTS[amount]} are drawn: test birds of every species, spread evenly, each with every "
            "attribute changed in turn. It takes about 7 ms a picture, in the background, once for each run and moment."
        )
        return None
    names = view.class_names
    return read(found, tuple(names[c] for c in view.class_ids_seen(moment)))


def position(view: RunView, moment: int, class_id: int | None) -> int | None:
    """Where the class chosen above stands in the order of learning."""
    return None if class_id is None else view.class_ids_seen(moment).index(class_id)


def thoroughness() -> None:
    """The control that says how many pictures are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="thoroughness"):
        segments.choose("Drawn for these numbers", "edits", _AMOUNTS)
        with st.popover("How it is measured", icon=":material/menu_book:", type="tertiary", key="measured"):
            st.html(_MEASURED)
