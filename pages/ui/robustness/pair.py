"""Two backbones: the same run on another pair of eyes, under the same attack on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.figures import backbones as charts
from engine.figures.look import CONFIG
from engine.figures.robustness import strength
from engine.figures.shift import GUIDES, MEASURES
from engine.metrics.differences import Interval, means, paired_difference
from engine.runs.twins import Twin, twins
from engine.runs.view import RunView
from pages.ui import address, analysis, context, firstly
from pages.ui.context import Context
from pages.ui.panels import panel
from pages.ui.reading import Reading
from pages.ui.robustness import asking, choices, over, training
from pages.ui.robustness.found import Found
from pages.ui.text import title, unmarked

_TITLE = "Does another backbone hold?"
_TEACH = (
    "A backbone tuned on attacked pictures may keep its answers, and its attention, where this one loses them. To see "
    "what it is worth, the same run is trained on it: same birds, same tasks, same seed. Then the same attack meets "
    "the same test images through both."
)


@dataclass(frozen=True)
class Pair:
    """The same images through two backbones.

    Attributes:
        names: of the backbones.
        found: both measurements, at the same moment.
        same: places in each of the images that both have, after the tasks so far.
    """

    names: tuple[str, str]
    found: tuple[Found, Found]
    same: tuple[np.ndarray, np.ndarray]

    def gain(self, at: int) -> Interval:
        """Accuracy of the second minus that of the first at a strength."""
        first, second = (f.outcome[at, rows] == 1 for f, rows in zip(self.found, self.same, strict=True))
        return paired_difference(first, second)


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
    asked, widget = address.value(choices.TWIN), f"{choices.TWIN}-choice"
    chosen = asked if asked in by_id else default
    st.session_state[widget] = chosen
    st.selectbox(
        "Compared with the same run on",
        list(by_id),
        format_func=lambda run: f"{charts.short(by_id[run].backbone)} ({by_id[run].name or run})",
        key=widget,
        width=420,
        on_change=address.take,
        args=(choices.TWIN, widget),
    )
    address.settle(choices.TWIN, None if chosen == default else chosen)
    return by_id[str(chosen)]


def _not_yet(twin: Twin) -> None:
    st.caption(unmarked(f"The run on {charts.short(twin.backbone)} is {twin.status}; no task of it is finished yet."))
    st.button(
        "Look at it on the Train page",
        key="see-twin",
        icon=":material/school:",
        on_click=training.look_at,
        args=(twin.run_id,),
    )


def _both(here: Context, view: RunView, twin: Twin) -> Pair | None:
    """Both measurements with the same settings; None after drawing the offer of what is missing."""
    moment = min(here.moment or 0, twin.tasks_done - 1)
    own = over.read(view, moment, offered=False)
    if own is None:
        st.caption("This run has not been measured yet: first see what attacks do to it.")
        st.button("Measure it", key="measure-first", on_click=address.choose, args=(choices.VIEW, "run"))
        return None
    other, last = Reading(context.RunStore(), twin.run_id), twin.tasks_done - 1
    words = f"the same attack on {charts.short(twin.backbone)}"
    result = analysis.wanted(other, last, asking.NAME, own.settings, words=words, auto=False)
    if result is None:
        return None
    second = Found(result, own.settings, own.moment)
    _, first_rows, second_rows = np.intersect1d(own.result["rows"], result["rows"], return_indices=True)
    learnt = (own.outcome[0, first_rows] >= 0) & (second.outcome[0, second_rows] >= 0)
    names = (charts.short(view.config.backbone), charts.short(twin.backbone))
    return Pair(names, (own, second), (first_rows[learnt], second_rows[learnt]))


def _compare(heading: st.delta_generator.DeltaGenerator, pair: Pair) -> None:
    measure, guide, has_maps = "", "", all(found.has_maps for found in pair.found)
    with st.container(horizontal=True, vertical_alignment="bottom", key="ro-controls"):
        at = choices.strength(pair.found[0])
        if has_maps:
            measure, guide = choices.measure(), choices.guide(pair.found[0])
    falls = (pair.found[0].fall, pair.found[1].fall)
    gains = [pair.gain(place) for place in range(len(falls[0].strengths))]
    with heading:
        title(
            charts.pair_headline(pair.names, falls, gains[at], at),
            charts.price_words(pair.names, falls, gains[0], gains[at]),
        )
    firstly.text()
    left, right = st.columns(2)
    with left:
        told = f"Under attack at {strength(float(falls[0].strengths[at]))}: {charts.difference_words(gains[at])}"
        note = f"Accuracy after task {pair.found[0].moment + 1} against strength; whiskers: 95 % intervals (Wilson)"
        terms = ("robust_accuracy", "attack_strength")
        with panel("both", told, note, lambda: charts.both_table(pair.names, falls, gains), terms):
            st.plotly_chart(charts.both_curves(pair.names, falls, at), key="both-curves", config=CONFIG, alt=told)
    with right:
        told = f"Without an attack: {charts.difference_words(gains[0])}"
        note = f"{pair.names[1]} minus {pair.names[0]}, 95 % intervals for the same images seen through both"
        with panel("gains", told, note, lambda: charts.both_table(pair.names, falls, gains)):
            st.plotly_chart(charts.gain_marks(falls[0].strengths, gains), key="gain-marks", config=CONFIG, alt=told)
    left, right = st.columns(2)
    with left:
        told = charts.task_words(pair.names, falls, at)
        value = strength(float(falls[0].strengths[at]))
        note = f"Each task clean (open) and under attack at {value} (full), after task {pair.found[0].moment + 1}"
        with panel("pair-tasks", told, note, lambda: charts.task_table(pair.names, falls, at)):
            st.plotly_chart(charts.task_pairs(pair.names, falls, at), key="task-pairs", config=CONFIG, alt=told)
    with right:
        if has_maps:
            _shifts(pair, at, measure, guide)
        else:
            st.caption("Attention cannot be compared: one of the backbones keeps no patch tokens.")


def _shifts(pair: Pair, at: int, measure: str, guide: str) -> None:
    """How far attention of both moves, on the images that each of them had right."""
    shifts = [_of(found, measure, guide) for found in pair.found]
    here = [float(mean[at - 1]) for mean, _, _ in shifts]
    held = int(here[1] < here[0])
    told = f"Attention of {pair.names[held]} moves less" if here[0] != here[1] else "Attention of both moves alike"
    note = f"{MEASURES[measure]}; {GUIDES.get(guide, guide).lower()}; images each had right; whiskers: 95 % intervals"
    strengths = pair.found[0].strengths[1:]
    terms = (f"shift_{measure}",)
    with panel("pair-shift", told, note, lambda: charts.shift_pair_table(pair.names, strengths, shifts), terms):
        figure = charts.shift_curves(pair.names, strengths, shifts, MEASURES[measure].lower())
        st.plotly_chart(figure, key="pair-shift-lines", config=CONFIG, alt=told)


def _of(found: Found, measure: str, guide: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = [
        found.shift(at, measure)[found.moment, :, found.guides.index(guide)] for at in range(1, len(found.strengths))
    ]
    return means(np.stack(values))
