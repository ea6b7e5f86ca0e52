"""Where attention goes under attack: over the tasks, by group of concepts, and whether it goes with mistakes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.figures import shift as charts
from engine.figures.look import CONFIG
from engine.figures.robustness import strength
from engine.figures.shift import GUIDES, MEASURES
from pages.ui.panels import panel
from pages.ui.robustness import choices, examples
from pages.ui.robustness.found import Found

_SEED = "seed"


def show(found: Found, at: int, measure: str, guide: str) -> None:
    """The choices, then four panels; where no map can be made, why."""
    st.html("<div class='pl-finding pl-large ro-part'><h2>Where attention goes</h2></div>")
    if not found.to_the_end:
        st.caption(
            "Only answers were measured: images were left alone once they were fooled. Measure again with “To the end” "
            "on to see attention and concepts."
        )
        return
    if not found.has_maps:
        st.caption(
            "No image that was right could be followed: this backbone keeps no patch tokens, or does not know the "
            "words. Choose a run on a backbone with patch tokens, for example aviary-clip."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="ro-attention"):
        measure, guide = choices.measure(), choices.guide(found)
    left, right = st.columns(2)
    with left:
        _over_tasks(found, at, measure, guide)
    with right:
        _by_task(found, at, measure, guide)
    left, right = st.columns(2)
    with left:
        _by_group(found, at, measure)
    with right:
        _claim(found, at, measure, guide)


def _terms(measure: str) -> tuple[str, ...]:
    return (f"shift_{measure}",)


def _over_tasks(found: Found, at: int, measure: str, guide: str) -> None:
    mean, low, high = (values[:, : found.moment + 1] for values in found.over_tasks(at, measure))
    told = charts.shift_words(mean[found.guides.index(guide)], measure)
    note = (
        f"{MEASURES[measure]} of the map of the true class, clean against attacked at "
        f"{strength(float(found.strengths[at]))}; mean over images that were right, whiskers: 95 % intervals"
    )
    with panel("shift-tasks", told, note, lambda: charts.shift_table(found.guides, mean, low, high), _terms(measure)):
        figure = charts.shift_lines(found.guides, mean, low, high, found.tasks, measure)
        st.plotly_chart(figure, key="shift-lines", config=CONFIG, alt=told)


def _by_task(found: Found, at: int, measure: str, guide: str) -> None:
    values = found.by_task(at, measure, guide)
    rows = [f"after task {t + 1}" for t in range(found.tasks)]
    columns = [f"task {k + 1}" for k in range(found.tasks)]
    told = _most(values, measure)
    note = f"{MEASURES[measure]} on the images of each task after each task; {GUIDES.get(guide, guide).lower()}"
    with panel(
        "shift-matrix", told, note, lambda: charts.moved_table(values, rows, columns, "moment"), _terms(measure)
    ):
        numbers = [str(t + 1) for t in range(found.tasks)]
        figure = charts.moved_map(values, numbers, numbers, ("after task", "images of task"), measure)
        st.plotly_chart(figure, key="shift-map", config=CONFIG, alt=told)


def _most(values: np.ndarray, measure: str) -> str:
    if not np.isfinite(values).any():
        return "Nothing was attacked: no image was right"
    t, k = np.unravel_index(int(np.nanargmax(values)), values.shape)
    amount = charts.amount(float(values[t, k]), measure)
    return f"Attention moves furthest on birds of task {k + 1} after task {t + 1}: {amount}"


def _by_group(found: Found, at: int, measure: str) -> None:
    names, values = found.by_group(at, measure)
    if not names:
        with panel("shift-groups", "No groups of concepts here", "The rows of this model are no concepts"):
            return
    columns = [str(t + 1) for t in range(found.moment + 1)]
    last = [row[np.isfinite(row)][-1] for row in values]
    told = f"Attention to the {names[0]} moves furthest: {charts.amount(float(last[0]), measure)}"
    if len(names) > 1:
        told += f"; to the {names[-1]} least: {charts.amount(float(last[-1]), measure)}"
    note = f"{MEASURES[measure]} of the maps of concepts that are true of the image, by group and moment"
    with panel(
        "shift-groups", told, note, lambda: charts.moved_table(values, names, columns, "group"), _terms(measure)
    ):
        figure = charts.moved_map(values, names, columns, ("", "after task"), measure)
        st.plotly_chart(figure, key="group-map", config=CONFIG, alt=told)


def _claim(found: Found, at: int, measure: str, guide: str) -> None:
    seed = int(found.settings.get(_SEED, 0))
    told, numbers = charts.claim(found.association(at, measure, guide, seed))
    shift, fooled = found.contested(at, measure, guide)
    bars = charts.parts(shift, fooled)
    note = "Share fooled among images sorted by how far their map moved, in parts of alike size; 95 % intervals"
    terms = ("shift_association", "shift_correlation", *_terms(measure))
    with panel("claim", told, note, lambda: charts.parts_table(bars), terms):
        if len(bars.count):
            st.plotly_chart(charts.parts_bars(bars, measure), key="claim-bars", config=CONFIG, alt=told)
        st.caption(numbers)
        _furthest(found, at, measure, guide)


def _furthest(found: Found, at: int, measure: str, guide: str) -> None:
    """The image whose attention moved most, to be looked at."""
    here = found.shift(at, measure)[found.moment, :, found.guides.index(guide)]
    if np.isfinite(here).any():
        ref = f"test:{int(found.result['rows'][int(np.nanargmax(here))])}"
        examples.link("See the image whose attention moved furthest", ref, found, at, "ro-furthest")
