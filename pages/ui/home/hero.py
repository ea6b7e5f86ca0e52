"""The top of Home: words on the left, the living picture on the right, for a first visit and for a run in any state."""

from __future__ import annotations

import streamlit as st

from engine.figures import telling
from engine.figures.bars import progress
from engine.store.labels import method_title
from engine.store.states import LIVE
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import assets, context, controls, notices, pictures, running, setup, takeaway
from pages.ui.home import changes, flock
from pages.ui.reading import Reading
from pages.ui.text import duration, safe, title

_TICK = 1.0
"""Seconds between two looks at a run that trains."""
_SIDES = (5, 7)
"""Widths of words and picture."""
_EMPTY_PX = 420
"""Height of the place where the picture will be."""
_ENDED = frozenset({"failed", "interrupted", "stopped"})


def welcome() -> None:
    """What a first visit sees: one sentence, one button, and the birds arriving."""
    words, picture = st.columns(_SIDES, gap="large", vertical_alignment="center")
    with words:
        st.html(f"<div class='pl-hero'><h1>{safe(setup.PITCH)}</h1></div>")
        setup.beginnings()
        st.caption("About a minute, on this computer.")
    with picture, st.skeleton(height=_EMPTY_PX):
        data, scene = flock.preview("demo")
        flock.draw(lambda: data, scene)


def run(here: context.Context) -> None:
    """The story of the chosen run so far. While its worker lives, the words follow it every second; the picture
    changes with every task, which draws the whole page anew."""
    view = here.view
    if view is None:
        return
    _show_top(view.id)
    words, picture = st.columns(_SIDES, gap="large")
    with words, st.container(key="hm-words"):
        st.fragment(_words, run_every=_TICK if view.active else None)(view.id, running.stage(view))
        if not view.active:
            takeaway.button(here.store, view.id, here.moment)
    with picture, st.skeleton(height=_EMPTY_PX):
        _picture(view)


def _show_top(run_id: str) -> None:
    """Bring the top of the page into view where another run was chosen on the shelf, far below it."""
    before = st.session_state.get(changes.LOOKED_AT)
    st.session_state[changes.LOOKED_AT] = run_id
    if before not in (None, run_id):
        assets.run("to_top", once=run_id)


def _words(run_id: str, drawn: running.Stage) -> None:
    with notices.caught():
        view = Reading(RunStore(), run_id)
        if running.stage(view) != drawn:
            st.rerun()
        status = view.status
        st.html(running.head(view, status, [method_title(view.config.method), f"seed {view.config.seed}"]))
        told = telling.tell(view, status)
        title(told.headline, told.note)
        if status == "failed":
            running.failure(view)
        if status in LIVE:
            _progress(view)
        controls.few(view, status)
        if status in LIVE | _ENDED:
            st.page_link("pages/run.py", label="Watch the details", icon=":material/monitoring:")


def _progress(view: RunView) -> None:
    now = view.progress
    left = "" if now.eta_seconds is None else f"{duration(now.eta_seconds)} left"
    total = view.tasks_total or 0
    st.html(
        f"<div class='hm-progress'>{progress(now.fraction)}"
        f"<p><span>{view.tasks_done} of {total} tasks learnt</span><span>{safe(left)}</span></p></div>"
    )


def _picture(view: RunView) -> None:
    config = view.config
    if view.task_classes:
        flock.draw(lambda: pictures.dataset(config), flock.of_run(view, telling.things(view)), view.nearest)
    elif config.dataset == "aviary" and config.order == "listed":
        flock.draw(
            lambda: pictures.dataset(config), flock.to_come(config)
        )  # the worker will find what is known already
