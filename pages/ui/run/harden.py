"""Harden a CLIP first: tune a backbone on attacked birds so that it holds, in the background, and train on it then."""

from __future__ import annotations

import streamlit as st

from engine.backbone.presets import DEFAULT, SHIPPED
from engine.figures.backbones import short
from engine.jobs import backbones
from engine.params import Parameter, Value, parameters_of
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from pages.ui import notices, segments, widgets
from pages.ui.run import defences, local_backbones
from pages.ui.text import finding, roughly, unmarked
from pages.ui.twins import HARDEN

_BACKBONE = next(p for p in parameters_of(RunConfig) if p.name == "backbone")
_DEFENCE = "defence"
_NAME, _START, _IMAGES = "defence-name", "defence-start", "defence-images"
_RATE = 200.0
"""Images a second forwards and backwards with the shipped backbone, on the one core that a job takes of two."""
_DRAWN = 300.0
"""Birds drawn a second on two cores."""
_BESIDE = 2.5
"""Passes of a step beside those of its attack: the tuned tower on both pictures, the untouched one on the clean."""


def show(store: RunStore, scope: str) -> None:
    """The fold below the form's settings; open by itself while one is being made.

    Args:
        scope: of the form's widgets, whose backbone a finished one can become.
    """
    made = backbones.listed(store)
    at_work = any(not one.complete for one in made)
    box = st.expander("Harden a CLIP first", at_work, key=HARDEN, icon=":material/shield:", on_change="rerun")
    if not box.open:
        return
    with box:
        local_backbones.show(store, widgets.key_of(_BACKBONE, scope))
        with st.container(border=True, key="defence-form"):
            st.html(finding("A new backbone"))
            _form([one.name for one in made], [one.spec for one in made if one.complete])


def _form(taken: list[str], finished: list[str]) -> None:
    known = defences.known()
    chosen = segments.choose("Defence", _DEFENCE, {n: d.title.partition(":")[0] for n, d in known.all.items()})
    defence = known.all[chosen]
    st.caption(unmarked(f"{defence.title}. {defence.help}"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="defence-essentials"):
        name = st.text_input(
            "Name of the backbone",
            value=_free(chosen, taken),
            key=f"{_NAME}-{chosen}-{len(taken)}",
            max_chars=backbones.LONGEST,
            width=260,
            help="Small letters, digits, - and _. It becomes the folder's name.",
        )
        start = st.selectbox(
            "Begin with",
            [*SHIPPED, *finished],
            format_func=short,
            key=_START,
            width=260,
            index=[*SHIPPED].index(DEFAULT),
        )
        images = st.number_input(
            "Birds to tune on", 500, 1_000_000, value=known.images, step=1000, key=_IMAGES, width=200
        )
    settings = _settings(defence.parameters, chosen)
    st.caption(_takes({p.name: settings.get(p.name, p.default) for p in defence.parameters}, int(images)))
    st.button(
        "Harden it",
        key="defend",
        icon=":material/shield:",
        on_click=notices.attempt,
        args=(lambda: _start(name, chosen, settings, str(start), int(images), known.images),),
    )


def _settings(parameters: tuple[Parameter, ...], scope: str) -> dict[str, Value]:
    """All weights, in sight when asked for; what differs from the defaults."""
    start = {p.name: p.default for p in parameters}
    box = st.popover("Its settings", key="defence-settings", icon=":material/tune:", on_change="rerun")
    if box.open:
        with box:
            for heading, some in widgets.groups(parameters).items():
                st.markdown(f"**{unmarked(heading)}**")
                widgets.fields(some, f"defence-{scope}", start)
    return widgets.changed(parameters, f"defence-{scope}", start)


def _takes(value: dict[str, Value], images: int) -> str:
    passes = float(value["steps"]) * float(value["batch"]) * (float(value["attack_steps"]) + _BESIDE)
    seconds = passes / _RATE + images / _DRAWN
    return (
        f"{roughly(seconds).capitalize()} on two cores. It works in the background and outlives this page; "
        "paused or cut short, it goes on from its last checkpoint. It never sees a test species."
    )


def _start(name: str, defence: str, settings: dict[str, Value], start: str, images: int, default: int) -> None:
    drawn = None if images == default else images
    backbones.start(RunStore(), name.strip(), defence, settings, backbone=start, images=drawn)


def _free(defence: str, taken: list[str]) -> str:
    """A name that nobody has."""
    base = defence.replace("_", "-")
    return next(name for i in range(1, len(taken) + 2) if (name := base if i == 1 else f"{base}-{i}") not in taken)
