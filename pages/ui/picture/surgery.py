"""What if the bird were another: what can be changed about it, drawn again, and the model's answer to every change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from engine.data.aviary.bird import Bird
from engine.exhibits.picture import surgery as exhibits
from engine.exhibits.picture.birds import BirdAnswer
from engine.exhibits.tasks.classes import task_of
from engine.runs.catalog import catalog
from pages.ui import address, notices, panels, picker
from pages.ui.picture import answers, choices, fooling, palette, plates, why
from pages.ui.picture import steps as stepping
from pages.ui.picture.case import SharedCase
from pages.ui.picture.steps import EDIT, Steps

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot


def show(case: SharedCase) -> None:
    """Draw the table. A change redraws only this part of the page."""
    st.fragment(_table)(case)


def _table(case: SharedCase) -> None:
    with notices.caught():
        assert case.subject.bird is not None  # whoever offers this has looked
        steps = stepping.current(case.subject.ref, case.subject.bird)
        snapshot, names = case.snapshot, case.names
        asked = answers.ask(case.lab, snapshot, [Bird(codes, steps.seed) for codes in steps.states])
        before, after = asked[0], asked[steps.at]
        left, right = st.columns([5, 8])
        shown = exhibits.answers(before, after, names, case.true)
        with (
            left,
            panels.framed(replace(shown, headline="Before and now" if steps.changed else "What it says")),
        ):
            st.html(plates.pair(steps))
            st.html(plates.answers(before, after, names, case.true, bool(steps.changed)))
            panels.draw(shown)
            _strangers(case)
        with right, st.container(border=True, key="panel-palette"):
            palette.draw("palette", steps.bird.values, steps.original.values, _set)
            _history(steps)
            st.html(plates.log(steps, asked, names) or "<p></p>")
            fooling.offer(case.lab, snapshot, steps, names)
        if steps.changed:
            _reasons(case, snapshot, before, after, names, steps)


def _reasons(
    case: SharedCase, snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, names: Sequence[str], steps: Steps
) -> None:
    """What the change moved and where it is seen, or why that cannot be said."""
    info = catalog()[case.lab.config.method]
    if not info.learns_concepts:
        st.caption(
            f"No bars and no heat map: {info.title} compares a picture with whole classes and has no concepts in "
            "between. Choose a run of a concept method above to see why."
        )
        return
    why.bars(snapshot, before, after, names, case.true)
    why.heat(case.lab, snapshot, steps)


def _strangers(case: SharedCase) -> None:
    """Say so where the model cannot be right."""
    if case.subject.class_id is None:
        st.caption("A bird of your own: it belongs to no species, so no answer is right or wrong.")
    elif case.true is None:
        task = task_of(case.lab.view, case.subject.class_id) or 0
        st.caption(f"It cannot know this species yet: task {task + 1} brings it. Choose a later moment above.")


def _history(steps: Steps) -> None:
    """Undo, redo, reset, and the changed bird as a picture of its own; nothing where nothing was done."""
    if len(steps.states) == 1:
        return
    with st.container(horizontal=True, key="history", gap="small"):
        _button("Undo", ":material/undo:", steps.at > 0, steps.undo())
        _button("Redo", ":material/redo:", steps.at + 1 < len(steps.states), steps.redo())
        _button("Reset", ":material/restart_alt:", bool(steps.changed), steps.reset())
        apart = "Take this bird apart"
        if steps.changed and st.button(apart, key="apart", type="tertiary", on_click=_apart, args=(steps,)):
            st.rerun()  # all of the page is about it


def _button(label: str, icon: str, possible: bool, then: Steps) -> None:
    st.button(label, key=f"do-{label}", icon=icon, disabled=not possible, on_click=stepping.keep, args=(then,))


def _apart(steps: Steps) -> None:
    """Callback: the changed bird is the picture of the page from now on."""
    from engine.session.subjects import ref_of

    address.choose(picker.IMAGE, ref_of(steps.bird))
    address.choose(EDIT, None)
    address.choose(choices.TAB, None)


def _set(attribute: str, value: str) -> None:
    steps = stepping.held()
    if steps is not None:
        picker.keep()
        stepping.keep(steps.set(attribute, value))
