"""The check of a draft's pictures: asked for by a button, done in the background, kept, and shown when it is there."""

from __future__ import annotations

import streamlit as st

from engine.backbone.presets import GIVEN, absolute, vocabulary_of
from engine.errors import PlumageError, StoreDamaged
from engine.figures.backbones import short
from engine.health.found import Health
from engine.jobs.health import Checkup
from engine.store.jobs import Job
from engine.store.states import FAILED, INTERRUPTED, STOPPED
from engine.store.store import RunStore
from pages.ui import job_line, notices
from pages.ui.bring import findings, looking
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.leaving import Leaving
from pages.ui.bring.opening import Opening
from pages.ui.text import unmarked

_TICK = 0.7
"""Seconds between two looks at its progress."""
_SAID = {STOPPED: "Cancelled: pictures that were read are kept.", INTERRUPTED: "Its process ended too early."}


def show(draft: OpenDraft, opening: Opening) -> None:
    """Draw the button, how far the check is, or what it found."""
    source, data = looking.source_of(draft), opening.data
    assert source is not None and data is not None  # they were opened
    backbone = GIVEN if source.gives_vectors else str(draft.value("backbone"))
    try:
        chosen = backbone if source.gives_vectors else absolute(backbone)
        checkup = Checkup(draft.store, data, (source.name, source.to_mapping()), chosen)
    except PlumageError as error:
        st.caption(unmarked(f"The pictures can be checked once there is a backbone: {error}"))
        return
    found = _found(checkup, opening)
    if found is not None:
        _caution(chosen)
        findings.show(found, Leaving(draft, opening, found), opening)
        return
    job = checkup.job
    live = job is not None and job.live
    st.fragment(_follow, run_every=_TICK if live else None)(checkup, backbone, live)


def _found(checkup: Checkup, opening: Opening) -> Health | None:
    """What was found, read once; what is damaged is as if nobody had looked."""
    if opening.health is None or opening.health[0] != checkup.key:
        try:
            found = checkup.found()
        except StoreDamaged as error:
            notices.panel(notices.of_error(error))
            return None
        if found is None:
            return None
        opening.health = checkup.key, found
    return opening.health[1]


def _caution(backbone: str) -> None:
    if vocabulary_of(backbone) is not None:
        words = f"{backbone} knows drawn pictures only: near copies and wrong labels are guesses of it."
        st.caption(unmarked(words), help="Choose a backbone of photographs, then check again. Equal copies are sure.")


def _follow(checkup: Checkup, backbone: str, drawn_live: bool) -> None:
    with notices.caught():
        job = checkup.job
        if (job is not None and job.live) != drawn_live:
            st.rerun()
        if job is not None and job.live:
            job_line.draw(RunStore(), job, "bring-check", "Checking the pictures")
        else:
            _offer(checkup, backbone, job)


def _offer(checkup: Checkup, backbone: str, job: Job | None) -> None:
    if job is not None and job.status == FAILED:
        why = job.error or "no reason was left"
        notices.panel(notices.Notice("The pictures were not checked", why, "Try again"))
    before = _SAID.get(job.status, "") if job is not None else ""
    with st.container(horizontal=True, vertical_alignment="center", key="bring-check"):
        icon = ":material/troubleshoot:"
        go = st.button("Check the pictures", key="bring-check-now", icon=icon)
        how = "Compares the embeddings" if backbone == GIVEN else f"Reads every picture with {short(backbone)}"
        said = f"{before} Finds copies, likely wrong labels and odd sizes. {how}."
        st.caption(unmarked(said.strip()))
    if go and notices.succeeds(checkup.ask):
        st.rerun()
