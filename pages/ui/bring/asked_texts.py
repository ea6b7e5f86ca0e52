"""Texts from a language model: where it answers, what asking would cost, and what it answered."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from engine.data.dataset import Dataset
from engine.errors import BadParameter
from engine.generation.endpoint import KEY_VARIABLE, Endpoint
from engine.generation.generate import Generating
from engine.generation.remembered import remember, remembered
from engine.home import home
from engine.jobs import concepts
from engine.params import parameters_of
from engine.runs.config import RunConfig
from engine.training.preflight import Problem
from pages.ui import widgets
from pages.ui.bring import text_jobs, understood_texts
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.understood_texts import Brought
from pages.ui.text import unmarked

_FAMILIES = {
    "label_free": "Label-free CBM: features, superclasses, things around",
    "labo": "LaBo: looks, appearance, colour, pattern, shape",
}
_PLACE = ("address", "model")
_KEY_HELP = (
    f"The key is read from {KEY_VARIABLE} in the surroundings that Plumage was started in. It is never stored or shown."
)


def show(draft: OpenDraft, data: Dataset | None) -> None:
    """Draw it.

    Args:
        data: with the classes that take part, or None where those are not known yet.
    """
    scope = f"{draft.scope}-endpoint"
    start = st.session_state.setdefault(f"{scope}-start", remembered(home()))
    declared = parameters_of(Endpoint)
    values = {**start, **widgets.changed(declared, scope, start)}
    endpoint, problem = _endpoint(values)
    tried = any(values[name] for name in _PLACE)
    place, more = ([p for p in declared if (p.name in _PLACE) == here] for here in (True, False))
    widgets.fields(place, scope, start, 2, problem if tried else None)
    family = st.selectbox(
        "Whose questions",
        list(_FAMILIES),
        format_func=_FAMILIES.__getitem__,
        key=f"{scope}-family",
        width=420,
        persist_state="session",
    )
    with st.expander("Length, temperature, patience", key="texts-endpoint-more", icon=":material/tune:"):
        widgets.fields(more, scope, start, 3, problem if tried else None)
    _key()
    if data is None or draft.config is None:
        st.caption("Choose the data first: the model is asked about their classes.")
    elif endpoint is None:
        st.caption("Name an address and a model: then it is known what asking costs. Nothing is sent before you ask.")
    else:
        _ask(draft, draft.config, endpoint, family, data)


def _endpoint(values: dict[str, object]) -> tuple[Endpoint | None, Problem | None]:
    try:
        return Endpoint.from_mapping(values), None
    except BadParameter as error:
        return None, Problem(error.field, error)


def _key() -> None:
    there = bool(os.environ.get(KEY_VARIABLE))
    told = "is set, and sent to that address alone" if there else "is not set; a model of your own needs none"
    st.caption(unmarked(f"{KEY_VARIABLE} {told}."), help=_KEY_HELP)


def _ask(draft: OpenDraft, config: RunConfig, endpoint: Endpoint, family: str, data: Dataset) -> None:
    cost = Generating(home(), endpoint, family, data.class_names).cost()
    kept = f" {cost.kept:,} are answered already and cost nothing." if cost.kept else ""
    asked = f"**{cost.requests:,} questions**, at most {cost.tokens:,} tokens with their answers.{kept}"
    st.markdown(asked if cost.requests else f"All {cost.kept:,} questions are answered: nothing needs to be asked.")
    command = concepts.generation(config, endpoint, family)
    title = f"Asking {endpoint.model} about {len(data.class_names)} classes"
    label = f"Ask {cost.requests:,} questions" if cost.requests else "Take the answers"
    job = text_jobs.wanted(command, title, label, "texts-asked", lambda: remember(home(), endpoint))
    if job is not None:
        name = f"{endpoint.model.rpartition('/')[2]}-{family}.json"
        understood_texts.show(draft, Brought(name, Path(job.made).read_bytes(), {}), data, "texts-answers")
