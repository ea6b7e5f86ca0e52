"""The result behind the views on causes: asked for once, read by all of them. Without torch."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.repair.causes import Causes, read
from pages.ui import analysis, segments
from pages.ui.context import Context

_AMOUNTS = {"4000": "4,000 pictures", "16000": "16,000 pictures"}
_ANALYSIS = "causal_effects"
_MEASURED = """
<div class='re-meaning'>
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


def causes(here: Context) -> Causes | None:
    """The result, or None after drawing how far it is."""
    assert here.view is not None and here.moment is not None  # the page has checked
    amount = segments.asked("edits", _AMOUNTS)
    settings = {} if amount == next(iter(_AMOUNTS)) else {"edits": int(amount)}
    found = analysis.wanted(here.view, here.moment, _ANALYSIS, settings, "what every attribute really does")
    names = here.view.class_names
    return None if found is None else read(found, tuple(names[c] for c in here.view.class_ids_seen(here.moment)))


def position(here: Context) -> int | None:
    """Where the class chosen above stands in the order of learning."""
    if here.view is None or here.class_id is None or here.moment is None:
        return None
    return here.view.class_ids_seen(here.moment).index(here.class_id)


def thoroughness() -> None:
    """The control that says how many pictures are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="thoroughness"):
        segments.choose("Drawn for these numbers", "edits", _AMOUNTS)
        with st.popover("How it is measured", icon=":material/menu_book:", type="tertiary", key="measured"):
            st.html(_MEASURED)
