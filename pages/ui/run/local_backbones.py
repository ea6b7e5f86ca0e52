"""The backbones made here: how far each is, what can be done with it, and its card."""

from __future__ import annotations

import streamlit as st

from engine.figures.backbones import short
from engine.home import log_path
from engine.jobs import backbones, queue
from engine.jobs.backbones import LocalBackbone
from engine.store.states import FAILED, FINISHED, INTERRUPTED, LIVE, QUEUED, STOPPED
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.run import defences
from pages.ui.text import chip, duration, safe, unmarked

_TICK = 1.0
"""Seconds between two looks at what is being made."""
_CARD = "README.md"
_WORDS = {"running": "at work", QUEUED: "waiting", STOPPED: "paused"}
_HELP = {
    STOPPED: "Resume goes on from the last checkpoint.",
    INTERRUPTED: "Its process ended without a word. Resume goes on from the last checkpoint.",
}


def show(store: RunStore, backbone: str) -> None:
    """Draw all of them; looked at every second while any is at work.

    Args:
        backbone: key of the widget that says which backbone the new run takes.
    """
    made = backbones.listed(store)
    if not made:
        return
    running = any(one.status in LIVE for one in made)
    st.fragment(_list, run_every=_TICK if running else None)(store, backbone, [(one.name, one.status) for one in made])


def _list(store: RunStore, backbone: str, drawn: list[tuple[str, str]]) -> None:
    with notices.caught():
        made = backbones.listed(store)
        if [(one.name, one.status) for one in made] != drawn:
            st.rerun()
        for one in made:
            with st.container(border=True, key=f"hb-job-{one.name}"):
                _one(store, backbone, one)


def _one(store: RunStore, backbone: str, made: LocalBackbone) -> None:
    job = made.job
    word = "pausing" if job is not None and job.stopping else _WORDS.get(made.status)
    facts = "".join(f"<span class='pl-fact'>{safe(fact)}</span>" for fact in _facts(made) if fact)
    st.html(f"<div class='pl-run'>{chip(made.status, word)}<strong>{safe(made.name)}</strong>{facts}</div>")
    if job is not None and (made.status in LIVE or (job.done and made.status != FINISHED)):
        st.progress(job.share or 0.0, unmarked(_progress(store, made)))
    if made.status == FAILED:
        log = f"The log is {log_path(store.home, job.id)}; resume to try again, or cancel it" if job else "Delete it"
        notices.panel(notices.Notice("It failed", made.error or "it left no message", log))
    elif made.status in _HELP:
        st.caption(_HELP[made.status])
    with st.container(horizontal=True, vertical_alignment="center", key=f"hb-job-buttons-{made.name}"):
        _buttons(store, backbone, made)


def _facts(made: LocalBackbone) -> list[str]:
    known = defences.known().all.get(made.defence)
    done = made.status == FINISHED and made.job is not None and made.job.total
    return [
        known.title.partition(":")[0] if known else made.defence,
        f"from {short(made.start)}" if made.start else "",
        ", ".join(f"{key} {value}" for key, value in made.settings.items()),
        f"{made.job.total:,} steps" if done and made.job else "",
    ]


def _progress(store: RunStore, made: LocalBackbone) -> str:
    job = made.job
    if job is None:
        return ""
    place = queue.waits(store, job) if job.status == QUEUED else None
    if place is not None:
        return place.words.capitalize()
    done = f", {job.done:,} of {job.total:,}" if job.total else ""
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
    return f"{(job.word or 'starting').capitalize()}{done}{left}"


def _buttons(store: RunStore, backbone: str, made: LocalBackbone) -> None:
    if made.status in LIVE:
        _button(store, made, "Pause", ":material/pause:", "stop", disabled="stop" not in made.can)
    if "resume" in made.can:
        _button(store, made, "Resume", ":material/play_arrow:", "resume")
    if made.status != FINISHED:
        _button(store, made, "Cancel", ":material/close:", "cancel", disabled=not made.can)
        return
    st.button(
        "Train on it",
        key=f"use-{made.name}",
        type="primary",
        icon=":material/check:",
        help="The new run takes it as its backbone.",
        on_click=_use,
        args=(backbone, made.spec),
    )
    with st.popover("Its card", icon=":material/description:", type="tertiary", key=f"hb-card-{made.name}"):
        st.code(_card(made), language=None, wrap_lines=True)
    with st.popover("Delete", icon=":material/delete:", type="tertiary", key=f"hb-delete-{made.name}"):
        st.caption("The folder with the weights goes too.")
        _button(store, made, "Delete it", ":material/delete:", "drop")


def _button(store: RunStore, made: LocalBackbone, label: str, icon: str, action: str, disabled: bool = False) -> None:
    st.button(
        label,
        key=f"{action}-{made.name}",
        icon=icon,
        disabled=disabled,
        on_click=notices.attempt,
        args=(lambda: getattr(backbones, action)(store, made.name),),
    )


def _use(backbone: str, spec: str) -> None:
    """Callback: the form's backbone is this one."""
    st.session_state[backbone] = spec


def _card(made: LocalBackbone) -> str:
    try:
        return (made.folder / _CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "It has no card."
