"""The data of a draft, opened: kept in the server as long as what names them stays the same."""

from __future__ import annotations

import json
from contextlib import suppress

import streamlit as st

from engine.data.dataset import Dataset
from engine.errors import PlumageError
from engine.runs.config import RunConfig
from engine.runs.sources import open_whole
from pages.ui import notices
from pages.ui.bring.drafting import OpenDraft


def dataset(draft: OpenDraft) -> Dataset | None:
    """The data that the draft names, or None where it names none that can be opened, after drawing why."""
    try:
        return _open(draft)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return None


def known(draft: OpenDraft) -> Dataset | None:
    """The same; draws nothing."""
    with suppress(PlumageError):
        return _open(draft)
    return None


def _open(draft: OpenDraft) -> Dataset | None:
    config = draft.config
    return _opened(json.dumps([config.dataset, dict(config.data)], sort_keys=True), config) if config else None


def show(draft: OpenDraft) -> None:
    """Draw what was found."""
    found = dataset(draft)
    if found is not None:
        counts = ", ".join(f"{len(split.labels)} in {name}" for name, split in found.splits.items())
        st.caption(f"{len(found.class_names)} classes: {counts}.")


@st.cache_resource(max_entries=4, show_spinner="Looking at the pictures")
def _opened(key: str, _config: RunConfig) -> Dataset:
    return open_whole(_config)
