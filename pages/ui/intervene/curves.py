"""Curves: accuracy against concepts set, by policy, for a person who is right or errs; and the budget planner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures import intervention as charts
from engine.figures.look import CONFIG, percent
from engine.interventions.base import POLICIES
from engine.params import Value
from pages.ui import address, analysis, laboratory, segments
from pages.ui.context import Context
from pages.ui.intervene import budget
from pages.ui.panels import numbers, panel
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.runs.analyses import Result

_TRUTHS = {"class": "The class in general", "picture": "This picture"}
_COMPETENCE = ("100", "95", "90", "80", "70", "60")
_DEFAULTS: Mapping[str, Value] = {"split": "test", "truth": "class", "competence": 1.0, "propagation": False}


def show(here: Context) -> None:
    """Choices, then the curves once they are computed."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    from engine.analyses.bedside import why_no_truth

    reason = why_no_truth(lab)
    if reason:
        st.html("<div class='pl-finding'><h2>No curves for this run</h2></div>")
        st.caption(f"Curves need a person who answers truly: {unmarked(reason)}. Sliders on one image work without.")
        return
    settings = _choices(here)
    changed = {name: value for name, value in settings.items() if value != _DEFAULTS[name]}
    found = analysis.wanted(here.view, here.moment, "curves", changed, words="what clicks are worth")
    if found is not None:
        _results(found, settings)


def _choices(here: Context) -> dict[str, Value]:
    assert here.view is not None
    with st.container(horizontal=True, vertical_alignment="bottom", key="curve-choices"):
        split = segments.split(here.view)
        truth = segments.choose("The person knows", "truth", _TRUTHS)
        right = _competence()
        follow = address.value("along") == "yes"
        st.session_state["along-choice"] = follow
        st.toggle("Correlated concepts follow", key="along-choice", on_change=_along)
        address.settle("along", "yes" if follow else "no", default="no")
    return {"split": split, "truth": truth, "competence": right, "propagation": follow}


def _along() -> None:
    address.choose("along", "yes" if st.session_state["along-choice"] else "no")


def _competence() -> float:
    asked, widget = address.value("competence"), "competence-choice"
    chosen = asked if asked in _COMPETENCE else _COMPETENCE[0]
    st.session_state[widget] = chosen
    st.select_slider(
        "The person is right",
        _COMPETENCE[::-1],
        key=widget,
        format_func=lambda share: f"{share} %",
        width=260,
        on_change=address.take,
        args=("competence", widget),
    )
    address.settle("competence", chosen, default=_COMPETENCE[0])
    return int(str(chosen)) / 100


def _results(found: Result, settings: Mapping[str, Value]) -> None:
    names = tuple(found["policy"].tolist())
    titles = {name: POLICIES.title(name) for name in names}
    areas = charts.areas_of(names, found["bound"], found["accuracy"])
    _summary(found, settings)
    left, right = st.columns([3, 2])
    with left:
        _lines(found, areas, names, titles)
    with right:
        _old_new(found, areas, names, titles)
    _areas(areas, titles)
    budget.show(found, names, titles)


def _summary(found: Result, settings: Mapping[str, Value]) -> None:
    before, after = float(found["accuracy"][0, 0, 0]), float(found["every"][0])
    gain = f"{100 * (after - before):+.1f}".replace("-", "\N{MINUS SIGN}")
    share = float(settings["competence"])
    who = "always right" if share == 1.0 else f"right {percent(share)} of the time"
    whose = "the class in general" if settings["truth"] == "class" else "this very picture"
    told = (
        f"{int(found['images']):,} images, {int(found['concepts'])} facts to ask about; a person who is {who} and "
        f"speaks of {whose}. Answering all: {percent(before, 1)} to {percent(after, 1)}, {gain} points."
    )
    st.caption(told)
    if settings["truth"] == "picture" and after <= before:
        st.caption(
            "Images of a class differ, and the model is mostly right about the odd ones: to hear, truly, that this one "
            "is odd does not help it. Choose \u201cThe class in general\u201d to see what does."
        )


def _lines(found: Result, areas: charts.Areas, names: tuple[str, ...], titles: Mapping[str, str]) -> None:
    lines = found["accuracy"][:, 0]
    told = charts.headline(areas, lines, titles)
    note = "Accuracy by concepts set of each image; dotted lines know the answers and are bounds"
    with panel(
        "policies", told, note, lambda: charts.curves_table(names, lines, titles), ("policy", "answers", "levels")
    ):
        figure = charts.policy_lines(names, lines, float(found["every"][0]), titles)
        st.plotly_chart(figure, key="policy-lines", config=CONFIG, alt=told)


def _old_new(found: Result, areas: charts.Areas, names: tuple[str, ...], titles: Mapping[str, str]) -> None:
    best = areas.best()
    lines = found["accuracy"][0 if best is None else best]
    gains = 100 * (lines[1:, -1] - lines[1:, 0])
    short = titles[names[best or 0]].partition(":")[0]
    if np.isfinite(gains).all():
        told = f"Old classes gain {gains[0]:+.1f} points, new ones {gains[1]:+.1f}".replace("-", "\N{MINUS SIGN}")
    else:
        told = "Old and new can be compared from the second task on"
    with panel("policies-old-new", told, f"The same for {short}, apart", lambda: charts.old_new_table(lines)):
        st.plotly_chart(charts.old_new_lines(lines), key="policy-old-new", config=CONFIG, alt=told)


def _areas(areas: charts.Areas, titles: Mapping[str, str]) -> None:
    poor = charts.worse(areas, titles)
    listed = " and ".join(filter(None, [", ".join(poor[:-1]), *poor[-1:]]))
    told = f"{listed} ask{'s' if len(poor) == 1 else ''} worse than chance" if poor else "None asks worse than chance"
    with panel("areas", told, "Area under each curve: mean accuracy over the clicks", None, ("intervention_area",)):
        numbers("areas", charts.areas_table(areas, titles))
