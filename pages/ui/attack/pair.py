"""Two backbones: the same run on another backbone, under the same attack on the same images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.attack import pair as exhibits
from engine.exhibits.attack.found import Found
from engine.exhibits.attack.pair import Pair
from engine.figures import backbones as charts
from engine.session.backbone_pairs import Twin, twins
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, analysis, firstly, panels, segments
from pages.ui import twins as training
from pages.ui.attack import asking, choices
from pages.ui.context import Context
from pages.ui.reading import Reading
from pages.ui.text import title, unmarked

_TITLE = "Does another backbone hold?"
_TEACH = (
    "A backbone tuned on attacked pictures may keep its answers where this one loses them. The same run is trained on "
    "it, and the same attack meets the same test pictures through both."
)


def show(here: Context) -> None:
    """The comparison, or what is missing for it."""
    view = here.view
    assert view is not None and here.moment is not None  # the page has checked
    known = twins(here.store, view)
    if not known:
        title(_TITLE, _TEACH)
        training.offers(view)
        return
    twin = _choose(known)
    heading = st.container()
    if not twin.tasks_done:
        with heading:
            title(_TITLE, _TEACH)
        _not_yet(twin)
        return
    found = _both(here, view, twin)
    if found is None:
        with heading:
            title(_TITLE, _TEACH)
        return
    _compare(heading, found)


def _choose(known: Sequence[Twin]) -> Twin:
    by_id = {twin.run_id: twin for twin in sorted(known, key=lambda twin: not twin.tasks_done)}
    default = next(iter(by_id))
    chosen = address.among(training.TWIN, by_id, default)
    words = {run: f"{charts.short(one.backbone)} ({one.name or run})" for run, one in by_id.items()}
    segments.listed("Compared with the same run on", training.TWIN, words, chosen, 420)
    address.settle(training.TWIN, None if chosen == default else chosen)
    return by_id[str(chosen)]


def _not_yet(twin: Twin) -> None:
    st.caption(unmarked(f"The run on {charts.short(twin.backbone)} is {twin.status}; no task of it is finished yet."))
    training.look(twin.run_id)


def _both(here: Context, view: RunView, twin: Twin) -> Pair | None:
    """Both measurements with the same settings; None after drawing the offer of what is missing."""
    moment = min(here.moment or 0, twin.tasks_done - 1)
    past = asking.all_asked(view, view.tasks_done - 1)
    question = choices.measured([q for q, _ in past])
    if question is None:
        st.caption("This run has not been measured yet: first see what attacks do to it.")
        st.button("Measure it", key="measure-first", on_click=address.choose, args=(choices.VIEW, "answers"))
        return None
    mine = analysis.wanted(view, question.task, asking.NAME, question.settings, words="this run's attack", auto=False)
    if mine is None:
        return None
    own = Found(mine, question.settings, min(moment, mine["outcome"].shape[1] - 1))
    other, last = Reading(RunStore(), twin.run_id), twin.tasks_done - 1
    words = f"the same attack on {charts.short(twin.backbone)}"
    result = analysis.wanted(other, last, asking.NAME, own.settings, words=words, auto=False)
    if result is None:
        return None
    second = RunView(RunStore(), twin.run_id)
    return exhibits.paired(own, Found(result, own.settings, own.moment), (view, second))


def _compare(heading: DeltaGenerator, pair: Pair) -> None:
    measure, guide = "", ""
    with st.container(horizontal=True, vertical_alignment="bottom", key="ro-controls"):
        at = choices.strength(pair.found[0])
        if pair.has_maps:
            measure, guide = choices.measure(), choices.guide(pair.found[0])
    gain = pair.gain(at)
    with heading:
        title(
            charts.pair_headline(pair.names, pair.falls, gain, at),
            charts.price_words(pair.names, gain, pair.costs),
        )
    firstly.text()
    left, right = st.columns(2)
    with left:
        panels.show(exhibits.both(pair, at), chart="both-curves")
    with right:
        panels.show(exhibits.gain(pair), chart="gain-marks")
    panels.show(exhibits.cost(pair), chart="pair-cost")
    left, right = st.columns(2)
    with left:
        panels.show(exhibits.tasks(pair, at), chart="task-pairs")
    with right:
        if pair.has_maps:
            panels.show(exhibits.shift(pair, at, measure, guide), chart="pair-shift-lines")
        else:
            st.caption("Attention cannot be compared: one of the backbones keeps no patch tokens.")
