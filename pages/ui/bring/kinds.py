"""Which kind of data, and where they lie: the row of kinds, and below it only what the chosen one needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from engine.data.received import TAKES
from engine.data.sources.base import SOURCES, Offered, Source, by_ending, kind_of, kinds
from engine.params import parameters_of
from pages.ui import widgets
from pages.ui.bring import folders, protocols, upload
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import unmarked

_ROW = "bring-kind"
_PATH = "path"
"""The parameter of most sources that is a path and nothing else."""
_IN_A_FOLDER = ("folder",)
"""How the thing at a source's place is called where it is a folder."""


def show(draft: OpenDraft) -> None:
    """Draw them."""
    _row(draft)
    where = st.container()
    if draft.source.name in TAKES:  # before the field that shows where the archive lies
        upload.zone(lambda name, path: _take(draft, name, path))
    source = draft.source
    by_its_end = by_ending(source, str(draft.value(source.place) or ""))
    if by_its_end is not source:  # a path says by its end what it is
        draft.set(dataset=by_its_end.name)
        source = by_its_end
    with where:
        if (offered := source.offered(draft.values)) is not None:
            _names(draft, offered)
        elif source.place:
            _place(draft, source)
    protocols.show(draft)


def apart(source: type[Source]) -> list[str]:
    """Parameters of a source that stand out of sight: all but its place."""
    return [p.name for p in parameters_of(source) if p.name != source.place]


def choose(draft: OpenDraft, source: type[Source]) -> None:
    """Take another source; what was typed for it before stands there again. For callbacks."""
    stashed: dict[str, Any] = st.session_state.setdefault(f"{draft.scope}-typed", {})
    was, values = draft.source, draft.values
    stashed[was.name] = {p.name: values.get(p.name, p.default) for p in parameters_of(was)}
    before: Mapping[str, Any] = stashed.get(source.name, {})
    draft.set(dataset=source.name, **{p.name: before.get(p.name, p.default) for p in parameters_of(source)})


def _row(draft: OpenDraft) -> None:
    known = kinds()
    now = kind_of(draft.source)
    options = list(dict.fromkeys([*known, now]))
    st.session_state[_ROW] = now

    def change() -> None:
        chosen = known.get(st.session_state[_ROW] or now, ())
        if chosen and draft.source not in chosen:
            choose(draft, chosen[0])

    st.segmented_control(
        "What do you have?", options, key=_ROW, on_change=change, format_func=unmarked, required=True, wrap=True
    )
    problem = draft.problem
    if problem is not None and problem.field == "dataset":
        widgets.wrong(problem)


def _place(draft: OpenDraft, source: type[Source]) -> None:
    """The field for its path; beside it, for what may be a folder, a way to look for it."""
    thing = source.thing.partition(" ")[2]
    called = thing if len(kinds()[kind_of(source)]) == 1 else kind_of(source).removeprefix("A ")
    declared = next(p for p in draft.declared if p.name == source.place)
    is_folder = thing.endswith(_IN_A_FOLDER)
    with st.container(horizontal=True, vertical_alignment="bottom", key="bring-place"):
        with st.container(key="bring-place-field"):
            start = draft.start.get(source.place, declared.default)
            is_path = " (a path)" if source.place == _PATH else ""
            widgets.field(declared, draft.scope, start, draft.problem, f"{called[:1].upper()}{called[1:]}{is_path}")
        if is_folder:
            folders.button(draft.scope)
    if is_folder:
        folders.show(draft.scope, _start_of(draft, source), lambda path: draft.set(**{source.place: str(path)}))


def _start_of(draft: OpenDraft, source: type[Source]) -> Path:
    """Where the looking for a folder begins."""
    typed = str(draft.values.get(source.place) or "")
    return Path(typed) if typed and Path(typed).is_dir() else Path.home()


def _names(draft: OpenDraft, offered: Offered) -> None:
    """A place that is one of few names."""
    key = draft.key(draft.source.place)
    if st.session_state.get(key) not in offered.here:
        st.session_state[key] = None
    st.selectbox(
        "Dataset",
        list(offered.here),
        key=key,
        format_func=lambda name: f"{name} · {'on this machine' if offered.here[name] else 'not here'}",
        placeholder="Choose one",
        persist_state="session",
        width=420,
    )
    st.caption(unmarked(f"Looked for in {offered.root or 'no folder'}."))


def _take(draft: OpenDraft, name: str, path: Path) -> None:
    draft.set(dataset=name, **{SOURCES.get(name).place: str(path)})
