"""Concepts under attack: which cross their threshold most easily, and which hold."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.attack import concepts as exhibits
from engine.exhibits.attack.found import Found
from engine.exhibits.exhibit import Exhibit
from engine.store.view import RunView
from pages.ui import address, panels
from pages.ui.attack import choices

_CONCEPT = "concept"
"""Key in the address, shared with the Concepts page."""
_GO = "attack-concept"


def lead() -> None:
    """Go to the Concepts page where a bar was chosen."""
    if st.session_state.pop(_GO, False):
        st.switch_page("pages/concepts.py")


def show(view: RunView, found: Found, at: int) -> None:
    """The easiest and the hardest, on one scale."""
    names, order = found.concepts(at)[0], exhibits.order(found, at)
    if not order:
        st.caption("The rows of this model are no concepts with thresholds: nothing to fool.")
        return
    groups = _groups(view, found, names)
    if len(set(groups)) > 1:
        chosen = choices.group(sorted(set(groups)))
        order = [k for k in order if chosen is None or groups[k] == chosen]
    left, right = st.columns(2)
    with left:
        _bars(exhibits.easiest(found, at, order), [names[k] for k in exhibits.shown(order, hard=False)])
    with right:
        if len(order) > 1:
            _bars(exhibits.hardest(found, at, order), [names[k] for k in exhibits.shown(order, hard=True)])


def _groups(view: RunView, found: Found, names: tuple[str, ...]) -> list[str]:
    """The group of every concept; the same for all where the run does not say."""
    known = view.concept_metrics(found.tasks - 1) if found.tasks <= view.tasks_done else None
    of = {} if known is None else dict(zip(known.text, known.group, strict=True))
    return [str(of.get(name, "")).replace("_", " ") or "no group" for name in names]


def _bars(exhibit: Exhibit, names: list[str]) -> None:
    key = f"{exhibit.variant}-bars"
    with panels.shown(exhibit, chart=key, on_select=panels.on_point(key, lambda row, _: _clicked(names, row))):
        st.caption("A click on a bar follows its concept through the tasks.")


def _clicked(names: list[str], row: int) -> None:
    if 0 <= row < len(names):
        address.choose(_CONCEPT, names[row])
        address.choose("view", "timeline")
        st.session_state[_GO] = True
