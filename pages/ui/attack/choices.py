"""What is chosen of all pictures: which measurement, which strength, whose map, which measure; in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.exhibits.attack.attempt import ATTACK, EPS
from engine.exhibits.attack.found import Found
from engine.figures.robustness import strength as words_of
from engine.figures.robustness import telling
from engine.figures.shift import GUIDES, MEASURES
from engine.jobs.analyses import Question, Settings
from pages.ui import address, segments

TAB, VIEW, MEASURED = "tab", "view", "measured"
GUIDE, MEASURE, GROUP, CELL = "guide", "measure", "group", "cell"
"""Keys in the address; those of the attack itself are in `engine.exhibits.attack.attempt`."""
_PLAIN = "usual"
"""How settings that are all defaults stand in the address."""


def code(settings: Settings) -> str:
    """Settings as they stand in the address: never read, only compared with those of what was measured."""
    return "; ".join(f"{key} {value}" for key, value in sorted(settings.items())) or _PLAIN


def measured(asked: Sequence[Question]) -> Question | None:
    """Which of the measurements of a run is looked at: the chosen one, else one with the chosen attack, else the newest
    that is there; None without any."""
    known = {code(question.settings): question for question in asked}
    wanted, attack = address.value(MEASURED), address.value(ATTACK)
    if wanted in known:
        return known[str(wanted)]
    same = [question for question in asked if attack is not None and question.settings.get("attack") == attack]
    return next(iter([*same, *asked]), None)


def measurement(options: Mapping[str, str], chosen: str) -> None:
    """Draw the choice between several measurements; words by code."""
    segments.listed("Measured with", MEASURED, options, chosen, 380)


def strength(found: Found) -> int:
    """Draw the choice of a strength; its place in `found.strengths`. A default follows the data and is not held."""
    options = {f"{value:g}": place for place, value in enumerate(found.strengths) if place}
    default = f"{found.strengths[telling(found.fall)]:g}"
    chosen = address.among(EPS, options, default)
    st.segmented_control(
        "Strength",
        list(options),
        required=True,
        format_func=lambda value: words_of(float(value)),
        **address.bound(EPS, chosen),
    )
    address.settle(EPS, None if chosen == default else chosen)
    return options[chosen]


def guide(found: Found) -> str:
    """Draw the choice of whose map it is; the first where there is only one."""
    options = {name: GUIDES.get(name, name) for name in found.guides}
    return segments.choose("Map of", GUIDE, options) if len(options) > 1 else next(iter(options))


def measure() -> str:
    """Draw the choice of the measure."""
    return segments.pick("Measured as", MEASURE, MEASURES, 260)


def group(options: Sequence[str]) -> str | None:
    """Draw the choice of a group of concepts; None for all."""
    asked = address.value(GROUP)
    chosen = asked if asked in options else None
    segments.listed("Group", GROUP, {name: name for name in options}, chosen, 260, empty=f"all {len(options)}")
    address.settle(GROUP, chosen)
    return chosen
