"""The data sets of `bench methods`, and the embedding of their pictures before anything is timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.backbone.photo_clip import classifier
from engine.bench import _photos_runs
from engine.bench._photos_runs import Photos
from engine.bench.photoclip import DATA
from engine.errors import NotApplicable
from engine.home import cache_folder
from engine.model.covariance_form import FULL, RANK
from engine.runs.config import RunConfig, preset
from engine.runs.sources import open_dataset, open_stream
from engine.steps import finish
from engine.store.store import RunStore
from engine.training.material import Gatherer
from engine.training.task_embedders import starting

DEMO = "demo"
NAMES = (DEMO, *_photos_runs.NAMES)
_APART: Mapping[str, Any] = {
    "method": "ncm",
    "order": "listed",
    "order_seed": 0,
    "hardening": "no",
    "drift_compensation": "no",
    "class_covariances": FULL,
    "covariance_rank": RANK,
}
"""What does not matter to an embedding."""


def configured(data: str, method: str, seed: int, order: int, store: RunStore, **changes: Any) -> RunConfig:
    """A run on one of `NAMES`: `seed` draws birds, validation split, initial weights and batches, `order` the classes'
    order.

    Raises:
        NotApplicable: the photographs are not on this machine.
        MissingWeights: the packages of the photo tower are not.
    """
    drawn = {"order": "seed", "order_seed": order}
    if data == DEMO:
        return preset("demo").changed(method=method, seed=seed, world_seed=seed, **drawn, **changes)
    if not (DATA / _photos_runs.NAMES[data]).is_dir():
        raise NotApplicable(f"{data}", f"no photographs at {DATA}", "Put them there")
    classifier()  # raises where its packages are missing
    return Photos((seed,), store).configured(data, method, seed).changed(**drawn, **changes)


@dataclass(frozen=True)
class ToEmbed:
    """A data set through a backbone: what must be embedded before a run on it can be timed.

    Attributes:
        data: short name.
        config: of any run on it.
    """

    data: str
    config: RunConfig

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.data}, seed {self.config.seed}, embeddings"


def pictures(cells: Sequence[tuple[str, RunConfig]]) -> list[ToEmbed]:
    """What these runs look at, each once."""
    found = {}
    for data, config in cells:
        same = config.changed(**_APART)
        found[same.digest] = ToEmbed(data, same)
    return [*found.values()]


def embed(wanted: ToEmbed, home: Path) -> None:
    """Embed all pictures and texts that a run would ask for, into the cache of a home."""
    config = wanted.config
    dataset = open_dataset(config)
    embedder = starting(config, dataset, cache_folder(home))
    with embedder.ahead:
        stream = open_stream(config, dataset, embedder.texts)
        gatherer = Gatherer(config, dataset, stream, embedder)
        for task in stream.tasks:
            material = finish(gatherer.gather(task))
            gatherer.class_texts(task)
            gatherer.candidates(task, material.train)
