"""What every attribute really does to the model's answers: shares of birds renamed, and effects by value and class."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.explain.effects import Edits, Means
from engine.figures import effects as charts
from engine.figures.look import CONFIG, percent
from engine.runs.view import RunView
from pages.ui import segments
from pages.ui.aviary import reading
from pages.ui.aviary.reading import NAMES, STARTS, VALUES, Causes
from pages.ui.panels import panel
from pages.ui.text import safe

_KINDS = {"shown": "given to birds", "removed": "taken from birds"}
_ATTRIBUTES = {a.name: name for a, name in reversed(list(zip(ATTRIBUTES, NAMES, strict=True)))}
_FAMILIAR = 24
"""Classes whose columns fit on the screen; of more, those that move most are shown."""


def show(view: RunView, moment: int, class_id: int | None) -> None:
    """Draw the view, or how far its numbers are."""
    found = reading.causes(view, moment)
    if found is None:
        return
    only = reading.position(view, moment, class_id)
    left, right = st.columns([5, 6])
    with left:
        _flips(found, only)
    with right:
        _values(found)


def _flips(found: Causes, only: int | None) -> None:
    edits = found.edits if only is None else found.edits.where(found.edits.label == only)
    part = Causes(edits, found.classes, found.result)
    flips = part.per_attribute(lambda e: e.flipped)
    told = charts.effect_headline(NAMES, flips)
    whose = "all species seen" if only is None else f"the species {found.classes[only]}"
    note = (
        f"{len(edits):,} edits of {part.birds} test birds of {whose}: one attribute changed to another value, "
        f"everything else of the picture the same. Lines reach two standard errors to either side."
    )
    table = (NAMES, flips, part.per_attribute(_own), part.per_attribute(_predicted), part.per_attribute(_worse))
    with panel("flips", told, note, lambda: charts.flip_table(*table)):
        st.plotly_chart(charts.flip_bars(NAMES, flips), key="flip-bars", config=CONFIG, alt=told)
        st.html(f"<div class='av-note'>{_costs(part)}</div>")


def _own(edits: Edits) -> np.ndarray:
    return edits.own


def _predicted(edits: Edits) -> np.ndarray:
    return edits.predicted


def _worse(edits: Edits) -> np.ndarray:
    return (edits.before == edits.label) & (edits.after != edits.label)


def _costs(part: Causes) -> str:
    """What an edit costs the bird's own species on average, in words."""
    own, worse = part.per_attribute(_own), part.per_attribute(_worse)
    worst = int(np.nan_to_num(own.mean).argmin())
    return safe(
        f"Changing the {NAMES[worst]} costs a bird's own species most: {abs(own.mean[worst]):.2f} "
        f"± {np.nan_to_num(own.error[worst]):.2f} logits on average, and {percent(worse.mean[worst])} of the birds go "
        "from right to wrong."
    )


def _values(found: Causes) -> None:
    index, kind = NAMES.index(_ATTRIBUTES[segments.asked("attribute", _ATTRIBUTES)]), segments.asked("given", _KINDS)
    rows = slice(int(STARTS[index]), int(STARTS[index + 1]))
    whole = found.means(kind)
    part = Means(whole.mean[rows], whole.error[rows], whole.count[rows])
    shown, names = _columns(part, found.classes)
    values = VALUES[rows]
    told = _strongest(part, values, found.classes, kind)
    some = f"; the {_FAMILIAR} classes that move most" if len(names) < len(found.classes) else ""
    note = f"Mean change of the evidence for every class when a value is {_KINDS[kind]}, in logits{some}"
    with panel(f"values-{ATTRIBUTES[index].name}", told, note, lambda: charts.value_table(part, values, found.classes)):
        cut = Means(part.mean[:, shown], part.error[:, shown], part.count)
        figure = charts.value_map(cut, values, names, _KINDS[kind])
        st.plotly_chart(figure, key="value-map", config=CONFIG, alt=told)
        segments.choose("Attribute", "attribute", _ATTRIBUTES, hidden=True)
        segments.choose("The value is", "given", _KINDS, hidden=True)


def _columns(part: Means, classes: tuple[str, ...]) -> tuple[np.ndarray, list[str]]:
    """Which classes to show, in the order of learning."""
    if len(classes) <= _FAMILIAR:
        return np.arange(len(classes)), list(classes)
    sizes = np.nan_to_num(np.abs(part.mean)).max(0)
    shown = np.sort(np.argsort(-sizes, kind="stable")[:_FAMILIAR])
    return shown, [classes[i] for i in shown]


def _strongest(part: Means, values: tuple[str, ...], classes: tuple[str, ...], kind: str) -> str:
    v, c = np.unravel_index(int(np.nan_to_num(np.abs(part.mean)).argmax()), part.mean.shape)
    size = float(np.nan_to_num(part.mean[v, c]))
    verb = "adds to" if size > 0 else "takes from"
    what = "Showing" if kind == "shown" else "Losing"
    return f"{what} {values[v]} {verb} {classes[c]} {abs(size):.1f} logits"
