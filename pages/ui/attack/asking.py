"""Asking for a measurement: what to attack with, how long that takes, and which measurements are there already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.analyses.robustness import Robustness
from engine.errors import PlumageError
from engine.exhibits.attack.attempt import ATTACK, DEFAULTS, STEPS
from engine.experiments.where import Where, is_installed
from engine.jobs.analyses import WHERE, Analyses, AnalysisState, Question, Settings
from engine.metrics.robustness import strengths
from engine.params import Value
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, notices, where, widgets
from pages.ui.attack import choices, declared
from pages.ui.attack.attempt import default_of
from pages.ui.text import roughly

NAME = "robustness"
_RATE = 200.0
"""Images a second forwards and backwards, on two cores with the shipped backbone, until this machine has been timed."""
_SCOPE = NAME
_TOLD = frozenset({"attack", "eps", "steps", "per_class"})
"""Settings that every measurement's line tells."""


def all_asked(view: RunView, last: int) -> list[tuple[Question, AnalysisState]]:
    """Everything that was ever asked of the run's last task, the newest first."""
    return Analyses(RunStore()).asked(view.id, last, NAME)


def form(view: RunView, last: int, past: Sequence[tuple[Question, AnalysisState]], label: str = "Compute") -> None:
    """The settings, the time it would take, and the button."""
    known = declared.known()
    own = [p for p in known.analysis if p.name not in (ATTACK, STEPS)]
    settings = {**_attack(known, past), **widgets.changed(own, _SCOPE, {p.name: p.default for p in own})}
    widgets.fields(own, _SCOPE, {p.name: p.default for p in own})
    place = _place(past) if is_installed() else Where()
    st.caption(
        f"{_size(view, last, settings, known, past)} It works in the background; cancelled or cut short, it goes on "
        "where it was."
    )
    st.button(
        label,
        key="measure",
        type="primary",
        icon=":material/play_arrow:",
        disabled=place is None,
        on_click=notices.attempt,
        args=(lambda: _ask(view.id, last, settings, place or Where()),),
    )


def _place(past: Sequence[tuple[Question, AnalysisState]]) -> Where | None:
    """Draw where it is computed, which is where the newest was, and return it; None where that cannot be."""
    job = Analyses(RunStore()).job(past[0][0]) if past else None
    with st.container(horizontal=True, vertical_alignment="bottom", key="measure-where"):
        return where.asked("measure-where", job.arguments.get(WHERE) if job is not None else None)


def _attack(known: declared.Choices, past: Sequence[tuple[Question, AnalysisState]]) -> dict[str, Value]:
    """Draw the attack, which is the one that single pictures are attacked with; what differs from the defaults."""
    newest = str(past[0][0].settings.get(ATTACK, "")) if past else ""
    attack = address.among(ATTACK, known.attacks, newest or DEFAULTS[ATTACK])
    declared_steps = next(p for p in known.analysis if p.name == STEPS)
    asked = address.value(STEPS) or default_of(attack, STEPS)
    try:
        steps = int(declared_steps.parse(asked, attack))
    except PlumageError:  # of one picture more may be asked than of all
        steps = int(declared_steps.default)
    with st.container(horizontal=True, vertical_alignment="bottom", key="measure-attack"):
        tied = address.bound(ATTACK, attack)
        tied["on_change"] = _other_attack
        st.selectbox("Attack", list(known.attacks), format_func=known.attacks.__getitem__, **tied)
        low, high = int(declared_steps.low or 1), int(declared_steps.high or 1)
        st.number_input("Steps", low, high, help=declared_steps.help, **address.bound(STEPS, steps))
    chosen: dict[str, Value] = {ATTACK: attack, STEPS: steps}
    return {name: value for name, value in chosen.items() if value != known.default(name)}


def _other_attack(key: str, widget: str) -> None:
    """Callback: another attack has steps of its own, and is looked at if it was measured."""
    address.take(key, widget)
    for other in (STEPS, choices.MEASURED):
        address.choose(other, None)


def words(settings: Settings) -> str:
    """A measurement in one line: who attacked, how long, how strongly, how many images."""
    asked = Robustness.from_mapping(settings)
    images = f"{asked.per_class} image{'s' if asked.per_class != 1 else ''} a class"
    others = [_said(name, given) for name, given in settings.items() if name not in _TOLD]
    return ", ".join([asked.who, f"at {asked.eps} of 255", images, *others])


def _said(name: str, given: Value) -> str:
    """A setting that differs from its default: `seed 5`, or its name alone where it is only on."""
    return name.replace("_", " ") + ("" if given is True else f" {given}")


def _ask(run: str, last: int, settings: Settings, place: Where) -> None:
    strengths(
        str(settings.get("eps", declared.known().default("eps")))
    )  # here, and not minutes later in the background
    question = Question(run, last, NAME, dict(settings))
    Analyses(RunStore()).request(question, place.to_arguments())
    address.choose(choices.MEASURED, choices.code(settings))


def _size(
    view: RunView,
    last: int,
    settings: dict[str, Value],
    known: declared.Choices,
    past: Sequence[tuple[Question, AnalysisState]],
) -> str:
    try:
        work, images = _work(view, last, settings, known)
    except PlumageError as error:
        return f"{error.allowed[:1].upper()}{error.allowed[1:]}."
    rate = _RATE
    for question, state in past:
        if state.status == "finished" and state.seconds:
            rate = _work(view, last, question.settings, known)[0] / state.seconds
            break
    return f"{images} test images after each of {last + 1} tasks: {roughly(work / rate)}."


def _work(view: RunView, last: int, settings: Settings, known: declared.Choices) -> tuple[float, int]:
    """Steps on images, at most, and how many images there are."""
    value = {p.name: settings.get(p.name, p.default) for p in known.analysis}
    classes = np.array([len(ids) for ids in view.task_classes[: last + 1]])
    each = view.test_sizes("test")[: last + 1] / np.maximum(classes, 1)
    images = classes * np.minimum(each, int(value["per_class"]))
    steps = 1 if value["attack"] == "fgsm" else int(value["steps"])
    return float(images.cumsum().sum()) * steps * len(strengths(str(value["eps"]))), round(float(images.sum()))
