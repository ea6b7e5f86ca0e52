"""How far an experiment is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.errors import PlumageError
from engine.experiments.cells import cells
from engine.experiments.estimate import estimate
from engine.experiments.experiment import Experiment
from engine.experiments.search import known
from engine.experiments.standing import CellState, shown
from engine.experiments.where import Where
from engine.jobs import experiments
from engine.store.experiments import MAX_NOTE, KeptExperiment, KeptExperiments
from engine.store.jobs import Job
from engine.store.store import RunStore
from pages.ui import job_line, notices, thinning, where
from pages.ui.experiments import away, choosing, tags
from pages.ui.text import title, unmarked

_LOOK = 2.0
"""Seconds between two looks at an experiment that is at work."""


def draw(store: RunStore, kept: KeptExperiment) -> tuple[Experiment, list[CellState]] | None:
    """Draw it, and return the experiment with its cells; None where what was declared cannot be done any more."""
    try:
        declared = Experiment.from_mapping(kept.declared)
        states = shown(store, cells(declared, known(declared, kept.settings)))
    except PlumageError as error:  # of an older Plumage, or of data that are gone
        title(kept.name)
        notices.panel(notices.of_error(error))
        away.draw(store, kept)
        return None
    job = experiments.find(store, kept.id)
    here = Where.of_arguments(job.arguments if job is not None else {}).here
    title(kept.name, estimate(store, declared, states, here).words)
    if job is not None and job.live:
        _live(store, kept, job.id)
    else:
        _ended(job)
    outdated = sum(state.outdated for state in states)
    if outdated:
        st.caption(f"{outdated} of its runs are of another version of the code; Resume does them anew.")
    if kept.note:
        st.caption(unmarked(kept.note))
    tags.undo(kept.id)
    _buttons(store, kept, job, states)
    return declared, states


@st.fragment(run_every=_LOOK)
def _live(store: RunStore, kept: KeptExperiment, job: int) -> None:
    """The line of its job; the page is drawn anew when a run more has ended."""
    now = experiments.find(store, kept.id)
    if now is None or not now.live:
        st.rerun()
    else:
        job_line.draw(store, now, "experiment", cancel=lambda: experiments.cancel(store, kept.id))
        seen = st.session_state.setdefault("experiment-seen", {})
        if seen.get(job) not in (None, now.done):  # the word tells how far each is, which the line shows by itself
            seen[job] = now.done
            st.rerun()
        seen[job] = now.done


def _ended(job: Job | None) -> None:
    if job is not None and job.error:
        notices.standing(notices.Notice(f"It is {choosing.worded(job.status)}", job.error, "What was finished is kept"))


def _buttons(store: RunStore, kept: KeptExperiment, job: Job | None, states: Sequence[CellState]) -> None:
    done = all(state.finished and not state.outdated for state in states) and bool(states)
    with st.container(horizontal=True, key="experiment-buttons", gap="small"):
        live = job is not None and job.live
        if job is not None and job.live and job.wanted != "pause":
            _button("Pause", "pause", lambda: experiments.pause(store, kept.id), "Begins no more; what trains goes on.")
        elif not done:
            _start(store, kept, job)
        _note(store, kept)
        tags.draw(store, kept.id, states)
        if not live:
            if any(state.finished for state in states):
                thinning.draw(store, "experiment-thin", lambda: experiments.begun_by(store, kept.id))
            away.draw(store, kept)


def _start(store: RunStore, kept: KeptExperiment, job: Job | None) -> None:
    """Start or Resume, and where; a paused one goes on where it is."""
    paused = job is not None and job.live
    place = Where() if paused else where.asked(f"experiment-{kept.id}", job.arguments if job is not None else None)

    def act() -> None:
        if place is not None:
            experiments.start(store, kept.id, where=place.to_arguments())

    words = "Resume" if job is not None else "Start"
    _button(words, "play_arrow", act, "Does what is left.", "primary", place is None)


def _button(
    label: str, icon: str, act: Callable[[], object], note: str, kind: str = "secondary", off: bool = False
) -> None:
    st.button(
        label,
        key=f"experiment-{label.lower()}",
        icon=f":material/{icon}:",
        help=note,
        type="primary" if kind == "primary" else "secondary",
        disabled=off,
        on_click=notices.attempt,
        args=(act,),
    )


def _note(store: RunStore, kept: KeptExperiment) -> None:
    key = f"experiment-note-{kept.id}"

    def keep() -> None:
        notices.attempt(lambda: KeptExperiments(store.database).note(kept.id, str(st.session_state[key]).strip()))

    with st.popover("Note", icon=":material/edit_note:", key="experiment-note"):
        st.session_state[key] = kept.note
        what = "What it is for, what was found"
        st.text_area("Note", key=key, max_chars=MAX_NOTE, height=120, on_change=keep, placeholder=what)
