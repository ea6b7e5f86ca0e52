"""The draft that is open on the page: what its fields hold now, what is wrong with that, and how it came to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.backbone.advised import advised, prompt_for
from engine.backbone.presets import GIVEN, absolute
from engine.data.sources.base import SOURCES, Source
from engine.data.sources.folder import FolderSource
from engine.errors import PlumageError
from engine.home import drafts_folder
from engine.params import Parameter
from engine.runs.catalog import catalog
from engine.runs.config import NO_HARDENING, RunConfig, configure, parameters_for
from engine.runs.drafts import MOST_UNDONE, Drafts, new_id
from engine.store.store import MAX_NAME, RunStore
from engine.training.preflight import Problem
from pages.ui import address, notices, widgets
from pages.ui.run import launch

DRAFT = "draft"
"""Name in the address of the draft that is open."""
_OPEN = "bring-open"
"""Session: its id."""
_SETTINGS, _NAME = "settings", "name"
_OF_MACHINE = ("backbone", "prompt")
"""What begins with the best that this machine has."""
_BROUGHT = {"backbone": GIVEN, "prompt": "{}", "concept_prompt": "{}", "hardening": NO_HARDENING}
"""What data that bring embeddings leave no choice of."""


class OpenDraft:
    """One draft in this run of the script."""

    def __init__(self, store: RunStore, id: str) -> None:
        self.store, self.id = store, id
        self.scope = f"draft-{id}"
        self._drafts = Drafts(drafts_folder(store.home))
        if f"{self.scope}-start" not in st.session_state:
            st.session_state[f"{self.scope}-start"] = begin()
        self.start: dict[str, Any] = st.session_state[f"{self.scope}-start"]

    # -- what it holds -------------------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter with what its field holds now; the method's own under `"settings"`."""
        run = widgets.changed(self.declared, self.scope, self.start)
        first = self.start_settings
        own = widgets.changed(catalog()[self.method].parameters, self.own_scope, first)
        values = self._fitting({**self.start, **run, _SETTINGS: {**first, **own}})
        place = self.source.place
        return {**values, place: launch.whole(self.source, str(values.get(place, "")))} if place else values

    def _fitting(self, values: dict[str, Any]) -> dict[str, Any]:
        """With the backbone that the kind of data allows, as a worker needs it: what its fields hold of the other kind
        waits there for such data."""
        if self.source.gives_vectors:
            return {**values, **_BROUGHT}
        spec = self.start["backbone"] if values["backbone"] == GIVEN else str(values["backbone"]).strip()
        try:
            return {**values, "backbone": absolute(spec)}
        except PlumageError:  # said where it is chosen
            return {**values, "backbone": spec}

    @property
    def source(self) -> type[Source]:
        """The source of data that is chosen now."""
        return SOURCES.get(str(self.value("dataset")))

    @property
    def method(self) -> str:
        """The method that is chosen now."""
        return str(self.value("method"))

    @property
    def declared(self) -> tuple[Parameter, ...]:
        """The parameters of the run and of its data."""
        return parameters_for(self.source.name)

    @property
    def own_scope(self) -> str:
        """Scope of the fields of the method's own parameters."""
        return f"{self.scope}-{self.method}"

    @property
    def start_settings(self) -> dict[str, Any]:
        """The values that the method's own fields begin with."""
        same = self.method == self.start["method"]
        return dict(self.start[_SETTINGS] if same else catalog()[self.method].settings({}))

    def key(self, name: str) -> str:
        """Key in the session of the field of a parameter of the run or its data."""
        return f"set-{self.scope}-{name}"

    def value(self, name: str) -> Any:
        """What one field of the run holds now."""
        held = st.session_state.get(self.key(name))
        return self.start.get(name) if held is None else held

    @property
    def name(self) -> str:
        """What the run shall be called; may be empty."""
        return str(st.session_state.get(self._name_key) or "").strip()

    # -- what is wrong with it -----------------------------------------------------------------------------------------

    @property
    def problem(self) -> Problem | None:
        """What keeps it from being a run, as far as that is known now."""
        return self._judged[1]

    @property
    def config(self) -> RunConfig | None:
        """The run that it makes, or None where something is wrong."""
        return self._judged[0]

    @property
    def _judged(self) -> tuple[RunConfig | None, Problem | None]:
        values = self.values
        try:
            config = RunConfig.from_mapping(values)
        except PlumageError as error:
            empty = bool(error.field) and error.field == self.source.place and not values[error.field]
            return None, None if empty and not launch.tried() else Problem(error.field, error)
        return config, launch.found_of(config)

    # -- how it changes ------------------------------------------------------------------------------------------------

    def fields(self, *names: str, columns: int = 3) -> None:
        """Draw the fields of some parameters of the run or its data, with what is wrong at its field."""
        wanted = [p for p in self.declared if p.name in names]
        widgets.fields(wanted, self.scope, self.start, columns, self.problem)

    def name_field(self) -> None:
        """Draw the field for the run's name."""
        st.text_input("Name (optional)", key=self._name_key, max_chars=MAX_NAME, width=220, persist_state="session")

    def set(self, **values: Any) -> None:
        """Put values into their fields, also into hidden ones. For callbacks, and before the fields are drawn."""
        for name, value in values.items():
            st.session_state[self._name_key if name == _NAME else self.key(name)] = value

    def touched(self, name: str) -> bool:
        """Whether somebody has chosen a value."""
        return name in self._kept or bool(self.value(name) != self.start.get(name))

    def settle(self, **values: Any) -> None:
        """Let it begin with other values, as long as nobody has chosen any: a default that waited for the data."""
        for name, value in values.items():
            if not self.touched(name):
                self.set(**{name: value})
            self.start[name] = value
            self._settled[:] = {*self._settled, name}

    def keep(self) -> None:
        """Save it, where anything changed since it was saved last; at the end of the page."""
        now, then = self._differs(), self._kept
        if now == then:
            return
        past = [*self._past, then][-MOST_UNDONE:]
        if notices.succeeds(lambda: self._drafts.save(self.id, now, past)):
            st.session_state[f"{self.scope}-past"] = past
            st.session_state[f"{self.scope}-kept"] = now
            address.settle(DRAFT, self.id)

    def reopen(self) -> None:
        """Put what is kept of it into the fields.

        Raises:
            BadInput: it is not there, or damaged.
        """
        held = self._drafts.read(self.id)
        self._fill(held.values)
        st.session_state[f"{self.scope}-past"] = list(held.past)

    def _fill(self, held: Mapping[str, Any]) -> None:
        """Put values into the fields, and what they do not name back to the beginning."""
        was = {**self._differs(), **held}
        first = {p.name: p.default for p in parameters_for(str(held.get("dataset", self.start["dataset"])))}
        for name in was:
            if name != _SETTINGS:
                self.set(**{name: held.get(name, self.start.get(name, first.get(name, "")))})
        for name in {**was.get(_SETTINGS, {}), **self._differs().get(_SETTINGS, {})}:
            value = held.get(_SETTINGS, {}).get(name, self.start_settings.get(name))
            st.session_state[f"set-{self.own_scope}-{name}"] = value
        st.session_state[f"{self.scope}-kept"] = json.loads(json.dumps(dict(held)))

    @property
    def can_undo(self) -> bool:
        """Whether anything was changed here."""
        return bool(self._past)

    def undo(self) -> None:
        """Take the last change back. For callbacks."""
        if self._past:
            then = self._past.pop()
            self._fill(then)
            notices.attempt(lambda: self._drafts.save(self.id, then, self._past))

    def discard(self) -> None:
        """Be rid of it and begin anew."""
        notices.attempt(lambda: self._drafts.remove(self.id))
        anew()

    def others(self) -> list[str]:
        """Drafts that are kept besides this one, the one changed last first."""
        return [id for id in self._drafts.listed() if id != self.id]

    @property
    def _name_key(self) -> str:
        return f"run-name-{self.scope}"

    @property
    def _kept(self) -> dict[str, Any]:
        held: dict[str, Any] = st.session_state.setdefault(f"{self.scope}-kept", {})
        return held

    @property
    def _settled(self) -> list[str]:
        """Values whose beginning waited for the data, or is another on another machine."""
        held: list[str] = st.session_state.setdefault(f"{self.scope}-settled", list(_OF_MACHINE))
        return held

    @property
    def _past(self) -> list[dict[str, Any]]:
        held: list[dict[str, Any]] = st.session_state.setdefault(f"{self.scope}-past", [])
        return held

    def _differs(self) -> dict[str, Any]:
        """What differs from the beginning, and what did before the beginning moved: a choice stays one."""
        now, chosen = self.values, {k for k in self._kept if k in self._settled}
        found = {k: v for k, v in now.items() if k != _SETTINGS and (k in chosen or v != self._first(k))}
        own = {k: v for k, v in now[_SETTINGS].items() if v != self.start_settings.get(k)}
        return {**found, **({_SETTINGS: own} if own else {}), **({_NAME: self.name} if self.name else {})}

    def _first(self, name: str) -> Any:
        default = next((p.default for p in self.declared if p.name == name), None)
        return self.start.get(name, default)


