"""Published protocols: one choice fills in the data, the order of the classes, the tasks and the sentences."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.data.sources.base import Source
from engine.runs.config import parameters_for
from engine.runs.protocols import PROTOCOLS, Protocol
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import unmarked

_CHOICE = "bring-protocol"
_NONE = "none: as I set it"


def show(draft: OpenDraft, own: bool = True) -> None:
    """Draw the choice where there are protocols for this source, and where the chosen one is from.

    Args:
        own: those that name their source; else those whose data lie in a folder somebody has.
    """
    fitting = [name for name, known in PROTOCOLS.items() if bool(known.data) == own and _fits(known, draft.source)]
    if not fitting:
        return
    st.session_state[_CHOICE] = now = _now(draft, fitting)

    def change() -> None:
        chosen = st.session_state[_CHOICE]
        if chosen in PROTOCOLS:
            draft.set(**_settings(PROTOCOLS[chosen], draft.source))

    st.selectbox(
        "Published protocol (optional)",
        [_NONE, *fitting],
        key=_CHOICE,
        on_change=change,
        width=420,
        help="The data, the order of the classes, the tasks and the sentences as a paper has them; each can be changed "
        "afterwards. b0-inc10: tasks of 10 classes; b50-inc10: 50 classes first, then tasks of 10.",
    )
    if now in PROTOCOLS:
        known = PROTOCOLS[now]
        st.caption(unmarked(f"{known.classes} classes, as in {known.source}. {known.note}".strip()))


def _fits(known: Protocol, source: type[Source]) -> bool:
    """Whether its data may come from a source; those that no loader brings lie in a folder."""
    return str(known.data.get("dataset", "folder")) == source.name


def _now(draft: OpenDraft, fitting: list[str]) -> str:
    """The protocol whose every value the draft has."""
    values = draft.values
    every = {name: _settings(PROTOCOLS[name], draft.source) for name in fitting}
    return next((name for name, wanted in every.items() if all(values.get(k) == v for k, v in wanted.items())), _NONE)


def _settings(known: Protocol, source: type[Source]) -> dict[str, Any]:
    declared = {p.name: p for p in parameters_for(source.name)}
    return {name: declared[name].parse(text, "run") for name, text in known.settings.items()}
