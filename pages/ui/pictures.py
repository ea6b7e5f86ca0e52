"""Images of a run's data as addresses a page can show: drawn once, kept, and never with torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from engine.data.dataset import Dataset
from engine.data.streams import TRAIN
from engine.figures.heat import data_address
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset

SIZE = 168
"""Pixels of a thumbnail; shown at half to full that size."""
_VAL = "val"


def of(config: RunConfig, split: str, rows: Sequence[int], size: int = SIZE) -> list[str]:
    """Images of a split (`"val"` counts in the training split), in the order given.

    Raises:
        BadInput: the data are gone.
    """
    own = TRAIN if split == _VAL else split
    return [_one(config.digest, own, int(row), size, config) for row in rows]


def dataset(config: RunConfig) -> Dataset:
    """The run's data, opened once.

    Raises:
        BadInput: they are gone.
    """
    return _dataset(config.digest, config)


@st.cache_data(show_spinner=False, max_entries=4096)
def _one(digest: str, split: str, row: int, size: int, _config: RunConfig) -> str:
    return data_address(_dataset(digest, _config).splits[split].images(np.array([row]), size)[0])


@st.cache_resource(show_spinner=False, max_entries=2)
def _dataset(digest: str, _config: RunConfig) -> Dataset:
    return open_dataset(_config)
