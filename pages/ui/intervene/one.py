"""One image: set its concepts, see what the model makes of it, take it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.exhibits.intervene import one as exhibits
from engine.exhibits.intervene.instance import Instance
from engine.figures.tables import Table, cell
from engine.interventions.acts import Acts, ImageOutcome, known_to, log
from engine.interventions.evidence import LABELLED, NEWEST
from pages.ui import laboratory, notices, picker, segments
from pages.ui.context import Context
from pages.ui.intervene import rows, suggest, verdict
from pages.ui.intervene.doings import Doings, attempted
from pages.ui.intervene.instance import examined, picture
from pages.ui.panels import draw, framed, numbers
from pages.ui.text import finding, safe

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

FOLLOW = "follow"
"""Key in the address: whether correlated concepts follow."""
_SCALE = "scale"
"""Key in the address: what present and absent are measured on."""
_SCALES = {evidence.name: evidence.title for evidence in (LABELLED, NEWEST)}
_SOURCES = {
    "errors": "what scores are off together on validation images",
    "statistics": "the stored class statistics",
    "scores": "the scores of the images that present and absent are measured on",
}


def show(here: Context) -> None:
    """The chooser, and the table below it. What is done redraws only the table."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    picker.begin_with_forgotten(here, lab)
    chosen = picker.subject(here, lab)
    if chosen is None:
        st.caption("Choose an image above to set its concepts.")
        return
    st.fragment(_table)(here, lab, chosen)


def _table(here: Context, lab: Lab, chosen: Subject) -> None:
    with notices.caught():
        began = time.perf_counter()
        instance = examined(lab, here.moment or 0, chosen, segments.asked(_SCALE, _SCALES))
        doings = Doings(lab.view.id, chosen.ref)
        acts = known_to(doings.acts, len(instance.texts))
        head = st.container(key="one-head")
        left, right = st.columns([5, 7], gap="medium")
        with right:
            follow = _tools(doings)
            found = instance.after(acts, follow)
            segments.choose("Present and absent by", _SCALE, _SCALES)
            said = instance.setup.evidence.said
            st.caption(f"{said[:1].upper()}{said[1:]}.")
            suggest.draw(instance, doings, found)
            rows.draw(instance, doings, found)
        with left, _answer(lab, instance, found, acts):
            _followers(instance, found, follow)
            _log(instance, doings, found, len(doings.acts) - len(acts))
        before, after = (instance.shares(scores) for scores in (found.before, found.after))
        head.html(finding(exhibits.headline(instance, before, after, bool(acts)), large=True))
        st.caption(f"This took {1000 * (time.perf_counter() - began):.0f} ms on the server.")


def _tools(doings: Doings) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", key="one-tools"):
        for label, action, icon, possible, keys in (
            ("Undo", doings.undo, "undo", doings.can_undo, "Ctrl+Z"),
            ("Redo", doings.redo, "redo", doings.can_redo, "Ctrl+Shift+Z"),
            ("Reset", doings.reset, "restart_alt", bool(doings.acts), None),
        ):
            st.button(
                label,
                key=f"one-{label.lower()}",
                icon=f":material/{icon}:",
                shortcut=keys,
                disabled=not possible,
                on_click=attempted,
                args=(action,),
            )
        note = "Concepts correlated with those you set move to where they are then expected."
        return segments.toggle("Correlated concepts follow", FOLLOW, True, note)


# -- the answer --------------------------------------------------------------------------------------------------------


@contextmanager
def _answer(lab: Lab, instance: Instance, found: ImageOutcome, acts: Acts) -> Iterator[None]:
    """The panel with both answers; the body goes below them."""
    before, after = (instance.shares(scores) for scores in (found.before, found.after))
    exhibit, told = exhibits.exhibit(instance, found, acts), "Before and now" if acts else "What it says"
    note = "Probability of the likeliest classes"  # the finding stands above, and what was done below
    with framed(replace(exhibit, headline=told, caption=note)):
        address_ = picture(lab.view.id, instance.subject.ref, lab)
        st.html(verdict.card(instance, address_, before, after, bool(acts)))
        draw(exhibit)
        yield


def _followers(instance: Instance, found: ImageOutcome, follow: bool) -> None:
    """Which concepts moved along, most first."""
    moved = np.flatnonzero(found.followed)
    if not follow or not found.acted.any():
        return
    source = _SOURCES[instance.setup.correlations.source]
    if not len(moved):
        st.caption(f"No other concept is correlated enough to follow (measured by {source}).")
        return
    order = moved[np.argsort(-np.abs(found.after - found.before)[moved])]
    label = f"{len(moved)} concept{'s' if len(moved) > 1 else ''} followed"
    box = st.expander(label, key="followers", icon=":material/link:", on_change="rerun")
    if box.open:
        with box:
            st.caption(f"Correlations are measured by {source}.")
            numbers("followers", _followers_table(instance, found, [int(k) for k in order]))


def _followers_table(instance: Instance, found: ImageOutcome, order: list[int]) -> Table:
    return {
        "concept": [instance.texts[k] for k in order],
        "before": [cell(found.before[k], 2) for k in order],
        "now": [cell(found.after[k], 2) for k in order],
        "moved": [cell(found.after[k] - found.before[k], 2) for k in order],
    }


def _log(instance: Instance, doings: Doings, found: ImageOutcome, unknown: int) -> None:
    acts = known_to(doings.acts, len(instance.texts))
    if unknown:
        st.caption(f"{unknown} of the concepts set are not known yet after this task; they are left out.")
    if not acts:
        st.html("<p class='iv-note'>Nothing is set yet. Answer a suggestion, or move a concept's handle.</p>")
        return
    lines = "".join(f"<li>{safe(line)}</li>" for line in log(acts, instance.texts, found))
    st.html(f"<ol class='iv-log'>{lines}</ol>")
