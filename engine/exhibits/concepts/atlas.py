"""The map's data: where every image lies, fitted once, and what is known of it at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.errors import StoreDamaged
from engine.exhibits.subjects import often_right
from engine.explain.projection import own_neighbour
from engine.jobs.analyses import Result

if TYPE_CHECKING:
    from engine.session.lab import Lab


SPLIT = "test"
ANALYSIS = "embedding_map"
UMAP = {"method": "umap"}
"""Settings of the map that is fitted in the background; the others are the analysis's defaults."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """A fitted map.

    Attributes:
        task: the last task whose images are on it.
        rows: of the split, [N].
        positions: class of each image, in the order of learning, [N].
        place: [N, 2].
        concepts: [K, 2], where the concepts' words lie; K = 0 where the method has none.
        explained: [2], shares of variance; 0 for UMAP.
        images: how many there were before thinning out.
        at: [N], place of each image in `lab.sample(SPLIT, task)`.
    """

    task: int
    rows: Ints
    positions: Ints
    place: Floats
    concepts: Floats
    explained: Floats
    images: int
    at: Ints

    @property
    def method(self) -> str:
        """How the space was laid flat."""
        return "PCA" if self.explained.any() else "UMAP"


@dataclass(frozen=True, slots=True)
class AtlasMoment:
    """The map's images at a moment, [N] each.

    Attributes:
        tasks: the task that brought the image's class.
        known: that task is finished at this moment.
        predicted: position the image is taken for; -1 where not known.
        right: it is recognised.
        once: some earlier model recognised it.
    """

    tasks: Ints
    known: Bools
    predicted: Ints
    right: Bools
    once: Bools


def atlas(lab: Lab, task: int, found: Result) -> Atlas:
    """A map from what the analysis found for the images of tasks 0 to `task`.

    Raises:
        StoreDamaged: it was found for other images; an archive from elsewhere may hold such a map.
    """
    rows = lab.sample(SPLIT, task).rows
    at = np.flatnonzero(np.isin(rows, found["rows"])).astype(np.int64)
    if not np.array_equal(rows[at], found["rows"]):
        what = f"map of the images after task {task + 1}"
        raise StoreDamaged(what, "it lists others than this task's test images, each once", "Train the run anew")
    place, concepts = found["place"], found["concepts"]
    images = int(found["images"])
    return Atlas(task, found["rows"], found["positions"], place, concepts, found["explained"], images, at)


def unplaced(lab: Lab, task: int) -> Atlas:
    """All images of tasks 0 to `task` without a map, for whoever asks for neighbours in the whole space only."""
    sample = lab.sample(SPLIT, task)
    count = len(sample.rows)
    nowhere = np.zeros((count, 2)), np.zeros((0, 2)), np.zeros(2)
    return Atlas(task, sample.rows, sample.labels.numpy(), *nowhere, count, np.arange(count))


def scene(lab: Lab, atlas: Atlas, moment: int) -> AtlasMoment:
    """What the model after `moment` makes of the map's images."""
    tasks = lab.stream.task_of_position[atlas.positions]
    known = tasks <= moment
    seen = atlas.at[known]  # tasks come in order, so these count in the sample of the moment too
    predicted = np.full(len(atlas.at), -1, np.int64)
    predicted[known] = lab.predicted(SPLIT, moment)[seen]
    once = np.zeros(len(atlas.at), np.bool_)
    labels = lab.sample(SPLIT, moment).labels.numpy()
    once[known] = (often_right(lab, SPLIT, moment, labels) > 0)[seen]
    return AtlasMoment(tasks, known, predicted, predicted == atlas.positions, once)


def features(lab: Lab, atlas: Atlas) -> Floats:
    """Embeddings of the map's images, [N, D]."""
    found: Floats = lab.sample(SPLIT, atlas.task).features.numpy()[atlas.at]
    return found


def scores(lab: Lab, atlas: Atlas, moment: int, concept: int) -> tuple[Floats, tuple[float, float]]:
    """A concept's score of each image [N] at a moment, and the range of its scores at all finished moments."""
    born = lab.snapshot(atlas.task).bank.concepts[concept].task
    every = features(lab, atlas)
    if lab.changes_backbone:  # the images as seen at the moment, those of later tasks too, on a scale of their own
        every = lab.sample(SPLIT, atlas.task, moment).features.numpy()[atlas.at]
        tasks = range(moment, moment + 1)
    else:
        tasks = range(born, atlas.task + 1)
    found = {t: every @ lab.snapshot(t).bottleneck[concept].numpy() for t in tasks}
    low, high = np.percentile(np.concatenate(list(found.values())), [1, 99]).tolist()
    return found[moment], (low, high)


def cohesion(lab: Lab, atlas: Atlas) -> float:
    """Share of images whose nearest neighbour in the space itself is of their own class, 0..1."""
    return own_neighbour(features(lab, atlas), atlas.positions)
