"""What embedding the draft's pictures costs on this machine: measured on a handful of them when asked for."""

from __future__ import annotations

import streamlit as st

from engine.jobs import errands
from engine.jobs.ending import end
from engine.runs.config import RunConfig
from engine.store.states import FAILED, INTERRUPTED
from engine.training import known_costs
from engine.training.known_costs import Costly, EmbeddingCost
from pages.ui import notices
from pages.ui.bring import at_work, looking
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import unmarked


def known(draft: OpenDraft) -> EmbeddingCost | None:
    """What was measured before, also by somebody else. Takes no time."""
    values, place = draft.values, draft.source.place
    return known_costs.kept(Costly.named(str(values["backbone"]), draft.source.name, str(values.get(place, ""))))


def show(draft: OpenDraft, here: bool) -> None:
    """Draw what it costs, or the way to find out.

    Args:
        here: whether the backbone can be had on this machine; else there is nothing to measure.
    """
    config = draft.config
    job = errands.find(draft.store, Costly.of(config).key) if config else None
    if config is not None and job is not None and job.live:
        subject = job.subject
        look = lambda: errands.find(draft.store, subject)  # noqa: E731
        at_work.show("bring-cost", "Measuring what it costs here", look, lambda job: end(draft.store, job))
        return
    cost = known(draft)
    if job is not None and job.status in (FAILED, INTERRUPTED):
        why = job.error or "its process ended too early"
        notices.panel(notices.Notice("It could not be measured", why, "Measure it again once that is mended"))
    with st.container(horizontal=True, vertical_alignment="center", key="bring-cost"):
        if cost is not None:
            st.markdown(f"Here, **{unmarked(cost.told(_images(draft, cost)))}**.")
        _button(draft, config, here, "Measure again" if cost else "Measure its cost")


def _button(draft: OpenDraft, config: RunConfig | None, here: bool, label: str) -> None:
    needs = "" if here else "Its weights are not on this machine yet."
    needs = needs if config is not None else "It is measured on the pictures: choose the data first."
    st.button(
        label,
        key="bring-measure",
        icon=":material/timer:",
        type="tertiary",
        disabled=bool(needs),
        help=needs or "Loads it and embeds 32 of the pictures: from some seconds to a minute.",
        on_click=notices.attempt,
        args=(lambda: _measure(draft, config),),
    )


def _measure(draft: OpenDraft, config: RunConfig | None) -> None:
    assert config is not None  # the button is off
    errands.measure(draft.store, config)


def _images(draft: OpenDraft, cost: EmbeddingCost) -> int:
    """How many there are to embed."""
    data = looking.known(draft)
    return sum(len(split.labels) for split in data.splits.values()) if data else cost.images
