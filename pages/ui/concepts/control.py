"""The control beside every claim about concepts: what random words reach in their place. Always shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.backbone.presets import GIVEN
from engine.exhibits.concepts import control as exhibits
from engine.exhibits.words import SPLITS
from engine.figures import random_words as figures
from engine.figures.random_words import (
    ACCURACY,
    AT_FIVE,
    CONCEPTS,
    MEASURES,
    compared,
    gain_in_words,
    gap_in_words,
    percents,
)
from engine.metrics.wording import percent
from engine.store.view import RunView
from pages.ui import address, analysis, arrival, context, panels
from pages.ui.segments import SPLIT
from pages.ui.text import safe

_MISSING = {
    ("control",): "Random vectors were not tried: this comparison is older than they are.",
    ("control", "vectors"): "Words of other fields were not tried: this backbone has a closed vocabulary.",
}
"""What is said where a kind of control is absent."""
_WORDS = "the control: the same method on random words instead of concepts"

Arrays = Mapping[str, npt.NDArray[Any]]


def show(here: context.Context) -> None:
    """The finding in a line and everything else one click away; while it is computed, how far that is."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    if view.config.backbone == GIVEN:
        st.caption("No random words beside it: the data bring embeddings of their texts, and nothing embeds others.")
        return
    if view.active:
        st.caption("The random-word control can be trained when you ask for it; by itself it waits for the run to end.")
    last = view.tasks_done - 1
    result = analysis.wanted(view, last, exhibits.ANALYSIS, words=_WORDS, auto=not view.active)
    if result is None:
        return
    split = _split(view, result)
    found = figures.verdict(compared(result, ACCURACY, split, moment))
    st.html(f"<div class='plc-control'><p><strong>{_whole(f'{found}.')}</strong></p></div>")
    led = arrival.wanted() in (exhibits.CONTROL.name, *exhibits.NAMES)
    box = st.expander("The control in numbers", expanded=led, key="control-box", on_change="rerun")
    if box.open:
        with box:
            _details(result, split, moment)


def _split(view: RunView, result: Arrays) -> str:
    asked = address.value(SPLIT)
    return asked if asked in result["splits"].tolist() and asked in view.splits else "test"


def _said(result: Arrays, split: str, moment: int) -> str:
    """The comparison in sentences, as HTML."""
    accuracy, five, meaning = (compared(result, m, split, moment) for m in (ACCURACY, AT_FIVE, CONCEPTS))
    size, controls = int(result["size"][moment]), result["control"].shape[1]
    sentences = [
        f"The same method on the same images with {size} concepts reached {percent(accuracy.own, 1)}, and with "
        f"{size} random phrases {percents(accuracy.controls)}, tried {_times(controls)}.",
        f"With five of them a class: {percent(five.own, 1)} against {percents(five.controls)}.",
    ]
    if accuracy.gap is not None:
        ends = gap_in_words(accuracy.gap)
        sentences.append(f"Each picture compared with itself, that is a difference of {ends} (95 % interval).")
    sentences += _beside(result, split, moment)
    if meaning.is_known:
        sentences.append(
            f"A concept is rightly seen {percent(meaning.own, 1)} of the time; the phrase that fits it best by chance "
            f"{percents(meaning.controls)}."
        )
    else:
        sentences.append("Whether a concept is rightly seen cannot be said: nobody knows the truth of these images.")
    for other in result["splits"].tolist():
        if other != split:
            there = compared(result, ACCURACY, other, moment)
            sentences.append(
                f"{SPLITS.get(other, other)}: {percent(there.own, 1)} right against {percents(there.controls)}."
            )
    return _whole(" ".join(sentences))


def _whole(text: str) -> str:
    """As HTML in which a number and its sign stay on one line."""
    return safe(text).replace(" %", "&nbsp;%")


def _beside(result: Arrays, split: str, moment: int) -> list[str]:
    """The other controls, where they were trained."""
    found = {kind: compared(result, ACCURACY, split, moment, kind) for kind in figures.present(result)[1:]}
    return [f"With {figures.CONTROLS[kind]}: {percents(one.controls)}." for kind, one in found.items()]


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _details(result: Arrays, split: str, moment: int) -> None:
    st.html(f"<div class='plc-control'><p>{_said(result, split, moment)}</p>{_rows(result, moment)}</div>")
    for measure, column in zip(exhibits.DRAWN, st.columns(len(exhibits.DRAWN)), strict=True):
        with column:
            panels.show(exhibits.control(result, measure, split, moment), chart=f"control-lines-{measure}")
    phrases = ", ".join(f"“{phrase}”" for phrase in result["phrases"][0].tolist() if phrase)
    st.html(
        f"<div class='plc-control'><p>Some of the random phrases: {safe(phrases)}. They are drawn from the words that "
        "the backbone knows, or, where it reads open text, from the words of this run's own concepts. The gain is over "
        f"these. {_MISSING.get(figures.present(result), '')}</p></div>"
    )
    panels.numbers("control", figures.control_table(result, moment))


def _rows(result: Arrays, moment: int) -> str:
    kinds = figures.present(result)
    controls = [figures.CONTROLS[kind].capitalize() for kind in kinds]
    head = "".join(f"<th>{name}</th>" for name in ("", "Test images", "These concepts", *controls, "Gain"))
    body = ""
    for measure, name in enumerate(MEASURES):
        for split in result["splits"].tolist():
            found = compared(result, measure, split, moment)
            own = percent(found.own, 1) if np.isfinite(found.own) else "not known"
            beside = (percents(compared(result, measure, split, moment, kind).controls) for kind in kinds)
            cells = (name, SPLITS.get(split, split), own, *beside, gain_in_words(found))
            body += "<tr>" + "".join(f"<td>{safe(cell)}</td>" for cell in cells) + "</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
