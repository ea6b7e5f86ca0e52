"""Why this class, and why rather than that one: signed bars that add up."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import streamlit as st

from engine.explain.contributions import Bars, Contributions, bars, contrast, contributions, mean_scores
from engine.explain.wording import Clause, definition, sentence, signed
from engine.figures.contributions import contribution_bars, contributions_table, sum_line
from engine.figures.look import CONFIG
from engine.figures.tables import Table
from pages.ui import address, notices, segments
from pages.ui.explain import choices
from pages.ui.explain.case import Case
from pages.ui.panels import panel
from pages.ui.text import unmarked

_CHART = "reasons"
_TOP = 12
_LEAST = 0.005
"""A bar that would be printed as 0.00 says nothing."""
_READINGS = {"plain": "As added", "centred": "Against an average picture"}


@dataclass(frozen=True)
class Reasons:
    """What is asked, and the answer.

    Attributes:
        about: position of the class to explain.
        rival: position of the class it is compared with, or None.
        parts: the contributions.
    """

    about: int
    rival: int | None
    parts: Contributions


def show(case: Case) -> Reasons:
    """Controls, bars, and the sum in words; the reasons, for other panels."""
    centred = segments.asked(choices.READING, _READINGS) == "centred"
    found = _found(case, *_asked(case), centred)
    words = bars(found.parts, case.words, _TOP, _LEAST)
    total, constant = _total(found), "average picture" if centred else "bias"
    terms = ("centred_contribution" if centred else "contribution", *(("contrast",) if found.rival is not None else ()))
    told = _told(case, found, words)
    with panel("reasons", told, _note(case, found), lambda: _table(case, found, constant), terms):
        _controls(case)
        st.plotly_chart(
            contribution_bars(words, total, choices.concept(case.words, words.concepts[0]), constant),
            key=_CHART,
            config=CONFIG,
            on_select=lambda: _clicked(case, words),
            selection_mode="points",
            alt=told,
        )
        st.caption(unmarked(f"{sum_line(words, total, constant)}. A click on a bar shows where its concept is seen."))
        if found.rival is None:
            st.caption(unmarked(sentence(case.names[found.about], _clauses(case, found.about)) + "."))
    return found


def _controls(case: Case) -> None:
    options = _classes(case)
    about = case.names[case.predicted]
    rivals = {name: shown for name, shown in options.items() if name != choices.shown(choices.WHY, options, about)}
    with st.container(horizontal=True, vertical_alignment="bottom", key="reasons-controls"):
        choices.select("Why", choices.WHY, options, about, width=270)
        choices.select("Rather than", choices.RATHER, rivals, placeholder="no other", width=270)
        segments.choose("Reading", choices.READING, _READINGS)
        name = case.true_name
        if name is not None and name in rivals and choices.shown(choices.RATHER, rivals) is None:
            st.button(f"Why not {unmarked(name)}?", key="why-not", on_click=_why_not, args=(name,))


def _classes(case: Case) -> dict[str, str]:
    """The classes, the most probable first, with what the reader knows of them."""
    return {case.names[c]: case.names[c] + _mark(case, c) for c in case.order}


def _asked(case: Case) -> tuple[int, int | None]:
    """Positions of the class and the rival."""
    options = _classes(case)
    about = choices.shown(choices.WHY, options, case.names[case.predicted])
    rival = choices.shown(choices.RATHER, options)
    return case.names.index(str(about)), case.names.index(rival) if rival not in (None, about) else None


def _why_not(name: str) -> None:
    """Callback: compare with the true class."""
    address.choose(choices.RATHER, name)


def _clauses(case: Case, position: int) -> list[Clause]:
    """What sets a class apart, its concepts called as on this page."""
    found = definition(case.snapshot, position)
    return [dataclasses.replace(clause, text=case.words[clause.concept]) for clause in found]


def _mark(case: Case, position: int) -> str:
    words = [w for w, on in (("answer", position == case.predicted), ("true", position == case.true)) if on]
    return f" ({', '.join(words)})" if words else ""


def _found(case: Case, about: int, rival: int | None, centred: bool) -> Reasons:
    means = mean_scores(case.snapshot) if centred else None
    if rival is None:
        return Reasons(about, None, contributions(case.snapshot, case.subject.feature, about, means=means))
    return Reasons(about, rival, contrast(case.snapshot, case.subject.feature, about, rival, means=means))


def _total(found: Reasons) -> str:
    return "logit" if found.rival is None else "lead in logits"


def _told(case: Case, found: Reasons, words: Bars) -> str:
    """The strongest reason for, and the strongest against."""
    name = case.names[found.about]
    aim = name if found.rival is None else f"{name} rather than {case.names[found.rival]}"
    speaks = next((i for i, v in enumerate(words.values) if v > 0), None)
    against = next((i for i, v in enumerate(words.values) if v < 0), None)
    parts = []
    if speaks is not None:
        parts.append(f"“{words.names[speaks]}” {signed(float(words.values[speaks]))} speaks most for {aim}")
    if against is not None:
        most = f"“{words.names[against]}” {signed(float(words.values[against]))}"
        parts.append(f"{most} most against" if parts else f"{most} speaks most against {aim}")
    return ", ".join(parts) or f"Nothing speaks for or against {aim}"


def _note(case: Case, found: Reasons) -> str:
    what = "the class's logit" if found.rival is None else "the difference of the two logits"
    return f"What each of {len(case.words)} concepts adds to {what}"


def _table(case: Case, found: Reasons, constant: str) -> Table:
    """Every concept, not only those that have a bar."""
    return contributions_table(bars(found.parts, case.words, len(case.words)), _total(found), constant)


def _clicked(case: Case, words: Bars) -> None:
    def act() -> None:
        points = (st.session_state.get(_CHART) or {}).get("selection", {}).get("points", [])
        if points and int(points[0]["y"]) < len(words.concepts):
            choices.choose_concept(case.words[words.concepts[int(points[0]["y"])]])

    notices.attempt(act)
