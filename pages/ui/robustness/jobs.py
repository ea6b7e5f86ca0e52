"""The backbones made here: how far each is, what can be done with it, and its card."""

from __future__ import annotations

import streamlit as st

from engine.figures.backbones import short
from engine.jobs import defending
from engine.jobs.defence_job import LOG_FILE, Job
from engine.session.backbone_pairs import twins
from pages.ui import notices
from pages.ui.context import Context
from pages.ui.robustness import declared, training
from pages.ui.text import chip, duration, safe, unmarked

_TICK = 1.0
"""Seconds between two looks at what is being made."""
_CARD = "README.md"
_DOING = {"drawing": "drawing birds", "training": "tuning"}
_WORDS = {"running": "at work", "stopped": "paused"}
_HELP = {
    "stopped": "Resume goes on from the last checkpoint.",
    "interrupted": "Its process ended without a word. Resume goes on from the last checkpoint.",
}


def show(here: Context) -> None:
    """Draw all of them; looked at every second while any is at work."""
    made = defending.jobs()
    if not made:
        return
    running = any(job.status == "running" for job in made)
    st.fragment(_list, run_every=_TICK if running else None)(here, [(job.name, job.status) for job in made])


def _list(here: Context, drawn: list[tuple[str, str]]) -> None:
    with notices.caught():
        made = defending.jobs()
        if [(job.name, job.status) for job in made] != drawn:
            st.rerun()
        for job in made:
            with st.container(border=True, key=f"ro-job-{job.name}"):
                _one(here, job)


def _one(here: Context, job: Job) -> None:
    word = "pausing" if job.stopping else "waiting" if job.waiting else _WORDS.get(job.status)
    facts = "".join(f"<span class='pl-fact'>{safe(fact)}</span>" for fact in _facts(job) if fact)
    st.html(f"<div class='pl-run'>{chip(job.status, word)}<strong>{safe(job.name)}</strong>{facts}</div>")
    if job.status == "running" or (job.step and job.status != "finished"):
        st.progress(min(job.step / job.steps, 1.0) if job.steps else 0.0, unmarked(_progress(job)))
    if job.status == "failed":
        where = f"The log is {job.folder / LOG_FILE}; resume to try again, or cancel it"
        notices.panel(notices.Notice("It failed", job.error or "it left no message", where))
    elif job.status in _HELP:
        st.caption(_HELP[job.status])
    with st.container(horizontal=True, vertical_alignment="center", key=f"ro-job-buttons-{job.name}"):
        _buttons(here, job)


def _facts(job: Job) -> list[str]:
    defences = declared.known().defences
    known = defences.get(job.defence)
    return [
        known.title.partition(":")[0] if known else job.defence,
        f"from {short(job.start)}" if job.start else "",
        ", ".join(f"{key} {value}" for key, value in job.settings.items()),
        f"{job.steps:,} steps in {duration(job.seconds)}" if job.status == "finished" and job.steps else "",
    ]


def _progress(job: Job) -> str:
    if job.waiting:
        return "Begins as soon as one of the other background jobs has ended"
    what = _DOING.get(job.phase, job.phase or "starting")
    done = f", {job.step:,} of {job.steps:,}" if job.steps else ""
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
    losses = "; " + ", ".join(f"{name} {value:.3f}" for name, value in job.losses.items()) if job.losses else ""
    return f"{what.capitalize()}{done}{left}{losses}"


def _buttons(here: Context, job: Job) -> None:
    if job.status == "running":
        _button(job, "Pause", ":material/pause:", "stop", disabled=job.stopping)
    if "resume" in job.can:
        _button(job, "Resume", ":material/play_arrow:", "resume")
    if job.status != "finished":
        _button(job, "Cancel", ":material/close:", "cancel", disabled=job.stopping)
        return
    _twin(here, job)
    with st.popover("Its card", icon=":material/description:", type="tertiary", key=f"ro-card-{job.name}"):
        st.code(_card(job), language=None, wrap_lines=True)
    with st.popover("Delete", icon=":material/delete:", type="tertiary", key=f"ro-delete-{job.name}"):
        st.caption("The folder with the weights goes too.")
        _button(job, "Delete it", ":material/delete:", "drop")


def _button(job: Job, label: str, icon: str, action: str, disabled: bool = False) -> None:
    st.button(
        label,
        key=f"{action}-{job.name}",
        icon=icon,
        disabled=disabled,
        on_click=notices.attempt,
        args=(lambda: getattr(defending, action)(job.name),),
    )


def _twin(here: Context, job: Job) -> None:
    """Train the run that is looked at on it, or look at the run that was."""
    view = here.view
    if view is None or view.config.backbone == job.spec:
        return
    there = next((twin for twin in twins(here.store, view) if twin.backbone == job.spec), None)
    if there is None:
        training.button(view, job.spec, f"Train {view.name or view.id} on it")
    else:
        st.button(
            "Look at the run on it",
            key=f"see-{job.name}",
            icon=":material/school:",
            on_click=training.look_at,
            args=(there.run_id,),
        )


def _card(job: Job) -> str:
    try:
        return (job.folder / _CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "It has no card."
