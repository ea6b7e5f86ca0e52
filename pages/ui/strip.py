"""What works in the background, on one line of every page: how far it is, and a way to end it or to try it again."""

from __future__ import annotations

import contextlib

import streamlit as st

from engine.errors import StoreError
from engine.figures.bars import progress
from engine.jobs import board, control, queue
from engine.jobs.board import Listed
from engine.jobs.ending import end
from engine.jobs.kinds import ANALYSIS, BACKBONE, HEALTH, IMPORT, TRAINING
from engine.store.jobs import Job
from engine.store.states import FAILED, QUEUED, RUNNING
from engine.store.store import RunStore
from pages.ui import address, notices
from pages.ui.text import duration, safe

_TICK = 2.0
"""Seconds between two looks while something works."""
_OWN = frozenset({"", "run"})
"""Pages that show the training of their run themselves: Home and Run."""
_DISMISSED = "at-work-dismissed"
"""Session: jobs that went wrong and that the reader does not want to hear of any more, each with its last sign."""
_ENDS = {TRAINING.name: "Stop", BACKBONE.name: "Pause"}
_HELP = {
    TRAINING.name: "It can be resumed after its last finished task.",
    ANALYSIS.name: "What was not finished is kept where its analysis can go on from there.",
    HEALTH.name: "Pictures that were read are kept; asking again goes on from there.",
    BACKBONE.name: "It can be resumed in the form of a new run.",
    IMPORT.name: "Nothing of it is kept.",
}


def show(run: str | None) -> None:
    """Draw the line where something works or went wrong that the page does not show itself.

    Args:
        run: the one looked at.
    """
    with notices.caught():
        if _elsewhere(run) or _wrong():
            st.fragment(_strip, run_every=_TICK if _elsewhere(run) else None)(run)


def _elsewhere(run: str | None) -> list[Listed]:
    """The jobs, without the training that the page is about. Looking starts what has been waiting for a dead one."""
    store = RunStore()
    with contextlib.suppress(StoreError):  # a store that may only be read; whoever asks for something is told
        queue.advance(store)
    own = run if address.page() in _OWN else None
    return [one for one in board.listed(store) if own is None or one.job.subject != own]


def _wrong() -> list[Listed]:
    dismissed = st.session_state.get(_DISMISSED, frozenset())
    return [one for one in board.troubles(RunStore()) if _sign(one.job) not in dismissed]


def _strip(run: str | None) -> None:
    with notices.caught():
        live, wrong = _elsewhere(run), _wrong()
        if not live and not wrong:
            st.rerun()  # what they found may be shown now, and nobody needs to look any more
        icon = ":material/progress_activity:" if live else ":material/error:"
        with st.container(horizontal=True, vertical_alignment="center", key="at-work", gap="small"):
            with st.popover(_counted(live, wrong), icon=icon, type="tertiary", key="at-work-all"):
                for number, one in enumerate(live):
                    _line(one, number)
                for number, one in enumerate(wrong):
                    _trouble(one, number)
            first = (live or wrong)[0]
            st.html(f"<p class='pl-at-work'>{safe(first.title)}: {safe(_far(first))}</p>")


def _counted(live: list[Listed], wrong: list[Listed]) -> str:
    waiting = sum(one.job.status == QUEUED for one in live)
    counts = {"at work": len(live) - waiting, "waiting": waiting, "failed": len(wrong)}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _far(one: Listed) -> str:
    if one.waits:
        return one.waits
    if not one.job.live:
        return "it failed" if one.job.status == FAILED else "its process ended too early"
    words = ["stopping"] if one.job.stopping else ["paused"] if one.job.status == "paused" else []
    words += [f"{100 * one.fraction:.0f} %"] if one.fraction is not None else []
    words += (
        [f"{duration(one.seconds_left)} left"] if one.seconds_left is not None and one.job.status == RUNNING else []
    )
    return ", ".join(words) or "starting"


def _line(one: Listed, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"at-work-{number}"):
        told = f"<p>{safe(one.title)}: {safe(_far(one))}</p>{progress(one.fraction or 0.0, one.title)}"
        st.html(f"<div class='pl-job'>{told}</div>")
        st.button(
            _ENDS.get(one.job.kind, "Cancel"),
            key=f"at-work-end-{number}",
            help=_HELP.get(one.job.kind),
            disabled=one.job.stopping,
            on_click=notices.attempt,
            args=(lambda: _end(one.job),),
        )


def _trouble(one: Listed, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"went-wrong-{number}"):
        why = f"<p>{safe(one.job.error)}</p>" if one.job.error else ""
        st.html(f"<div class='pl-job'><p>{safe(one.title)}: {safe(_far(one))}</p>{why}</div>")
        again = (lambda: board.again(RunStore(), one.job),)
        st.button("Try again", key=f"went-wrong-again-{number}", on_click=notices.attempt, args=again)
        st.button("Dismiss", key=f"went-wrong-dismiss-{number}", on_click=_dismiss, args=(one.job,), type="tertiary")


def _end(job: Job) -> None:
    """End it; a training that has ended meanwhile says so."""
    if job.kind == TRAINING.name:
        control.stop(job.subject)
    else:
        end(RunStore(), job)


def _dismiss(job: Job) -> None:
    st.session_state[_DISMISSED] = st.session_state.get(_DISMISSED, frozenset()) | {_sign(job)}


def _sign(job: Job) -> tuple[int, float]:
    return job.id, job.asked
