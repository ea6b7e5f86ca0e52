"""The form for a new run. What is wrong stands at its field, and is worked out from what the form holds now: it goes
with its cause. The long look, at every picture of a folder, is taken when the run shall start, before it is made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.data.sources.base import SOURCES, Source
from engine.errors import PlumageError
from engine.methods.base import Setup
from engine.params import Parameter, parameters_of
from engine.runs.catalog import MethodInfo, catalog
from engine.runs.config import PRESETS, RunConfig, configure, parameters_for
from engine.runs.watch import WatchSettings
from engine.store.store import MAX_NAME
from engine.store.summary import stored_config
from engine.training.preflight import Problem, setup_of
from pages.ui import assets, context, methods, widgets
from pages.ui.run import harden, launch
from pages.ui.text import title, unmarked

_IN_SIGHT = ("method", "seed")
"""Run parameters that stand outside of "All settings"; of pictures that lie somewhere, the place and `_PLACED` too."""
_PLACED = ("backbone", "increment", "concepts")
_ALL, _LOOK = "all-settings", "form-look"
"""Session: whether all settings are open; whether the eye shall be led to what is wrong."""
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
        self._opening = opening if opening in {run.id for run in here.runs} else ""
        self._scope, self._method = "demo", ""
        self._start: dict[str, Any] = {}
        self._problem: Problem | None = None

    def draw(self) -> None:
        if st.session_state.pop(f"{_ALL}-open", False):
            st.session_state[_ALL] = True
        self._scope = self._starting_point()
        first = self._first(None)
        self._method = methods.chosen_of(self._method_key, first["method"])
        self._start = self._first(self._method)
        config, self._problem = self._judged()
        methods.choose(
            self._method_key, first["method"], config, lambda: self._setup(config), self._store, self._problem
        )
        with st.container(horizontal=True, vertical_alignment="top", key="essentials"):
            self._name()
            with st.container(width=160):
                self._fields(("seed",))
        if self._source.place:
            self._fields((self._source.place, *_PLACED))
        self._all_settings()
        harden.show(self._store, self._scope)
        self._foot(config)

    # -- what is chosen ------------------------------------------------------------------------------------------------

    def _starting_point(self) -> str:
        titles = {name: known.title for name, known in PRESETS.items()}
        if self._opening:
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
        note = PRESETS[chosen].help if chosen in PRESETS else "All its settings."
        st.caption(unmarked(note))
        return str(chosen)

    @property
    def _method_key(self) -> str:
        return "method" if self._scope in PRESETS else f"method-{self._scope}"

    def _setup(self, config: RunConfig | None) -> Setup | None:
        """What methods are asked about the run; of pictures that lie somewhere, nobody has looked at them yet."""
        return None if config is None or self._source.place else setup_of(config)

    @property
    def _name_key(self) -> str:
        return "run-name" if self._scope in PRESETS else f"run-name-{self._scope}"

    def _name(self) -> None:
        was = "" if self._scope in PRESETS else str(self._store.row(self._scope)["name"])
        st.text_input(
            "Name (optional)", was, key=self._name_key, max_chars=MAX_NAME, width=260, persist_state="session"
        )

    def _first(self, method: str | None) -> dict[str, Any]:
        """The values that the form starts from."""
        if self._scope in PRESETS:
            return configure(self._scope, {}, method=method).to_mapping()
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
        return {**values, place: launch.whole(self._source, str(values.get(place, "")))} if place else values

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

    # -- what is wrong with it -----------------------------------------------------------------------------------------

    def _judged(self) -> tuple[RunConfig | None, Problem | None]:
        """The run that is asked for, and what keeps it from being made as far as that is known now."""
        values, tried = self._values(), launch.tried()
        try:
            config = RunConfig.from_mapping(values)
        except PlumageError as error:
            empty = bool(error.field) and error.field == self._source.place and not values[error.field]
            return None, None if empty and not tried else Problem(error.field, error)
        try:
            self._watch.check_size(config.tasks_total or 1)
        except PlumageError as error:
            return config, Problem(error.field, error)
        return config, launch.found_of(config)

    def _fields(self, names: tuple[str, ...]) -> None:
        declared = [p for p in self._declared if p.name in names]
        self._some(declared, self._scope, self._start)

    def _some(self, declared: list[Parameter], scope: str, start: Mapping[str, Any]) -> None:
        widgets.fields(declared, scope, start, problem=self._problem)

    @property
    def _in_sight(self) -> tuple[str, ...]:
        return (*_IN_SIGHT, *((self._source.place, *_PLACED) if self._source.place else ()))

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
            go = st.button("Start training", key="start", type="primary", icon=icon, on_click=launch.try_it)
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
        """Start it, or draw the page anew with what keeps it from that in sight."""
        name = str(st.session_state.get(self._name_key) or "").strip()
        if not launch.start(config, name, slot, self._watch) and (found := launch.found_of(config)) is not None:
            self._show(found)
        st.rerun()

    def _show(self, problem: Problem) -> None:
        """Draw the page anew with what is wrong in sight."""
        st.session_state[_LOOK] = True
        if problem.field not in self._in_sight:
            st.session_state[f"{_ALL}-open"] = True
        st.rerun()


def _cancel() -> None:
    st.session_state[context.COMPOSING] = False
    launch.forget()
