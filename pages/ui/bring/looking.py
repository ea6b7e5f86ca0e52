"""The data of a draft, opened: kept in the server as long as what names them stays the same."""

from __future__ import annotations

import json

import streamlit as st

from engine.data.dataset import Dataset
from engine.errors import PlumageError
from engine.runs.config import RunConfig
from engine.runs.sources import open_whole
from pages.ui import notices
from pages.ui.bring.drafting import OpenDraft


def dataset(draft: OpenDraft) -> Dataset | None:
    """The data that the draft names, or None where it names none that can be opened."""
    if draft.config is None:
        return None
    try:
        return _opened(json.dumps([draft.config.dataset, dict(draft.config.data)], sort_keys=True), draft.config)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return None


def known(draft: OpenDraft) -> Dataset | None:
    """Placeholder of the branch that opens data in the background."""
    return dataset(draft)


def show(draft: OpenDraft) -> None:
    """Draw what was found."""
    found = dataset(draft)
    if found is not None:
        counts = ", ".join(f"{len(split.labels)} in {name}" for name, split in found.splits.items())
        st.caption(f"{len(found.class_names)} classes: {counts}.")


@st.cache_resource(max_entries=4, show_spinner="Looking at the pictures")
def _opened(key: str, _config: RunConfig) -> Dataset:
    return open_whole(_config)
