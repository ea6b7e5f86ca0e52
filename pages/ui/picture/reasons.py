"""Why this class, and why rather than that one: the choices, and the bars."""

from __future__ import annotations

import dataclasses

import streamlit as st

from engine.exhibits.exhibit import Exhibit
from engine.exhibits.picture import past_concepts
from engine.exhibits.picture import reasons as exhibits
from engine.exhibits.picture.reasons import Reasons
from engine.explain.contributions import Bars
from engine.explain.wording import Clause, definition, sentence
from pages.ui import address, panels, segments
from pages.ui.panels import draw, framed, on_point
from pages.ui.picture import choices
from pages.ui.picture.case import SharedCase
from pages.ui.text import unmarked

_CHART = "reasons"
_READINGS = {"plain": "As added", "centred": "Against an average picture"}


def show(case: SharedCase) -> None:
    """Controls and bars."""
    found = asked(case)
    words = exhibits.bars(case, found)
    exhibit = exhibits.exhibit(case, found, choices.concept(case.words, words.concepts[0]))
    with framed(exhibit):
        _controls(case)
        draw(exhibit, _CHART, on_point(_CHART, lambda row, _: _clicked(case, words, row)))
    beside = past_concepts.exhibit(case)
    if isinstance(beside, Exhibit):
        panels.show(beside, beside.caption)


def asked(case: SharedCase) -> Reasons:
    """The reasons that the address asks for."""
    return exhibits.reasons(case, *_asked(case), segments.asked(choices.READING, _READINGS) == "centred")


def _controls(case: SharedCase) -> None:
    options = _classes(case)
    about = case.names[case.predicted]
    rivals = {name: shown for name, shown in options.items() if name != choices.shown(choices.WHY, options, about)}
    with st.container(horizontal=True, vertical_alignment="center", key="reasons-controls"):
        name = case.true_name
        if name is not None and name in rivals and choices.shown(choices.RATHER, rivals) is None:
            st.button(f"Why not {unmarked(name)}?", key="why-not", on_click=_why_not, args=(name,))
        with st.popover("Compare", icon=":material/tune:", type="tertiary", key="compare-classes"):
            choices.select("Why", choices.WHY, options, about, width=270)
            choices.select("Rather than", choices.RATHER, rivals, placeholder="no other", width=270)
            segments.choose("Reading", choices.READING, _READINGS)
            if choices.shown(choices.RATHER, rivals) is None:
                position = case.names.index(str(choices.shown(choices.WHY, options, about)))
                st.caption(unmarked(sentence(case.names[position], _clauses(case, position)) + "."))


def _classes(case: SharedCase) -> dict[str, str]:
    """The classes, the most probable first, with what the reader knows of them."""
    return {case.names[c]: case.names[c] + _mark(case, c) for c in case.order}


def _asked(case: SharedCase) -> tuple[int, int | None]:
    """Positions of the class and the rival."""
    options = _classes(case)
    about = choices.shown(choices.WHY, options, case.names[case.predicted])
    rival = choices.shown(choices.RATHER, options)
    return case.names.index(str(about)), case.names.index(rival) if rival not in (None, about) else None


def _why_not(name: str) -> None:
    """Callback: compare with the true class."""
    address.choose(choices.RATHER, name)


def _clauses(case: SharedCase, position: int) -> list[Clause]:
    """What sets a class apart, its concepts called as on this page."""
    found = definition(case.snapshot, position)
    return [dataclasses.replace(clause, text=case.words[clause.concept]) for clause in found]


def _mark(case: SharedCase, position: int) -> str:
    words = [w for w, on in (("answer", position == case.predicted), ("true", position == case.true)) if on]
    return f" ({', '.join(words)})" if words else ""


def _clicked(case: SharedCase, words: Bars, row: int) -> None:
    if row < len(words.concepts):
        choices.look_at(case.words[words.concepts[row]])
