"""The model leans on a group (its habitat): how much, and the repair that costs least, one click away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.repair import repairs as exhibits
from engine.exhibits.repair.measured import HABITAT, groups, names, settings
from engine.figures.scenario import tenths
from engine.interventions.evidence import STATISTICS, Evidence
from engine.interventions.stored_edits import from_mappings
from engine.jobs.analyses import Result
from pages.ui import analysis
from pages.ui.panels import draw, framed
from pages.ui.repair import model_draft
from pages.ui.repair.model_draft import Work
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

_FIRST = 1
"""Repairs shown at once; the others open on demand."""
_GROUP = "model-lean"
_WAY = "model-way"


def group(snapshot: Snapshot) -> str | None:
    """The group that the panel is about: the one chosen in it, else habitat, else the largest; None without groups."""
    known, chosen = groups(snapshot), st.session_state.get(_GROUP)
    return str(chosen) if chosen in known else next(iter(known), None)


def offer(lab: Lab, work: Work, group: str) -> None:
    """The panel. For habitat the analysis behind it runs by itself: that is what a bird can be moved away from."""
    words = f"repairs of a model that leans on {group}"
    found = analysis.wanted(lab.view, work.task, "repairs", settings(group), words, auto=group == HABITAT)
    if found is not None:
        _offers(work, found, group, names(lab, str(found["how"])))
    known = groups(lab.snapshot(work.task))
    if len(known) > 1:
        st.selectbox("Does it lean on", list(known), key=_GROUP, persist_state="session", label_visibility="collapsed")


def _offers(work: Work, found: Result, group: str, told: dict[str, str]) -> None:
    """The chart, and a button for each repair that can be done."""
    way = _way(found)
    exhibit, order = exhibits.exhibit(found, group, told, way), exhibits.order(found, way)
    with framed(exhibit):
        draw(exhibit, "model-repairs")
        for rank, place in enumerate(order[:_FIRST]):
            _choice(work, found, told, place, rank == 0)
        with st.expander("Other ways", key="model-other-repairs"):
            known = exhibits.ways(found)
            if len(known) > 1:
                titles = {name: one.title for name, one in known.items()}
                st.selectbox(
                    "Choose by", list(known), key=_WAY, format_func=titles.__getitem__, persist_state="session"
                )
            st.caption(unmarked(f"The first one is {way.said}."))
            for place in order[_FIRST:]:
                _choice(work, found, told, place, False)


def _way(found: Result) -> Evidence:
    """What the offer is chosen on: the reader's choice, else what takes least for granted."""
    known = exhibits.ways(found)
    return known.get(str(st.session_state.get(_WAY)), next(iter(known.values()), STATISTICS))


def _choice(work: Work, found: Result, told: dict[str, str], place: int, first: bool) -> None:
    """One click adds the repair's edits; what it gives and costs is said to who points at it."""
    gains = [tenths(gain) for gain in (found["accuracy"][place] - found["accuracy"][0]).tolist()]
    splits = [told[str(split)].lower() for split in found["split"]]
    tests = ", ".join(f"{split} {gain}" for split, gain in zip(splits[2:], gains[2:], strict=True))
    said = f"Validation {gains[0]}, elsewhere {gains[1]}; {tests}; {found['nec'][place]:.0f} concepts a class"
    st.button(
        unmarked(str(found["title"][place])),
        key=f"model-repair-{found['name'][place]}",
        icon=":material/healing:" if first else None,
        type="primary" if first else "secondary",
        help=unmarked(said),
        on_click=model_draft.add,
        args=(work, *from_mappings(json.loads(str(found["edits"][place])))),
        width="stretch",
    )
