"""The picture, and what the model takes it for."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.explain import answer as exhibits
from engine.figures.heat import data_address
from engine.figures.look import percent
from pages.ui.explain.case import SharedCase
from pages.ui.panels import framed
from pages.ui.text import safe

_ODDS = 5
"""Classes listed with their probabilities."""


def show(case: SharedCase) -> None:
    """Picture, badge, and the most probable classes."""
    with framed(exhibits.exhibit(case)):
        st.html(_picture(case) + _odds(case))


def _picture(case: SharedCase) -> str:
    alt = f"The picture: {case.true_name}" if case.true_name else "The picture"
    return (
        f"<figure class='ex-plate'><img src='{data_address(case.picture)}' alt='{safe(alt)}'>"
        f"<figcaption>{_badge(case)}<span>{safe(_caption(case))}</span></figcaption></figure>"
    )


def _badge(case: SharedCase) -> str:
    if case.is_foreign:
        return "<b class='ex-badge ex-bad'>unlike all it learnt</b>"
    if case.right is None:
        return "<b class='ex-badge'>nobody knows</b>" if case.true_name is None else "<b class='ex-badge'>too early</b>"
    if case.right:
        return "<b class='ex-badge ex-good'>✓ right</b>"
    once = any(m.right for m in case.story[: case.moment])
    return f"<b class='ex-badge ex-bad'>✗ {'once right, now wrong' if once else 'wrong'}</b>"


def _caption(case: SharedCase) -> str:
    if case.true_name is None:
        return "Its class is not known"
    if case.true is None and case.subject.class_id is not None:
        tasks = case.lab.view.task_classes
        brings = next((t for t, ids in enumerate(tasks) if case.subject.class_id in ids), None)
        return f"{case.true_name}" + (f", which task {brings + 1} brings" if brings is not None else "")
    return case.true_name


def _odds(case: SharedCase) -> str:
    """The most probable classes and, in any case, the true one."""
    listed = case.order[:_ODDS]
    if case.true is not None and case.true not in listed:
        listed = [*listed[:-1], case.true]
    return f"<ul class='ex-odds'>{''.join(_odd(case, c) for c in listed)}</ul>"


def _odd(case: SharedCase, position: int) -> str:
    share = float(case.probabilities[position])
    marks = "".join(
        f"<em>{word}</em>"
        for word, holds in (("answer", position == case.predicted), ("true", position == case.true))
        if holds
    )
    kind = " class='ex-true'" if position == case.true else ""
    return (
        f"<li{kind}><span>{safe(case.names[position])}{marks}</span><i><u style='width:{100 * share:.1f}%'></u></i>"
        f"<b>{_chance(share)}</b></li>"
    )


def _chance(share: float) -> str:
    return percent(share) if share >= 0.095 else percent(share, 1) if share >= 0.0005 else "< 0.1 %"
