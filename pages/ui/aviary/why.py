"""Why the answer is what it is: what every concept adds before and after, and where the changed concept is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.data.aviary.world import TRUTH_GROUPS
from engine.errors import NotApplicable
from engine.explain.wording import signed
from engine.figures import effects as charts
from engine.figures.contributions import contribution_bars, contributions_table
from engine.figures.heat import data_address, overlay
from engine.figures.look import CONFIG
from pages.ui import notices
from pages.ui.aviary.answers import Answer, drawn, patches
from pages.ui.aviary.plates import article
from pages.ui.aviary.steps import Steps, title_of
from pages.ui.panels import panel
from pages.ui.text import safe

if TYPE_CHECKING:
    from engine.explain.contributions import Contributions
    from engine.model.snapshot import Snapshot
    from engine.runs.lab import Lab

_TOP = 9
"""Concepts shown one by one."""
_HEAT = 280  # pixels of a heat map
_LEAST = 0.005
"""A change smaller than this is not worth a sentence."""
_CONSTANT = "an average bird"
_CANCELS = "bias (cancels)"
_FIRST = [TRUTH_GROUPS.index(group) for group in dict.fromkeys(TRUTH_GROUPS)]
"""Column of the truth at which each attribute's values begin."""


def bars(
    snapshot: Snapshot, before: Answer, after: Answer, names: Sequence[str], label: int | None, steps: Steps
) -> None:
    """What the concepts add to one class's logit, before and after, and what the change moved."""
    from engine.explain.contributions import bars as largest
    from engine.explain.contributions import contributions, mean_scores

    options = list(dict.fromkeys([before.predicted, after.predicted, *([label] if label is not None else [])]))
    position = _class(options, names, after.predicted)
    means = mean_scores(snapshot)
    was = contributions(snapshot, before.feature, position, means=means)
    now = contributions(snapshot, after.feature, position, means=means)
    texts = [concept.text for concept in snapshot.bank.concepts]
    if not steps.changed:
        found = largest(was, texts, _TOP)
        told = f"Why {article(names[position])}"
        note = "What each concept adds to its logit, against an average bird; the parts add up"
        with panel("why", told, note, lambda: contributions_table(found, constant=_CONSTANT)):
            st.plotly_chart(contribution_bars(found, constant=_CONSTANT), key="why-bars", config=CONFIG, alt=told)
        return
    left, right = st.columns(2)
    shown = charts.largest(was.values, now.values, _TOP)
    rows = [texts[k] for k in shown]
    told = f"{_sentence(names[position])}: logit {_plain(was.logit)} before, {_plain(now.logit)} after"
    note = "What each concept adds to this class's logit, against an average bird"
    pair = (rows, was.values[shown], now.values[shown])
    with left, panel("before-after", told, note, lambda: charts.paired_table(*pair)):
        st.plotly_chart(charts.paired_bars(*pair), key="pair-bars", config=CONFIG, alt=told)
    with right:
        _moved(was, now, texts, names[position])


def _moved(was: Contributions, now: Contributions, texts: Sequence[str], name: str) -> None:
    """The difference of the two sums, which adds up to the change of the logit."""
    from engine.explain.contributions import Contributions as Parts
    from engine.explain.contributions import bars as largest

    change = now.logit - was.logit
    found = largest(Parts(now.values - was.values, 0.0, change), texts, _TOP)
    size = f"{abs(change):.2f} logits"
    told = f"The change took {size} from {name}" if change < 0 else f"The change gave {name} {size}"
    if abs(change) < _LEAST:
        told = f"The change left {name} where it was"
    note = "After minus before, concept by concept; the parts add up to the change of the logit"
    with panel("moved", told, note, lambda: contributions_table(found, "change", _CANCELS)):
        st.plotly_chart(
            contribution_bars(found, "change", constant=_CANCELS), key="moved-bars", config=CONFIG, alt=told
        )


def heat(lab: Lab, snapshot: Snapshot, steps: Steps) -> None:
    """Where the model sees what was changed last: the old value and the new one, on both pictures."""
    attribute = steps.changed[-1]
    told = f"Where it sees the {title_of(attribute)}"
    note = "Patch scores of the learned concept, against its mean over the classes: blue adds, orange takes away"
    with panel("heat", told, note):
        try:
            st.html(_heats(lab, snapshot, steps, attribute))
        except NotApplicable as error:
            notices.panel(notices.of_error(error))


def _heats(lab: Lab, snapshot: Snapshot, steps: Steps, attribute: int) -> str:
    from engine.explain.contributions import mean_scores

    means = mean_scores(snapshot)
    pictures = [drawn(bird, _HEAT) for bird in (steps.original, steps.bird)]
    tokens = [patches(lab, snapshot.task, bird) for bird in (steps.original, steps.bird)]
    parts = []
    for codes in (steps.original.values, steps.bird.values):
        column = _FIRST[attribute] + codes[attribute]
        concept = _concept(snapshot, column)
        if concept is None:
            parts.append(f"<section><h4>No concept of this run names {safe(_words(column))}</h4></section>")
            continue
        maps = [_map(one, snapshot, concept) - means[concept] for one in tokens]
        limit = float(max(np.abs(one).max() for one in maps))
        text = safe(snapshot.bank.concepts[concept].text)
        figures = []
        for picture, found, when in zip(pictures, maps, ("before", "after"), strict=True):
            source = data_address(overlay(picture, found, limit))
            score = signed(float(found.mean()), 3)
            caption = f"<figcaption>{when}, score {score}</figcaption>"
            figures.append(f"<figure><img src='{source}' alt='{text} {when}'>{caption}</figure>")
        parts.append(f"<section><h4>{text}</h4>{''.join(figures)}</section>")
    return f"<div class='av-heats'>{''.join(parts)}</div>"


def _map(tokens: object, snapshot: Snapshot, concept: int) -> np.ndarray:
    from engine.explain.maps import concept_maps

    return concept_maps(tokens, snapshot.bottleneck[[concept]])[0, 0].double().numpy()


def _concept(snapshot: Snapshot, column: int) -> int | None:
    """The concept that speaks of a value; of several the one whose weights are largest."""
    sizes = snapshot.head.abs().sum(0)
    found = [k for k, concept in enumerate(snapshot.bank.concepts) if concept.truth == column]
    return max(found, key=lambda k: float(sizes[k]), default=None)


def _words(column: int) -> str:
    from pages.ui.aviary.steps import worded

    attribute = max(i for i, first in enumerate(_FIRST) if first <= column)
    return worded(attribute, column - _FIRST[attribute])


def _class(options: list[int], names: Sequence[str], default: int) -> int:
    """The class that is explained, chosen among those that matter here."""
    if len(options) == 1:
        return options[0]
    key = "why-class"
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    st.segmented_control(
        "Evidence for", options, format_func=lambda c: names[c], key=key, required=True, persist_state="session"
    )
    return int(st.session_state[key])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(value: float) -> str:
    return signed(value, 2).lstrip("+")
