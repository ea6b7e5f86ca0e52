"""Every single change of one bird, tried at once: which of them change the model's mind?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.exhibits.naming import differing, title_of
from engine.exhibits.picture.birds import BirdAnswer
from engine.exhibits.picture.single import every_single, renamed
from engine.figures.look import certainty, percent
from pages.ui.picture import answers
from pages.ui.picture import steps as stepping
from pages.ui.picture.steps import Steps
from pages.ui.text import unmarked
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

_ASKED = "fooling-for"
_THUMB = 168  # pixels
_MOST = 16


def offer(lab: Lab, snapshot: Snapshot, steps: Steps, names: Sequence[str]) -> None:
    """A button; once pressed, the changes that give this very bird another name, the surest first."""
    here = steps.states[steps.at]
    asked = st.session_state.get(_ASKED) == (steps.seed, here)
    count = sum(len(a.values) - 1 for a in ATTRIBUTES)
    if not asked:
        st.button(
            f"Try all {count} single changes",
            key="fool",
            icon=":material/troubleshoot:",
            on_click=_ask,
            args=((steps.seed, here),),
        )
        return
    others = every_single(steps.bird)
    found = answers.ask(lab, snapshot, [steps.bird, *others])
    told = renamed(found[0], found[1:])
    st.markdown(f"**{unmarked(_headline(len(told), count))}**")
    thumbs = [_thumb(steps.bird, found[1 + i], names) for i in told[:_MOST]]
    if thumbs:
        gallery(thumbs, "fool-thumbs", _take, width=120)


def _headline(flips: int, count: int) -> str:
    if not flips:
        return f"No single change renames this bird; all {count} were tried"
    share = percent(flips / count)
    return f"{flips} of {count} single changes rename it ({share}). Choose one to make it"


def _thumb(bird: Bird, answer: BirdAnswer, names: Sequence[str]) -> Thumb:
    (attribute,) = differing(bird.values, answer.bird.values)
    value = ATTRIBUTES[attribute].values[answer.bird.values[attribute]]
    note = f"{names[answer.predicted]}, {certainty(answer.sure)}"
    return Thumb(
        f"{attribute}:{value}",
        answers.plate(answer.bird.values, bird.seed, _THUMB),
        f"{title_of(attribute)}: {value}",
        note,
    )


def _take(ref: str) -> None:
    attribute, _, value = ref.partition(":")
    steps = stepping.held()
    if steps is not None:
        stepping.keep(steps.set(ATTRIBUTES[int(attribute)].name, value))


def _ask(bird: tuple[int, tuple[int, ...]]) -> None:
    st.session_state[_ASKED] = bird
