"""What the model says of a drawn bird: asked when it changes, and remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.exhibits.picture.birds import BirdAnswer, answered
from engine.figures.heat import data_address
from engine.runs.task_backbones import spec_after

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

PLATE = 448
"""Pixels of a bird for people."""

T = TypeVar("T")


def ask(lab: Lab, snapshot: Snapshot, birds: Sequence[Bird]) -> list[BirdAnswer]:
    """Answers to some birds; each is drawn and embedded once."""
    import torch

    return answered(snapshot, birds, torch.from_numpy(embedded(lab, snapshot.task, birds)))


def embedded(lab: Lab, task: int, birds: Sequence[Bird]) -> npt.NDArray[np.float32]:
    """Embeddings [n, D] of some birds as seen after a task, the new ones drawn and embedded together."""
    kept = _features(_backbone(lab, task))
    rows = {bird: kept[bird] for bird in birds if bird in kept}
    new = [bird for bird in dict.fromkeys(birds) if bird not in rows]
    if new:
        images = np.stack([drawn(bird, lab.image_size) for bird in new])
        rows |= zip(new, _alone(lambda: lab.embed(images, task)).numpy(), strict=True)
        for bird in new:
            _keep(kept, bird, rows[bird])
    return np.stack([rows[bird] for bird in birds])


def patches(lab: Lab, task: int, bird: Bird) -> Tensor:
    """Patch tokens [1, P, D] of a bird as seen after a task.

    Raises:
        NotApplicable: the backbone keeps none.
    """
    kept = _patches(_backbone(lab, task))
    found = kept.get(bird)
    if found is None:
        found = _alone(lambda: lab.patches(drawn(bird, lab.image_size)[None].copy(), task))
        _keep(kept, bird, found)
    return found


@lru_cache(maxsize=512)
def drawn(bird: Bird, size: int) -> npt.NDArray[np.uint8]:
    """The bird's picture, read-only: drawn once, however many ask."""
    picture = render(bird, size)
    picture.flags.writeable = False
    return picture


@st.cache_data(show_spinner=False, max_entries=512)
def plate(codes: tuple[int, ...], seed: int, size: int = PLATE) -> str:
    """The bird as people see it, as a data address."""
    return data_address(render(Bird(codes, seed), size))


_LOCK = threading.Lock()
_MOST = 2048
"""Birds whose embeddings, and whose patches, are kept: 1 MB and 65 MB with the shipped backbone."""


@st.cache_resource(show_spinner=False, max_entries=2)
def _features(backbone: str) -> dict[Bird, npt.NDArray[np.float32]]:
    return {}


@st.cache_resource(show_spinner=False, max_entries=2)
def _patches(backbone: str) -> dict[Bird, Tensor]:
    return {}


def _backbone(lab: Lab, task: int) -> str:
    return spec_after(lab.store.folder(lab.view.id), lab.config, task)


def _keep(kept: dict[Bird, T], bird: Bird, value: T) -> None:
    """Keep it, and let the oldest go; several readers may do so at once."""
    with _LOCK:
        while len(kept) >= _MOST:
            del kept[next(iter(kept))]
        kept[bird] = value


def _alone(work: Callable[[], Tensor]) -> Tensor:
    """Run the backbone in one thread: on a single picture two threads mostly wait for each other."""
    from engine.device import fixed_threads

    with fixed_threads(1):
        return work()
