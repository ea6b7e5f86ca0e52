"""Choosing a method: the one that is chosen, what is to be known of it, and all of them in families."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.errors import PlumageError
from engine.methods.base import FAMILIES, Setup
from engine.runs.catalog import MethodInfo, catalog
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from engine.training.offers import MethodCost, MethodOffer, costs, offers
from engine.training.preflight import Problem
from pages.ui import widgets
from pages.ui.text import duration, safe, unmarked

METHOD = "method"
_FAMILY, _LIST, _ABOUT = "method-family", "method-list", "about-method"
"""Session: the family that is looked at, and whether the list is open; key of what is told of the chosen one."""
_MIB = 2**20

MakeSetup = Callable[[], Setup | None]


def choose(
    key: str, start: str, config: RunConfig | None, setup: MakeSetup, store: RunStore, problem: Problem | None
) -> None:
    """Draw the choice.

    Args:
        key: in the session, of the name of the method that is chosen.
        start: the one that is chosen where nobody chose.
        config: the run as it stands, or None where something is wrong with it.
        setup: what methods are asked about it; None where its data are not known yet. Called while the list is open.
        problem: what keeps the run from being made; drawn here where it is about the method.
    """
    chosen = chosen_of(key, start)
    info = catalog()[chosen]
    with st.container(key=widgets.place_of(METHOD), gap="xsmall"):
        st.html(_head(info))
        with st.container(horizontal=True, vertical_alignment="center", key="method-ways", gap="small"):
            opened = bool(st.session_state.get(_LIST))
            icon = ":material/expand_less:" if opened else ":material/expand_more:"
            label = "Close the list" if opened else f"Choose among {len(catalog())} methods"
            st.button(label, key="method-open", icon=icon, on_click=_turn, args=(info.family,))
            _about(info)
        if problem is not None and problem.field == METHOD:
            widgets.wrong(problem)
    if opened:
        _listed(key, chosen, config, setup, store)


def chosen_of(key: str, start: str) -> str:
    """The name of the method that is chosen."""
    held = st.session_state.get(key)
    return str(held) if held in catalog() else start


def about(info: MethodInfo) -> str:
    """All that is told of a method, in Markdown: how it works, then what its paper says and its code does otherwise."""
    told = [" ".join(paragraph.split()) for paragraph in info.help.split("\n\n")]
    return "\n\n".join([*told, *(f"**{word}.** {text}" for word, text in info.parts.items())])


def _head(info: MethodInfo) -> str:
    family = f"<span>{safe(FAMILIES[info.family])}</span>"
    return f"<div class='pl-method'><h2>{safe(info.title)}</h2>{family}<p>{safe(info.summary)}</p></div>"


def _about(info: MethodInfo) -> None:
    icon = ":material/menu_book:"
    box = st.popover("About this method", icon=icon, type="tertiary", key=_ABOUT, on_change="rerun")
    if box.open:
        box.markdown(about(info))


def _turn(family: str) -> None:
    """Callback: open the list at the family of the method that is chosen, or close it."""
    st.session_state[_LIST] = not st.session_state.get(_LIST)
    st.session_state[_FAMILY] = family


def _listed(key: str, chosen: str, config: RunConfig | None, setup: MakeSetup, store: RunStore) -> None:
    asked, unknown = None, ""
    try:
        asked = setup()
        unknown = "" if asked else "Whether a method can learn this is found out once its data are known."
    except PlumageError:  # said where it is wrong
        unknown = "Whether a method can learn this is found out once what is wrong above is mended."
    known, took = offers(asked, config), costs(store, config)
    titles = {family: f"{title} ({len(known[family])})" for family, title in FAMILIES.items() if known[family]}
    with st.container(border=True, key="methods"):
        family = st.segmented_control(
            "Family",
            list(titles),
            required=True,
            format_func=lambda name: titles[name],
            label_visibility="collapsed",
            wrap=True,
            key=_FAMILY,
        )
        if unknown:
            st.caption(unknown)
        with st.container(key="offers"):
            for offer in known[str(family)]:
                _card(offer, key, chosen, took.get(offer.info.name))


def _card(offer: MethodOffer, key: str, chosen: str, took: MethodCost | None) -> None:
    name, mine = offer.info.name, offer.info.name == chosen
    with st.container(border=True, key=f"offer-{name}{'-chosen' if mine else ''}", height="stretch", gap="xxsmall"):
        st.button(
            f"**{unmarked(offer.info.title)}**",
            key=f"take-{name}",
            type="tertiary",
            icon=":material/check_circle:" if mine else None,
            disabled=not offer.can_be_chosen,
            on_click=_take,
            args=(key, name),
        )
        st.html(f"<div class='pl-offer'>{_told(offer, took)}</div>")


def _take(key: str, name: str) -> None:
    """Callback: choose it, and close the list."""
    st.session_state[key] = name
    st.session_state[_LIST] = False


def _told(offer: MethodOffer, took: MethodCost | None) -> str:
    why = ""
    if offer.why_not is not None:
        way = f" {offer.switch}." if offer.switch else ""
        why = f"<p class='pl-why'>Not for this run: {safe(offer.why_not)}.{safe(way)}</p>"
    needs = f"Needs {', '.join(offer.needs)}." if offer.needs else "Needs nothing but images."
    return f"<p>{safe(offer.info.summary)}</p>{why}<p>{safe(needs)} {safe(_cost(offer, took))}</p>"


def _cost(offer: MethodOffer, took: MethodCost | None) -> str:
    holds = f" Holds {max(offer.holds / _MIB, 0.1):,.1f} MB beside the embeddings." if offer.holds else ""
    if took is None:
        return f"Not measured here.{holds}"
    where = "" if took.same_data else ", on other data or tasks"
    tasks = f"{took.tasks} task{'s' if took.tasks > 1 else ''}"
    return f"Here {duration(took.seconds)} and {took.mebibytes:,.0f} MB for {tasks}{where}.{holds}"
