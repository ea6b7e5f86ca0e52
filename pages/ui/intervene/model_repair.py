"""The model leans on a group (its habitat): how much, and the repair that costs least, one click away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures.look import CONFIG, percent
from engine.figures.scenario import change, repair_plane, repair_table, tenths
from engine.interventions.edits import from_mappings
from engine.runs.analyses import Result
from pages.ui import analysis
from pages.ui.intervene import model_draft, model_edit
from pages.ui.intervene.model_draft import Work
from pages.ui.intervene.model_measure import names, settings
from pages.ui.panels import panel
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.runs.lab import Lab

_LEANS = 0.05
"""A fall of validation accuracy elsewhere that is worth the word."""


_FIRST = 3
"""Repairs shown at once; the others open on demand."""
_GROUP = "model-lean"


def group(snapshot: Snapshot) -> str | None:
    """The group that the panel is about: the one chosen in it, else habitat, else the largest; None without groups."""
    known, chosen = model_edit.groups(snapshot), st.session_state.get(_GROUP)
    return str(chosen) if chosen in known else next(iter(known), None)


def offer(lab: Lab, work: Work, group: str) -> None:
    """The panel. For habitat the analysis behind it runs by itself: that is what a bird can be moved away from."""
    known = model_edit.groups(lab.snapshot(work.task))
    if len(known) > 1:
        st.selectbox("Does it lean on", list(known), key=_GROUP, width=260, persist_state="session")
    words = f"repairs of a model that leans on {group}"
    auto = group == model_edit.HABITAT
    found = analysis.wanted(lab.view, work.task, "repairs", settings(group), words, auto=auto)
    if found is not None:
        _Offer(lab, work, group, found).draw()


class _Offer:
    """The repairs that were measured."""

    def __init__(self, lab: Lab, work: Work, group: str, found: Result) -> None:
        self._work, self._group, self._found = work, group, found
        self._names = names(lab, str(found["how"]))
        self._accuracy = found["accuracy"]
        self._splits = [str(split) for split in found["split"]]
        self._order = found["order"].tolist()

    def draw(self) -> None:
        """Headline, chart, and a button for each repair that can be done."""
        ordinary, moved = self._accuracy[:, 0], self._accuracy[:, 1]
        titles = [str(title) for title in self._found["title"]]
        first = self._order[0] if self._order else None
        told = self._headline(first)
        table = repair_table(
            [*titles, "Nearest class mean, for comparison"],
            [self._names[split] for split in self._splits],
            np.vstack([self._accuracy, self._found["ncm"]]),
            np.append(self._found["nec"], np.nan),
            [*(str(reason) for reason in self._found["why_not"]), ""],
        )
        terms = ("repair_choice", "moved_validation", "nec")
        with panel("model-repair", told, self._caption(), lambda: table, terms):
            left, right = st.columns([3, 2])
            with left:
                reference = float(self._found["ncm"][0]), float(self._found["ncm"][1])
                figure = repair_plane(titles, ordinary, moved, first, reference)
                st.plotly_chart(figure, key="model-repairs", config=CONFIG, alt=told)
            with right:
                for rank, place in enumerate(self._order[:_FIRST]):
                    self._choice(place, titles[place], rank == 0)
                others = st.expander("Other ways", key="model-other-repairs")
                with others:
                    for place in self._order[_FIRST:]:
                        self._choice(place, titles[place], False)

    def _headline(self, first: int | None) -> str:
        lost = self._accuracy[0, 0] - self._accuracy[0, 1]
        if lost < _LEANS:
            return f"It hardly leans on {self._group}: elsewhere it loses {change(-lost).lstrip('−')}"
        told = f"It leans on {self._group}: elsewhere {percent(self._accuracy[0, 1])} instead of"
        told += f" {percent(self._accuracy[0, 0])}"
        if first is None:
            return told
        gain, cost = self._accuracy[first, 1] - self._accuracy[0, 1], self._accuracy[first, 0] - self._accuracy[0, 0]
        return f"{told}. A repair gives {change(gain)} there, {change(cost)} at home"

    def _caption(self) -> str:
        how = (
            "the same validation birds drawn again in another habitat"
            if str(self._found["how"]) == "drawn"
            else f"validation images whose part along the words about {self._group} was swapped with another's: a "
            "stand-in that flatters repairs which take out that part"
        )
        return f"Every repair by validation: images as they are, against {how}. The test rows had no say in the offer."

    def _choice(self, place: int, title: str, first: bool) -> None:
        button(self._work, self._found, place, title, first)
        gains = [tenths(gain) for gain in (self._accuracy[place] - self._accuracy[0]).tolist()]
        tests = ", ".join(
            f"{self._names[split].lower()} {gain}" for split, gain in zip(self._splits[2:], gains[2:], strict=True)
        )
        said = f"Validation {gains[0]}, elsewhere {gains[1]}; {tests}; {self._found['nec'][place]:.0f} concepts a class"
        st.caption(unmarked(said))


def button(work: Work, found: Result, place: int, title: str, first: bool, key: str = "repair") -> None:
    """One click adds the repair's edits."""
    st.button(
        unmarked(title),
        key=f"model-{key}-{found['name'][place]}",
        icon=":material/healing:" if first else None,
        type="primary" if first else "secondary",
        on_click=model_draft.add,
        args=(work, *from_mappings(json.loads(str(found["edits"][place])))),
        width="stretch",
    )


def shortcut(work: Work, found: Result) -> None:
    """The repair that is offered, close to where its effect will show."""
    accuracy, order = found["accuracy"], found["order"].tolist()
    if not order or accuracy[0, 0] - accuracy[0, 1] < _LEANS:
        return
    st.caption(f"The run falls from {percent(accuracy[0, 0])} to {percent(accuracy[0, 1])} on validation elsewhere.")
    button(work, found, order[0], f"Repair: {found['title'][order[0]]}", True, "shortcut")
