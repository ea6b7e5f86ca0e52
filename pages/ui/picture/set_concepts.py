"""What if it saw other concepts: set them, see what the model makes of it, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import streamlit as st

from engine.exhibits.picture import one as exhibits
from engine.exhibits.picture.instance import Instance
from engine.figures.tables import Table, cell
from engine.interventions.acts import Acts, ImageOutcome, known_to, log
from engine.interventions.evidence import LABELLED, NEWEST
from pages.ui import notices, segments
from pages.ui.panels import draw, framed, numbers
from pages.ui.picture import marks, rows, suggest, verdict
from pages.ui.picture.case import SharedCase
from pages.ui.picture.doings import Doings, attempted
from pages.ui.picture.instance import examined
from pages.ui.text import safe

FOLLOW = "follow"
"""Key in the address: whether correlated concepts follow."""
_SCALE = "scale"
"""Key in the address: what present and absent are measured on."""
_SCALES = {evidence.name: evidence.title for evidence in (LABELLED, NEWEST)}
_SOURCES = {
    "errors": "what scores are off together on validation images",
    "statistics": "the stored class statistics",
    "scores": "the scores of the images that present and absent are measured on",
    "energies": "the model's own energies, with this picture and the classes settling too",
}


def show(case: SharedCase) -> None:
    """The answer, and beside it the concepts. What is done redraws only this."""
    st.fragment(_table)(case)


def _table(case: SharedCase) -> None:
    with notices.caught():
        instance = examined(case.lab, case.moment, case.subject, segments.asked(_SCALE, _SCALES))
        doings = Doings(case.lab.view.id, case.subject.ref)
        acts = known_to(doings.acts, len(instance.texts))
        left, right = st.columns([4, 9])
        with right, st.container(border=True, key="panel-concepts"):
            question = st.container()
            with st.container(horizontal=True, vertical_alignment="center", key="one-tools"):
                _tools(doings)
                how, follow = _how(instance)
            found = instance.after(acts, follow)
            with question:
                suggest.draw(instance, doings, found, how)
                marks.draw(case, doings)
            rows.draw(instance, doings, found)
        with left, _answer(case, instance, found, acts):
            _followers(instance, found, follow)
            _log(instance, doings, found, len(doings.acts) - len(acts))


def _tools(doings: Doings) -> None:
    """Undo, redo, reset; nothing where nothing was done."""
    if not (doings.can_undo or doings.can_redo):
        return
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


def _how(instance: Instance) -> tuple[suggest.Asking, bool]:
    """What may be settled once: who asks, whose truth counts, what present means, and whether others follow."""
    with st.popover("How", icon=":material/tune:", type="tertiary", key="how-it-is-asked"):
        asking = suggest.settle(instance)
        segments.choose("Present and absent by", _SCALE, _SCALES)
        said = instance.setup.evidence.said
        st.caption(f"{said[:1].upper()}{said[1:]}.")
        note = "Concepts correlated with those you set move to where they are then expected."
        return asking, segments.toggle("Correlated concepts follow", FOLLOW, True, note)


# -- the answer --------------------------------------------------------------------------------------------------------


@contextmanager
def _answer(case: SharedCase, instance: Instance, found: ImageOutcome, acts: Acts) -> Iterator[None]:
    """The panel with both answers; the body goes below them."""
    before, after = (instance.shares(scores) for scores in (found.before, found.after))
    exhibit = exhibits.exhibit(instance, found, acts)
    told = "Before and now" if acts else "What it says"
    with framed(replace(exhibit, headline=told)):
        st.html(verdict.card(instance, case.address, before, after, bool(acts)))
        draw(exhibit)
        yield


def _followers(instance: Instance, found: ImageOutcome, follow: bool) -> None:
    """Which concepts moved along, most first."""
    moved = np.flatnonzero(found.followed)
    if not follow or not found.acted.any():
        return
    source = _SOURCES[instance.following.source]
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
        return
    lines = "".join(f"<li>{safe(line)}</li>" for line in log(acts, instance.texts, found))
    st.html(f"<ol class='pi-log'>{lines}</ol>")
