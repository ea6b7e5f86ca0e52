"""Why a change of the bird changes the answer: what every concept adds before and after, and where it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import NotApplicable
from engine.exhibits.naming import title_of
from engine.exhibits.picture import heat as heats
from engine.exhibits.picture import surgery
from engine.exhibits.picture.birds import BirdAnswer
from pages.ui import notices, panels
from pages.ui.picture.answers import patches
from pages.ui.picture.steps import Steps
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab


def bars(snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, names: Sequence[str], label: int | None) -> None:
    """What the concepts add to one class's logit, before and after, and what the change moved."""
    options = list(dict.fromkeys([before.predicted, after.predicted, *([label] if label is not None else [])]))
    position = _class(options, names, after.predicted)
    left, right = st.columns(2)
    asked = snapshot, before, after, position, names[position]
    with left:
        panels.show(surgery.before_after(*asked), chart="pair-bars")
    with right:
        panels.show(surgery.moved(*asked), chart="moved-bars")


def heat(lab: Lab, snapshot: Snapshot, steps: Steps) -> None:
    """Where the model sees what was changed last: the old value and the new one, on both pictures."""
    attribute = steps.changed[-1]
    try:
        found = heats.heat(
            snapshot, steps.original, steps.bird, attribute, lambda bird: patches(lab, snapshot.task, bird)
        )
    except NotApplicable as error:
        with panels.panel("redrawn-heat", f"Where it sees the {title_of(attribute)}", "No heat map is possible"):
            notices.panel(notices.of_error(error))
        return
    panels.show(found)


def _class(options: list[int], names: Sequence[str], default: int) -> int:
    """The class that is explained, chosen among those that matter here."""
    if len(options) == 1:
        return options[0]
    key = "why-class"
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    st.segmented_control(
        "Evidence for",
        options,
        format_func=lambda c: unmarked(names[c]),
        key=key,
        required=True,
        persist_state="session",
    )
    return int(st.session_state[key])
