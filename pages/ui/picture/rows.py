"""The concepts of one image, each on a row of its own to be set; more of them on demand, and whole groups at once."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.exhibits.picture.instance import Instance
from engine.interventions.acts import ABSENT, NEGATE, PRESENT, VALUE, ZERO, Act, ImageOutcome
from pages.ui.picture import console
from pages.ui.picture.doings import Doings, attempted
from pages.ui.text import safe

_FEW, _MANY = 3, 12
"""Concepts that get a row without being asked for, and where more are."""
_ALL = "rows-all"
_MORE = "rows-more"
_KINDS = {PRESENT: "Present", ABSENT: "Absent", ZERO: "Zero", NEGATE: "Negate"}


def draw(instance: Instance, doings: Doings, found: ImageOutcome) -> None:
    """The concepts that decide, the strongest first; all of them and ways to reach any other where somebody asks."""
    more = bool(st.session_state.get(_ALL))
    rows = [_row(instance, k, doings, found) for k in _wanted(instance, found, _MANY if more else _FEW)]
    console.draw(rows, "console", lambda k, kind, score: _act(doings, k, kind, score))
    if not st.toggle("More concepts", key=_ALL, persist_state="session"):
        return
    first = int(instance.head.predicted(instance.scores))
    pair = f"{instance.names[first]} rather than {instance.names[instance.rival]}"
    st.html(
        f"<p class='pi-note'>The concepts that decide for <b>{safe(pair)}</b>, strongest first.</p>"
        "<p class='pi-note pi-key'><i class='pi-band'></i>observed range<i class='pi-dot'></i>its score"
        "<i class='pi-tick' style='background:#D55E00'></i>absent<i class='pi-tick' style='background:#0072B2'></i>"
        "present</p>"
    )
    left, right = st.columns(2)
    with left:
        _more(instance)
    with right:
        _whole_group(instance, doings)


def _wanted(instance: Instance, found: ImageOutcome, most: int) -> list[int]:
    strongest = np.argsort(-np.abs(instance.leaning), kind="stable")[:most].tolist()
    asked = [k for k in st.session_state.get(_MORE, []) if k < len(instance.texts)]
    return list(dict.fromkeys([*strongest, *asked, *np.flatnonzero(found.acted).tolist()]))


def _row(instance: Instance, k: int, doings: Doings, found: ImageOutcome) -> console.Row:
    scale, kinds = instance.setup.levels, {act.concept: act.kind for act in doings.acts}
    return console.Row(
        concept=k,
        name=instance.texts[k],
        note="for" if instance.leaning[k] >= 0 else "against",
        was=float(found.before[k]),
        now=float(found.after[k]),
        low=float(scale.low[k]),
        high=float(scale.high[k]),
        absent=float(scale.absent[k]),
        present=float(scale.present[k]),
        kind=kinds.get(k, ""),
        followed=bool(found.followed[k]),
    )


def _act(doings: Doings, concept: int, kind: str, score: float) -> None:
    if kind in (*_KINDS, VALUE):
        attempted(doings.do, Act(concept, kind, score))
    else:
        attempted(doings.leave, concept)


def _more(instance: Instance) -> None:
    """Any other concept, by its words."""
    st.session_state[_MORE] = [k for k in st.session_state.get(_MORE, []) if k < len(instance.texts)]
    st.multiselect(
        "Any other concept",
        range(len(instance.texts)),
        key=_MORE,
        format_func=lambda k: instance.texts[k],
        placeholder=f"search {len(instance.texts)} concepts",
        persist_state="session",
    )


def _whole_group(instance: Instance, doings: Doings) -> None:
    """All concepts of a group at once."""
    groups = sorted(set(filter(None, instance.groups)))
    if not groups:
        return
    group = st.selectbox(
        "A whole group",
        groups,
        index=None,
        placeholder="choose a group",
        key="group",
        format_func=lambda name: name.replace("_", " "),
        persist_state="session",
    )
    if group is None:
        return
    mine = [k for k, name in enumerate(instance.groups) if name == group]
    with st.container(horizontal=True, key="group-acts", gap="small"):
        for kind, label in _KINDS.items():
            acts = [Act(k, kind) for k in mine]
            st.button(label, key=f"group-{kind}", on_click=attempted, args=(doings.do, *acts))
        st.button("As it is", key="group-leave", on_click=attempted, args=(doings.leave, *mine))
