"""Curves: accuracy against concepts set, by policy, for a person who is right or errs; and the budget planner."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.exhibits.repair import curves as exhibits
from engine.exhibits.repair import oracles
from engine.exhibits.repair.curves import DEFAULTS, CurveSet
from engine.interventions.evidence import LEVELS
from engine.params import Value
from pages.ui import address, analysis, laboratory, panels, segments
from pages.ui.context import Context
from pages.ui.repair import budget
from pages.ui.text import finding

_LEVELS = {name: evidence.title for name, evidence in LEVELS.items()}
_COMPETENCE = ("100", "95", "90", "80", "70", "60")


def show(here: Context) -> None:
    """Choices, then the curves once they are computed."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    from engine.analyses.intervention_setup import why_no_truth

    reason = why_no_truth(lab)
    if reason:
        told = f"Curves need a person who answers truly: {reason}. Sliders on one image work without."
        st.html(finding("No curves for this run", told))
        return
    everybody = analysis.wanted(here.view, here.moment, "oracles", words="what answering everything is worth")
    if everybody is not None:
        panels.show(oracles.exhibit(everybody), chart="oracles")
    settings = _choices(here)
    changed = {name: value for name, value in settings.items() if value != DEFAULTS[name]}
    found = analysis.wanted(here.view, here.moment, "curves", changed, words="what clicks are worth")
    if found is not None:
        _results(CurveSet(found, settings))


def _choices(here: Context) -> dict[str, Value]:
    assert here.view is not None
    with st.popover("Who answers", icon=":material/tune:", key="curve-choices"):
        split = segments.split(here.view)
        truth = segments.choose("The person knows", "knows", oracles.KNOWS)
        right = _competence()
        levels = segments.choose("Present and absent by", "levels", _LEVELS)
        follow = segments.toggle("Correlated concepts follow", "along", False)
    return {"split": split, "truth": truth, "competence": right, "propagation": follow, "levels": levels}


def _competence() -> float:
    chosen = address.among("competence", _COMPETENCE, _COMPETENCE[0])
    st.select_slider(
        "The person is right",
        _COMPETENCE[::-1],
        format_func=lambda share: f"{share} %",
        width=260,
        **address.bound("competence", chosen),
    )
    address.settle("competence", chosen, default=_COMPETENCE[0])
    return int(chosen) / 100


def _results(curves: CurveSet) -> None:
    left, right = st.columns([3, 2])
    with left:
        lines = exhibits.lines(curves)
        told = f"{lines.caption}. {exhibits.summary(curves)}{_harmful(curves)}"
        panels.show(replace(lines, caption=told), chart="policy-lines")
    with right:
        panels.show(exhibits.old_new(curves), chart="policy-old-new")
    panels.show(exhibits.areas(curves), chart="policy-areas")
    budget.show(curves)


def _harmful(curves: CurveSet) -> str:
    """Why true answers about a picture may help nothing, as the end of a caption."""
    if curves.settings["truth"] != "picture" or curves.found["every"][0] > curves.found["accuracy"][0, 0, 0]:
        return ""
    return (
        ". Images of a class differ, and the model is mostly right about the odd ones: to hear, truly, that this one "
        "is odd does not help it. Choose \u201cThe class in general\u201d to see what does, and what it assumes"
    )
