"""All pictures: what the same attack does after every task: to answers, to attention, to concepts, or to a twin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.exhibits.attack.found import Found
from engine.figures.look import percent
from engine.figures.robustness import headline, strength
from engine.figures.shift import GUIDES, MEASURES, amount
from engine.jobs.analyses import AnalysisState, Question
from engine.metrics.robustness import wilson
from engine.metrics.wording import shown
from engine.store.view import RunView
from pages.ui import address, analysis, firstly, notices, panels, segments
from pages.ui.attack import accuracy, asking, choices, concepts, declared, pair, shifts
from pages.ui.context import Context
from pages.ui.text import title, unmarked

_WORDS = "what attacks do to this run"
_SEEN_FROM = 2
"""Steps from which more of them can be seen to raise the loss."""
_OFFER = (
    "What can an attacker change?",
    "Here the same attack meets the same pictures after every task: what the model still gets right, and where its "
    "attention goes.",
)


def show(here: Context, part: str) -> None:
    """A part of the measurement that is looked at, or the offer of one."""
    view = here.view
    assert view is not None and here.moment is not None  # the page has checked
    if part == "twins":
        pair.show(here)
        return
    found = read(view, here.moment)
    if found is not None:
        _results(view, found, part)


def read(view: RunView, moment: int) -> Found | None:
    """The chosen measurement, or None after drawing the offer of one, or how far it is."""
    last = view.tasks_done - 1
    past = asking.all_asked(view, last)
    question = choices.measured([q for q, _ in past])
    if question is None:
        title(*_OFFER)
        firstly.text(200)
        with st.container(border=True, key="offer"):
            asking.form(view, last, past)
        return None
    address.settle(choices.MEASURED, None if question == past[0][0] else choices.code(question.settings))
    if next(state.status != "finished" for q, state in past if q == question):
        title(*_OFFER)
    result = analysis.wanted(view, last, asking.NAME, question.settings, words=_WORDS, auto=False)
    if result is None:
        _again(view, last, past)
        return None
    return Found(result, question.settings, min(moment, result["outcome"].shape[1] - 1))


def _results(view: RunView, found: Found, part: str) -> None:
    heading = st.container()
    past = asking.all_asked(view, view.tasks_done - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", key="ro-controls"):
        at = choices.strength(found)
        _choose_measurement(past, found)
        _again(view, view.tasks_done - 1, past)
    with heading:
        title(headline(found.fall, at))
    firstly.text()
    _signs(found)
    if part == "answers":
        _seen(found)
        _numbers(found, at)
        accuracy.show(view, found, at)
    elif not found.to_the_end:
        st.caption(
            "Only answers were measured: pictures were left alone once they were fooled. Measure again with “To the "
            "end” on to see attention and concepts."
        )
    elif part == "attention":
        shifts.show(found, at)
    else:
        concepts.show(view, found, at)


def _choose_measurement(past: Sequence[tuple[Question, AnalysisState]], found: Found) -> None:
    options = {choices.code(q.settings): asking.words(q.settings) for q, _ in past}
    if len(options) > 1:
        choices.measurement(options, choices.code(found.settings))
    else:
        st.caption(unmarked(f"{asking.words(found.settings)}."))


def _again(view: RunView, last: int, past: Sequence[tuple[Question, AnalysisState]]) -> None:
    """The form, one click away: measure with another attack."""
    box = st.popover("Another attack", key="again", icon=":material/tune:", on_change="rerun")
    if box.open:
        with box:
            asking.form(view, last, past, "Measure")


def _signs(found: Found) -> None:
    """Why the attack cannot be trusted, where there are signs."""
    signs = found.signs()
    if signs:
        remedy = (
            "An attack that cannot find its way proves nothing: measure again with Square, which needs no gradients, "
            "or with more steps"
        )
        head = "The true accuracy may be lower: signs of masked gradients"
        notices.panel(notices.Notice(head, "; ".join(signs), remedy))


def _seen(found: Found) -> None:
    """That there are no signs, or why they could not be seen."""
    if not found.signs():
        st.caption(_blind(found) or "No sign of masked gradients.")


def _blind(found: Found) -> str | None:
    """Why this measurement cannot show whether gradients are masked, or None."""
    known = declared.known()
    attack, steps = (found.settings.get(name, known.default(name)) for name in ("attack", "steps"))
    if attack == "square":
        return "This attack needs no gradients: where another leaves more right answers, that one was misled by them."
    if attack == "fgsm" or int(steps) < _SEEN_FROM:
        return "With so few steps nobody can see whether gradients are masked."
    return None if found.to_the_end else "Whether gradients are masked shows only when images are pushed to the end."


def _numbers(found: Found, at: int) -> None:
    fall, value = found.fall, float(found.strengths[at])
    images = int(fall.count.sum())
    right = fall.right.sum(1)
    low, high = wilson(right, images)
    cells = [
        ("Clean accuracy", percent(fall.accuracy[0]), f"{percent(low[0])} to {percent(high[0])}, {images} images"),
        (f"Accuracy at {strength(value)}", percent(fall.accuracy[at]), f"{percent(low[at])} to {percent(high[at])}"),
        (
            "Robustness forgetting",
            shown("forgetting", found.forgotten(at)),
            f"{shown('forgetting', found.forgotten(0))} clean",
        ),
    ]
    if found.has_maps:
        measure = segments.asked(choices.MEASURE, MEASURES)
        guide = segments.asked(choices.GUIDE, {name: GUIDES.get(name, name) for name in found.guides})
        mean = found.over_tasks(at, measure)[0][found.guides.index(guide), found.moment]
        cells.append(("Attention moved", amount(float(np.asarray(mean)), measure), MEASURES[measure].lower()))
    panels.tiles(cells)
