"""The living picture: every task is a branch, and its birds sit on it once they are learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from engine.data.aviary.cutout import cutout, uncovered
from engine.data.aviary.world import AviarySplit
from engine.data.dataset import Dataset, Split
from engine.data.streams import TRAIN, split_classes
from engine.data.typical import typical
from engine.errors import PlumageError
from engine.figures.heat import data_address
from engine.figures.look import percent
from engine.metrics.accuracy import finished
from engine.runs.config import RunConfig, configure
from engine.runs.sources import open_dataset
from engine.store.view import RunView
from pages.ui import notices, pictures
from pages.ui.text import safe

SHOWN = 5
"""Birds on a branch; the others are named."""
BRANCHES = 24
"""Tasks with a branch of their own; a picture of more would be longer than its page."""
_SIZE = 160
"""Pixels of a bird; shown at half that size."""
_LOOKED_THROUGH = 4
"""Most typical pictures of a species among which one without leaves in front is looked for."""


@dataclass(frozen=True, slots=True)
class FlockScene:
    """What is known at a moment.

    Attributes:
        names: of all classes.
        tasks: class ids of each task.
        now: accuracy on each finished task's classes at this time.
        current: the task being learnt, or None.
        started: whether any learning has begun; before, every branch is shown alike.
        things: what they are called.
    """

    names: Sequence[str]
    tasks: Sequence[Sequence[int]]
    now: Mapping[int, float] = field(default_factory=dict)
    current: int | None = None
    started: bool = True
    things: str = "birds"


def preview(preset: str) -> tuple[Dataset, FlockScene]:
    """The data and the scene of a preset that nobody has started."""
    config = configure(preset, {})
    data = open_dataset(config)
    return data, FlockScene(data.class_names, _tasks(data, config.base, config.increment), started=False)


def to_come(config: RunConfig) -> FlockScene:
    """The scene of a run whose worker is still opening the data."""
    data = pictures.dataset(config)
    return FlockScene(data.class_names, _tasks(data, config.base, config.increment))


def of_run(view: RunView, things: str) -> FlockScene:
    """The scene of a run as it stands."""
    matrix = finished(view.accuracy())
    now = dict(enumerate(matrix[-1].tolist())) if len(matrix) else {}
    at_work = view.status == "running" and view.tasks_done < len(view.task_classes)
    return FlockScene(view.class_names, view.task_classes, now, view.tasks_done if at_work else None, things=things)


def draw(open_data: Callable[[], Dataset], scene: FlockScene) -> None:
    """Draw it; a message where the data are gone."""
    try:
        images = _images(open_data(), [c for ids in scene.tasks[:BRANCHES] for c in ids[:SHOWN]])
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        images = {}
    st.html(html(scene, images))


def html(scene: FlockScene, images: Mapping[int, str]) -> str:
    """The picture.

    Args:
        images: data address of a picture of each class; a class without has an empty place.
    """
    kind = ("" if scene.started else "hm-arriving") + ("" if scene.things == "birds" else " hm-photos")
    shown = scene.tasks[:BRANCHES]
    branches = "".join(_branch(t, ids, scene, images) for t, ids in enumerate(shown))
    rest = len(scene.tasks) - len(shown)
    more = f"<p class='hm-more'>and {rest} more tasks</p>" if rest else ""
    return f"<div class='hm-flock {kind}' role='list'>{branches}</div>{more}"


def _branch(task: int, ids: Sequence[int], scene: FlockScene, images: Mapping[int, str]) -> str:
    state, word = _state(task, len(ids), scene)
    known = scene.now.get(task, 1.0)
    birds = "".join(_bird(n, images.get(c), scene.names[c]) for n, c in enumerate(ids[:SHOWN]))
    names = safe(", ".join(scene.names[c] for c in ids))
    return (
        f"<div class='hm-branch hm-{state}' role='listitem' style='--task:{task};--known:{known:.3f}'>"
        f"<div class='hm-birds hm-n{min(len(ids), SHOWN)}' title='{names}'>{birds}</div>"
        f"<p><b>Task {task + 1}</b> <span>{word}</span><span class='hm-unseen'>: {names}</span></p></div>"
    )


def _state(task: int, size: int, scene: FlockScene) -> tuple[str, str]:
    """How a branch is drawn, and the word below it that says the same."""
    if not scene.started:
        return "known", f"{size} {scene.things}"
    if task in scene.now:
        return "known", f"{percent(scene.now[task])} known"
    return ("now", "learning") if task == scene.current else ("later", "to come")


def _bird(place: int, image: str | None, name: str) -> str:
    if image is None:
        return "<b></b>"
    return f"<img style='--bird:{place}' src='{image}' alt='' title='{safe(name)}'>"


def _tasks(data: Dataset, base: int, increment: int) -> Sequence[Sequence[int]]:
    return split_classes(tuple(range(len(data.class_names))), base, increment)


def _images(data: Dataset, classes: Sequence[int]) -> dict[int, str]:
    """A picture of each class: a bird cut out where the data are the Aviary, else a whole picture."""
    split = data.splits[TRAIN]
    return {c: _picture(split.digest, c, _SIZE, split) for c in classes}


@st.cache_data(show_spinner=False, max_entries=2048)
def _picture(digest: str, class_id: int, size: int, _split: Split) -> str:
    """The most typical training picture of a class; of the Aviary a bird that no leaf hides, cut out."""
    rows = typical(_split, class_id)[:_LOOKED_THROUGH]
    if not isinstance(_split, AviarySplit):
        return data_address(_split.images(rows[:1], size)[0])
    birds = [_split.birds(int(row)) for row in rows]
    return data_address(cutout(next((bird for bird in birds if uncovered(bird)), birds[0]), size))
