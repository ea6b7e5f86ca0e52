"""The living picture: every task is a branch, and its birds sit on it once they are learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.data.aviary.cutout import cutout, uncovered
from engine.data.aviary.world import AviarySplit
from engine.data.dataset import Dataset, Split
from engine.data.streams import TRAIN
from engine.data.typical import typical
from engine.errors import PlumageError
from engine.figures.flock import BRANCHES, SHOWN, FlockScene, html
from engine.figures.heat import data_address
from engine.metrics.accuracy import finished
from engine.runs.config import RunConfig, configure
from engine.runs.sources import open_dataset
from engine.store.view import RunView
from pages.ui import notices, pictures

_SIZE = 160
"""Pixels of a bird; shown at half that size."""
_NONE: Mapping[int, int] = {}
_LOOKED_THROUGH = 4
"""Most typical pictures of a species among which one without leaves in front is looked for."""


def preview(preset: str) -> tuple[Dataset, FlockScene]:
    """The data and the scene of a preset that nobody has started."""
    config = configure(preset, {})
    data = open_dataset(config)
    return data, FlockScene(data.class_names, _tasks(data, config), started=False)


def to_come(config: RunConfig) -> FlockScene:
    """The scene of a run whose worker is still opening the data."""
    data = pictures.dataset(config)
    return FlockScene(data.class_names, _tasks(data, config))


def of_run(view: RunView, things: str) -> FlockScene:
    """The scene of a run as it stands."""
    matrix = finished(view.accuracy())
    now = dict(enumerate(matrix[-1].tolist())) if len(matrix) else {}
    at_work = view.status == "running" and view.tasks_done < len(view.task_classes)
    return FlockScene(view.class_names, view.task_classes, now, view.tasks_done if at_work else None, things=things)


def draw(open_data: Callable[[], Dataset], scene: FlockScene, nearest: Mapping[int, int] = _NONE) -> None:
    """Draw it; a message where the data are gone.

    Args:
        nearest: as `RunView.nearest`.
    """
    try:
        images = _images(open_data(), [c for ids in scene.tasks[:BRANCHES] for c in ids[:SHOWN]], nearest)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        images = {}
    st.html(html(scene, images))


def _tasks(data: Dataset, config: RunConfig) -> Sequence[Sequence[int]]:
    return config.tasks_of(tuple(range(len(data.class_names))))


def _images(data: Dataset, classes: Sequence[int], nearest: Mapping[int, int]) -> dict[int, str]:
    """A picture of each class: a bird cut out where the data are the Aviary, else a whole picture."""
    split = data.splits[TRAIN]
    return {c: _picture(split.digest, c, _SIZE, nearest.get(c), split) for c in classes}


@st.cache_data(show_spinner=False, max_entries=2048)
def _picture(digest: str, class_id: int, size: int, nearest: int | None, _split: Split) -> str:
    """The most typical training picture of a class; of the Aviary a bird that no leaf hides, cut out."""
    rows = typical(_split, class_id, nearest)[:_LOOKED_THROUGH]
    if not isinstance(_split, AviarySplit):
        return data_address(_split.images(rows[:1], size)[0])
    birds = [_split.birds(int(row)) for row in rows]
    return data_address(cutout(next((bird for bird in birds if uncovered(bird)), birds[0]), size))
