"""What would have to be different for another answer, and which classes the picture is most like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.explain.counterfactual import Change, Flip, any_flip, flip_to, least_changes, linear
from engine.figures.look import MINUS
from engine.figures.tables import Table, cell
from pages.ui import address, ribbon
from pages.ui.explain import choices
from pages.ui.explain.case import Case
from pages.ui.panels import panel
from pages.ui.text import safe
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.explain.counterfactual import Linear

_NEAR = 6
"""Prototypes shown."""


def flip(case: Case) -> None:
    """The smallest set of concept changes that flips the answer, as a list with ranges."""
    model = linear(case.snapshot, case.scores, *case.reach)
    options = {case.names[c]: case.names[c] for c in case.order if c != case.predicted}
    default = case.names[case.true] if case.right is False and case.true is not None else None
    asked = choices.shown(choices.FLIP, options, default)
    found = _flip(case, model, asked)
    note = "Scores move within the range seen on validation pictures, 5th to 95th percentile"
    with panel("flip", _told(case, model, found, asked), note, lambda: _table(case, found), ("smallest_change",)):
        choices.select("So that it becomes", choices.FLIP, options, default, placeholder="any other class")
        if found is not None:
            st.html(_changes(case, found))
            st.caption(_proof(case, found))


def _flip(case: Case, model: Linear, asked: str | None) -> Flip | None:
    return any_flip(model) if asked is None else flip_to(model, case.names.index(asked))


def _told(case: Case, model: Linear, found: Flip | None, asked: str | None) -> str:
    if found is not None:
        count = len(found.changes)
        return f"{count} concept{'s' if count > 1 else ''} changed would make it {case.names[found.new]}"
    if asked is None:
        return "No change of scores within their range flips the answer"
    if least_changes(model, case.names.index(asked)) is None:
        return f"No change of scores within their range makes it {asked}"
    return f"No way to {asked} was found"


def _proof(case: Case, found: Flip) -> str:
    if found.smallest:
        return "No smaller set does it: that is proven. Nothing says that such a picture exists."
    return "Found step by step; a smaller set may exist. Nothing says that such a picture exists."


def _changes(case: Case, found: Flip) -> str:
    low, high = case.reach
    rows = "".join(_change(case.words[c.concept], c, low[c.concept], high[c.concept]) for c in found.changes)
    return f"<ul class='ex-flips'>{rows}</ul>"


def _change(words: str, change: Change, low: float, high: float) -> str:
    """One concept: a line for the range, a ring where the score is, a dot where it would be."""
    start, end = min(low, change.before), max(high, change.before)
    places = [100 * (v - start) / ((end - start) or 1.0) for v in (change.before, change.after)]
    left, width = min(places), abs(places[0] - places[1])
    verb = "less" if change.after < change.before else "more"
    return (
        f"<li><span>{verb} <b>{safe(words)}</b></span>"
        f"<i title='seen from {_score(low)} to {_score(high)}'><s style='left:{left:.1f}%;width:{width:.1f}%'></s>"
        f"<u style='left:{places[0]:.1f}%'></u><u class='ex-to' style='left:{places[1]:.1f}%'></u></i>"
        f"<small>{_score(change.before)} → {_score(change.after)}</small></li>"
    )


def _score(value: float) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value):.2f}"


def _table(case: Case, found: Flip | None) -> Table:
    changes = found.changes if found else ()
    low, high = case.reach
    return {
        "concept": [case.words[c.concept] for c in changes],
        "score": [cell(c.before) for c in changes],
        "would be": [cell(c.after) for c in changes],
        "lowest seen": [cell(low[c.concept]) for c in changes],
        "highest seen": [cell(high[c.concept]) for c in changes],
    }


def prototypes(case: Case) -> None:
    """The classes whose training images this picture is most like."""
    from engine.explain.prototypes import nearest

    near = nearest(case.snapshot, case.subject.feature, _NEAR)
    ids = [case.snapshot.class_ids[p.position] for p in near]
    pictured = ribbon.pictures(case.lab.config, tuple(ids), 1)
    thumbs = [
        Thumb(
            case.names[p.position],
            next(iter(pictured.get(c, [])), ""),
            case.names[p.position],
            f"cosine {p.cosine:.3f}{_mark(case, p.position)}",
            "good" if p.position == case.true else "",
        )
        for p, c in zip(near, ids, strict=True)
    ]
    table: Table = {
        "class": [case.names[p.position] for p in near],
        "cosine": [cell(p.cosine) for p in near],
        "probability": [cell(case.probabilities[p.position], 6) for p in near],
    }
    told = _nearest(case, near[0].position)
    note = "By the mean of each class's training images; one of them is shown. A click explains that class above."
    if case.lab.changes_eyes:
        note += " Each mean is of the eyes of its task, the picture of the eyes now: old means have drifted from it."
    with panel("prototypes", told, note, lambda: table, ("nearest_prototype",)):
        about = address.value(choices.WHY) or case.names[case.predicted]
        gallery(thumbs, "near", lambda name: address.choose(choices.WHY, name), about, width=88)


def _mark(case: Case, position: int) -> str:
    marks = [w for w, on in (("answer", position == case.predicted), ("true", position == case.true)) if on]
    return f", {' and '.join(marks)}" if marks else ""


def _nearest(case: Case, position: int) -> str:
    name = case.names[position]
    if case.right is False and position == case.true:
        return f"It is nearest to {name}, its own class: the head or the concepts lost it"
    agrees = "as the model says" if position == case.predicted else "though the model says otherwise"
    return f"It is nearest to {name}, {agrees}"