def begin() -> dict[str, Any]:
    """The values that a draft begins with; the backbone is the best for photographs on this machine."""
    usual = {**configure("demo", {}).to_mapping(), "dataset": FolderSource.name, "concepts": "vocabulary"}
    spec = advised()
    return {**usual, "backbone": spec, "prompt": prompt_for(spec)}


def opened(store: RunStore) -> OpenDraft:
    """The draft that the address names, else the one that is open in this tab, else the newest, else a new one."""
    drafts = Drafts(drafts_folder(store.home))
    asked = address.value(DRAFT)
    now = st.session_state.get(_OPEN)
    wanted = asked or now or drafts.newest()
    if wanted is None or wanted == now:
        st.session_state[_OPEN] = wanted or new_id()
        return OpenDraft(store, st.session_state[_OPEN])
    draft = OpenDraft(store, wanted)
    if not notices.succeeds(draft.reopen):  # said at the top of the page, which is drawn already
        anew()
        address.settle(DRAFT, None)
        st.rerun()
    st.session_state[_OPEN] = wanted
    address.settle(DRAFT, wanted)
    return draft


def go_on(id: str) -> None:
    """Open another draft. For callbacks."""
    address.choose(DRAFT, id)


def anew() -> None:
    """Begin a new draft. For callbacks."""
    st.session_state[_OPEN] = new_id()
    address.choose(DRAFT, None)
