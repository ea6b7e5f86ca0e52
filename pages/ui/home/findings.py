"""Findings as cards: the number large, the sentence, what it rests on, and one click to the view that proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from engine.findings.base import Finding, how
from engine.findings.words import number
from pages.ui import context
from pages.ui.text import safe
from pages.ui.words import linked

ACROSS = 3
"""Cards side by side; on a phone they are below each other."""


def cards(here_run_id: str, moment: int, found: Sequence[Finding], most: int = 3) -> None:
    """Draw the weightiest findings of a run at a moment, and all others one click away.

    Args:
        moment: the finished task that they are about, from 0.
        found: as `engine.findings.base.findings` sorts them.
        most: how many are cards.
    """
    if not found:
        st.caption("No rule has anything to say of this run yet: nothing in its numbers is more than chance.")
        return
    _grid(here_run_id, moment, found[:most], 0)
    rest = found[most:]
    if rest:
        count = "One more finding" if len(rest) == 1 else f"{len(rest)} more findings"
        box = st.expander(count, key="more-findings", on_change="rerun")
        if box.open:
            with box:
                _grid(here_run_id, moment, rest, most)


def link(run: str, moment: int, finding: Finding, label: str = "") -> None:
    """A link to the view that proves a finding, of that run at that moment.

    Args:
        label: what it says.
    """
    page = finding.proof.page
    query = {context.RUN: run, context.TASK: str(moment + 1), **finding.proof.address}
    seen = f"On the page {page.capitalize()}"
    way = ":material/arrow_forward:"
    st.page_link(f"pages/{page}.py", label=label or "See it", icon=way, query_params=query, help=seen)


def _grid(run: str, moment: int, found: Sequence[Finding], first: int) -> None:
    for start, row in enumerate(_rows(found)):
        for column, finding in zip(st.columns(ACROSS), row, strict=False):
            place = first + start * ACROSS + row.index(finding)
            with column, st.container(border=True, height="stretch", key=f"finding-{place}-{finding.rule}"):
                st.html(_told(finding, {context.RUN: run, context.TASK: str(moment + 1)}))
                link(run, moment, finding)


def _rows(found: Sequence[Finding]) -> list[tuple[Finding, ...]]:
    return [tuple(found[at : at + ACROSS]) for at in range(0, len(found), ACROSS)]


def _told(finding: Finding, where: Mapping[str, str]) -> str:
    value, unit = number(finding)
    small = "" if not unit or f"{value} {unit}" in finding.headline else f" <small>{safe(unit)}</small>"
    told: set[str] = set()
    return (
        f"<div class='plf-card'><p class='plf-number' aria-hidden='true'>{safe(value)}{small}</p>"
        f"<h3>{_whole(finding.headline)}</h3>"
        f"<details><summary>Explain this</summary><p>{_whole(finding.detail)}</p><dl><dt>How it is worked out</dt>"
        f"<dd>{linked(how(finding.rule), told)}</dd><dt>What it does not say</dt>"
        f"<dd>{linked(finding.caveat, told)}</dd></dl>{_pictures(finding, where)}</details></div>"
    )


def _pictures(finding: Finding, where: Mapping[str, str]) -> str:
    """A link to the gallery of all pictures that a finding is about, in HTML; nothing where it is about none."""
    if not finding.pictures:
        return ""
    query = safe(urlencode({**where, **finding.pictures}))
    return f"<p><a href='tasks?{query}' target='_self'>All its pictures</a></p>"


def _whole(text: str) -> str:
    """A text as HTML in which a number and its sign stay on one line."""
    return safe(text).replace(" %", "&nbsp;%")
