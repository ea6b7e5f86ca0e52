"""The operating table: a bird, what can be changed about it, and the model's answer to every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from engine.data.aviary.bird import Bird
from engine.exhibits.aviary import surgery as exhibits
from engine.exhibits.aviary.answers import BirdAnswer
from engine.exhibits.tasks.classes import task_of
from engine.runs.catalog import catalog
from engine.store.view import RunView
from pages.ui import laboratory, notices, panels
from pages.ui.aviary import answers, birds, fooling, palette, plates, why
from pages.ui.aviary import steps as stepping
from pages.ui.aviary.answers import Stopwatch
from pages.ui.aviary.steps import Steps
from pages.ui.text import finding

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

_WAKING = 1500.0
"""Milliseconds; a longer answer had to load the backbone first."""


def show(view: RunView, moment: int, class_id: int | None) -> None:
    """Draw the table. A change redraws only this part of the page."""
    st.fragment(_table)(view, moment, class_id)


def _table(view: RunView, moment: int, class_id: int | None) -> None:
    with notices.caught():
        watch = Stopwatch()
        operated = birds.choose(view, moment, class_id)
        steps = stepping.current(operated.ref, operated.bird)
        head = st.container(key="surgery-head")
        left, right = st.columns([8, 5], gap="medium")
        with left:
            st.html(plates.pair(steps))
            answer = st.container()
        with right:
            palette.draw("palette", steps.bird.values, steps.original.values, _set)
            _history(steps)
            log = st.container()
        rest = st.container()
        with answer:
            lab = laboratory.open(view, moment)
            snapshot = lab.snapshot(moment)
            asked = answers.ask(lab, snapshot, [Bird(codes, steps.seed) for codes in steps.states])
        before, after = asked[0], asked[steps.at]
        names = [view.class_names[c] for c in snapshot.class_ids]
        label = snapshot.class_ids.index(operated.class_id) if operated.class_id in snapshot.class_ids else None
        with head:
            st.html(finding(exhibits.headline(before, after, names), large=True))
        with answer:
            st.html(plates.answers(before, after, names, label, bool(steps.changed)))
            panels.draw(exhibits.answers(before, after, names, label))
            _strangers(view, operated, label)
        with log:
            st.html(plates.log(steps, asked, names) or "<p></p>")
        with rest:
            _reasons(view, lab, snapshot, before, after, names, label, steps)
            fooling.offer(lab, snapshot, steps, names)
            st.page_link(
                "pages/explain.py",
                label="Explain this bird in full",
                icon=":material/manage_search:",
                query_params={birds.IMAGE: birds.ref_of(steps.bird) if steps.changed else operated.ref},
            )
            once = ", waking the model included, which happens once" if watch.ms > _WAKING else ""
            st.caption(f"This answer took {watch.ms:.0f} ms on the server{once}.")


def _reasons(
    view: RunView,
    lab: Lab,
    snapshot: Snapshot,
    before: BirdAnswer,
    after: BirdAnswer,
    names: Sequence[str],
    label: int | None,
    steps: Steps,
) -> None:
    """Bars and heat maps, or why there are none."""
    info = catalog()[view.config.method]
    if not info.learns_concepts:
        st.caption(
            f"No bars and no heat map: {info.title} compares a picture with whole classes and has no concepts in "
            "between. Choose a run of a concept method above to see why."
        )
        return
    why.bars(snapshot, before, after, names, label, steps)
    if steps.changed:
        why.heat(lab, snapshot, steps)


def _strangers(view: RunView, operated: birds.OperatedBird, label: int | None) -> None:
    """Say so where the model cannot be right."""
    if operated.class_id is None:
        st.caption("A bird of your own: it belongs to no species, so no answer is right or wrong.")
    elif label is None:
        task = task_of(view, operated.class_id) or 0
        st.caption(f"It cannot know this species yet: task {task + 1} brings it. Choose a later moment above.")


def _history(steps: Steps) -> None:
    with st.container(horizontal=True, key="history", gap="small"):
        _button("Undo", ":material/undo:", steps.at > 0, steps.undo())
        _button("Redo", ":material/redo:", steps.at + 1 < len(steps.states), steps.redo())
        _button("Reset", ":material/restart_alt:", bool(steps.changed), steps.reset())


def _button(label: str, icon: str, possible: bool, then: Steps) -> None:
    st.button(label, key=f"do-{label}", icon=icon, disabled=not possible, on_click=stepping.keep, args=(then,))


def _set(attribute: str, value: str) -> None:
    steps = stepping.held()
    if steps is not None:
        stepping.keep(steps.set(attribute, value))
