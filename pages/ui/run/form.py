"""The form for a new run. What is wrong stands at its field, and is worked out from what the form holds now: it goes
with its cause. The long look, at every picture of a folder, is taken when the run shall start, before it is made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.data.sources.base import SOURCES, Source
from engine.data.sources.folder import FolderSource
from engine.errors import PlumageError
from engine.jobs import control
from engine.params import Parameter, parameters_of
from engine.runs.catalog import MethodInfo, catalog
from engine.runs.config import PRESETS, RunConfig, configure, parameters_for
from engine.runs.watch import WatchSettings
from engine.store.store import MAX_NAME
from engine.store.summary import stored_config
from engine.training.preflight import Problem, preflight
from pages.ui import assets, context, notices, widgets
from pages.ui.context import OWN
from pages.ui.run import harden, upload
from pages.ui.text import title, unmarked

_IN_SIGHT = ("method", "seed")
"""Run parameters that stand outside of "All settings"; of pictures that lie somewhere, the place and `_OWN` too."""
_OWN = ("backbone", "increment", "concepts")
_ALL, _TRIED, _FOUND, _LOOK = "all-settings", "form-tried", "form-found", "form-look"
"""Session: whether all settings are open; whether the reader has pressed Start; what the long look found, and of which
config; whether the eye shall be led to what is wrong."""
_FOLDER = FolderSource.name
_DRAWN = 0.1
"""Seconds between two drawings of how far the look is."""
_OWN_NOTE = (
    "A folder on this computer, or an archive of one, with a sub-folder of pictures for each class, or train and test "
    "with such sub-folders in them. Concepts: a file of texts, or “vocabulary” for built-in words. The shipped "
    "backbone knows words for birds only; for other words name another one, for example local-dir:/a/folder."
)
_TRIES = 30
"""Times that the browser looks, a tenth of a second apart, for a field that is to be led to."""
_WATCH = parameters_of(WatchSettings)


def show(here: context.Context) -> None:
    """Starting point, method, name and seed in sight, and where a folder is; all else behind "All settings"."""
    title("Train a new run", "It trains in a process of its own: close this page whenever you like.")
    rest = st.container()
    with rest.skeleton(height=320):
        known = catalog()
    with rest:
        _Form(here, known).draw()


class _Form:
    """What the form holds in this run of the script."""

    def __init__(self, here: context.Context, known: Mapping[str, MethodInfo]) -> None:
        self._store, self._known = here.store, known
        opening = str(st.session_state.get(context.OPENING) or "")
        self._opening = opening if opening in {OWN, *(run.id for run in here.runs)} else ""
        self._scope, self._method = "demo", ""
        self._start: dict[str, Any] = {}
        self._problem: Problem | None = None

    def draw(self) -> None:
        if st.session_state.pop(f"{_ALL}-open", False):
            st.session_state[_ALL] = True
        self._scope = self._starting_point()
        first = self._first(None)
        essentials = st.container(horizontal=True, vertical_alignment="top", key="essentials")
        with essentials:
            self._method = self._methods(first["method"])
        self._start = self._first(self._method)
        config, self._problem = self._judged()
        with essentials:
            self._name()
            with st.container(width=160):
                self._fields(("seed",))
        st.caption(_first_sentence(self._known[self._method].help))
        if self._problem is not None and self._problem.field == "method":
            with st.container(key=widgets.place_of("method")):
                widgets.wrong(self._problem)
        if self._scope == OWN:
            self._where_they_are()
        if self._source.place:
            self._fields((self._source.place, *_OWN))
        self._all_settings()
        harden.show(self._store, self._scope)
        self._foot(config)

    # -- what is chosen ------------------------------------------------------------------------------------------------

    def _starting_point(self) -> str:
        titles = {name: known.title for name, known in PRESETS.items()} | {OWN: "Your own pictures"}
        if self._opening not in ("", OWN):
            row = self._store.row(self._opening)
            titles = {self._opening: f"As “{unmarked(row['name'] or row['id'])}”", **titles}
        chosen = st.segmented_control(
            "Start from",
            list(titles),
            default=self._opening or "demo",
            required=True,
            format_func=lambda name: titles[name],
            key=f"preset-{self._opening}" if self._opening else "preset",
            wrap=True,
        )
        note = PRESETS[chosen].help if chosen in PRESETS else _OWN_NOTE if chosen == OWN else "All its settings."
        st.caption(unmarked(note))
        return str(chosen)

    def _methods(self, default: str) -> str:
        names = list(self._known)
        chosen: str = st.selectbox(
            "Method",
            names,
            index=names.index(default),
            format_func=lambda m: self._known[m].title,
            key="method" if self._scope in PRESETS else f"method-{self._scope}",
            width=420,
            persist_state="session",
        )
        return chosen

    @property
    def _name_key(self) -> str:
        return "run-name" if self._scope in (*PRESETS, OWN) else f"run-name-{self._scope}"

    def _name(self) -> None:
        was = "" if self._scope in (*PRESETS, OWN) else str(self._store.row(self._scope)["name"])
        st.text_input(
            "Name (optional)", was, key=self._name_key, max_chars=MAX_NAME, width=260, persist_state="session"
        )

    def _first(self, method: str | None) -> dict[str, Any]:
        """The values that the form starts from."""
        if self._scope in PRESETS:
            return configure(self._scope, {}, method=method).to_mapping()
        if self._scope == OWN:
            return {**configure("demo", {}, method=method).to_mapping(), "dataset": _FOLDER}
        config = stored_config(self._store.row(self._scope))
        return config.changed(method=method or config.method).to_mapping()

    def _values(self) -> dict[str, Any]:
        """The values that it holds now."""
        run = [p for p in self._declared if p.name != "method"]
        own = self._known[self._method].parameters
        settings = self._start["settings"]
        values = {
            **self._start,
            **widgets.changed(run, self._scope, self._start),
            "settings": {**settings, **widgets.changed(own, self._own_scope, settings)},
        }
        place = self._source.place
        return {**values, place: _whole(self._source, str(values.get(place, "")))} if place else values

    @property
    def _source(self) -> type[Source]:
        """The source of data that is chosen now."""
        choice = [p for p in parameters_of(RunConfig) if p.name == "dataset"]
        return SOURCES.get(str({**self._start, **widgets.changed(choice, self._scope, self._start)}["dataset"]))

    @property
    def _declared(self) -> tuple[Parameter, ...]:
        """The parameters of the run and of its data."""
        return parameters_for(self._source.name)

    @property
    def _watch(self) -> WatchSettings:
        """What shall be watched while it learns."""
        first = WatchSettings().to_mapping()
        return WatchSettings.from_mapping({**first, **widgets.changed(_WATCH, self._watch_scope, first)})

    @property
    def _watch_scope(self) -> str:
        return f"{self._scope}-watch"

    @property
    def _own_scope(self) -> str:
        return f"{self._scope}-{self._method}"

    def _where_they_are(self) -> None:
        """The kinds of one's own data, and a place to drop an archive."""
        kind, file = st.columns((1, 2), vertical_alignment="top")
        with file:
            upload.zone(self._take)
        with kind:
            self._fields(("dataset",))

    def _take(self, source: str, path: Path) -> None:
        """Fill in where an archive lies that was handed in."""
        for name, value in (("dataset", source), (SOURCES.get(source).place, str(path))):
            declared = next(p for p in parameters_for(source) if p.name == name)
            st.session_state[widgets.key_of(declared, self._scope)] = value

    # -- what is wrong with it -----------------------------------------------------------------------------------------

    def _judged(self) -> tuple[RunConfig | None, Problem | None]:
        """The run that is asked for, and what keeps it from being made as far as that is known now."""
        values, tried = self._values(), bool(st.session_state.get(_TRIED))
        try:
            config = RunConfig.from_mapping(values)
        except PlumageError as error:
            empty = bool(error.field) and error.field == self._source.place and not values[error.field]
            return None, None if empty and not tried else Problem(error.field, error)
        try:
            self._watch.check_size(config.tasks_total or 1)
        except PlumageError as error:
            return config, Problem(error.field, error)
        found: tuple[RunConfig, Problem] | None = st.session_state.get(_FOUND)
        stands = found is not None and found[1].stands(found[0], config)
        return config, found[1] if found is not None and stands else None

    def _fields(self, names: tuple[str, ...]) -> None:
        declared = [p for p in self._declared if p.name in names]
        self._some(declared, self._scope, self._start)

    def _some(self, declared: list[Parameter], scope: str, start: Mapping[str, Any]) -> None:
        widgets.fields(declared, scope, start, problem=self._problem)

    @property
    def _in_sight(self) -> tuple[str, ...]:
        own = ("dataset",) if self._scope == OWN else ()
        return (*_IN_SIGHT, *own, *((self._source.place, *_OWN) if self._source.place else ()))

    def _all_settings(self) -> None:
        box = st.expander("All settings", key=_ALL, icon=":material/tune:", on_change="rerun")
        if not box.open:
            return
        rest = [p for p in self._declared if p.name not in self._in_sight]
        with box:
            for heading, declared in widgets.groups(rest).items():
                st.markdown(f"**{heading}**")
                self._some(declared, self._scope, self._start)
            own = self._known[self._method]
            for paragraph in own.help.split("\n\n")[1:]:  # the first stands below the method's name
                st.caption(paragraph.replace("\n", " "))
            for heading, declared in widgets.groups(own.parameters).items():
                st.markdown(f"**{heading}** of the method")
                self._some(declared, self._own_scope, self._start["settings"])
            for heading, declared in widgets.groups(_WATCH).items():
                st.markdown(f"**{heading}**")
                st.caption("What is looked at while it learns. It changes no result.")
                self._some(declared, self._watch_scope, WatchSettings().to_mapping())

    # -- the way on ----------------------------------------------------------------------------------------------------

    def _foot(self, config: RunConfig | None) -> None:
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":material/play_arrow:"
            go = st.button("Start training", key="start", type="primary", icon=icon, on_click=_try)
            st.button("Cancel", key="cancel", type="tertiary", on_click=_cancel)
            if self._problem is not None:
                st.caption(f"Not yet: {unmarked(self._where())}")
        if go and config is not None and self._problem is None:
            self._begin(config, st.empty())
        elif go and self._problem is not None:
            self._show(self._problem)
        if st.session_state.pop(_LOOK, False) and self._problem is not None:
            place = widgets.place_of(self._problem.field)
            assets.run("lead", place, _TRIES, once=time.monotonic_ns())

    def _where(self) -> str:
        """Where to look."""
        assert self._problem is not None
        name, error = self._problem.field, self._problem.error
        every = {p.name: p for p in (*self._known[self._method].parameters, *self._declared, *_WATCH)}
        return f"look at “{widgets.label_of(every[name])}” above." if name in every else str(error)

    def _begin(self, config: RunConfig, slot: DeltaGenerator) -> None:
        """Take the long look, then start the run."""
        found = preflight(config, _Looking(slot))
        if found is not None:
            st.session_state[_FOUND] = config, found
            self._show(found)
        slot.empty()
        name = str(st.session_state.get(self._name_key) or "").strip()
        notices.attempt(lambda: context.select(control.start(config, name=name, watch=self._watch)))
        st.rerun()

    def _show(self, problem: Problem) -> None:
        """Draw the page anew with what is wrong in sight."""
        st.session_state[_LOOK] = True
        if problem.field not in self._in_sight:
            st.session_state[f"{_ALL}-open"] = True
        st.rerun()


class _Looking:
    """Draws how far the long look is, some times a second."""

    def __init__(self, slot: DeltaGenerator) -> None:
        self._slot, self._drawn = slot, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if total and done < total and now - self._drawn < _DRAWN:
            return
        self._drawn = now
        said = f"Looking at {what}: {done} of {total}" if total else f"Looking at {what}"
        self._slot.progress(done / total if total else 0.0, said)


def _whole(source: type[Source], place: str) -> str:
    """A place as the worker needs it; what is none is left as it is, for the long look to say why."""
    try:
        return source.absolute(place.strip()) if place.strip() else ""
    except PlumageError:
        return place


def _try() -> None:
    st.session_state[_TRIED] = True


def _cancel() -> None:
    st.session_state[context.COMPOSING] = False
    for key in (_TRIED, _FOUND):
        st.session_state.pop(key, None)


def _first_sentence(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")
