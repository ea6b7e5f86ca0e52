"""Our recipe of CLG-CBM against the published one, by the validation images alone.

Birds of other seeds than those of `demo`, so that what is chosen here is not measured there on the same pictures. A
variant that picks its best epoch picks it on these images too, and so looks better than it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from engine.bench.figure import Figure, measured
from engine.errors import NotApplicable
from engine.model.snapshot import Snapshot
from engine.records.events import TaskFinished
from engine.runs.config import RunConfig, preset
from engine.runs.sources import open_dataset, open_stream
from engine.steps import finish
from engine.training.embedder import Embedder
from engine.training.loop import train
from engine.training.material import Gatherer, joined

TITLE = "the defaults of CLG-CBM, compared on validation images"
_OTHER_BIRDS = 10_000  # added to a seed
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "published": {"method": "clg_cbm_published"},
    "ours": {},
    "gaussian_samples_1": {"settings": {"gaussian_samples": 1}},
    "gaussian_samples_32": {"settings": {"gaussian_samples": 32}},
    "select_best": {"settings": {"select_best": True}},
    "no_sharing": {"settings": {"share_concepts": False}},
}


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Accuracy on the validation images of all classes after the last task, per variant."""
    with tempfile.TemporaryDirectory(prefix="plumage-bench-") as cache:
        for name, changes in VARIANTS.items():
            values = [100 * validation_accuracy(_config(seed, changes), Path(cache)) for seed in seeds]
            yield measured(f"recipe.validation_accuracy.{name}", values, "%")


def validation_accuracy(config: RunConfig, cache: Path) -> float:
    """Train a run and return its accuracy (0..1) on the validation images of all its classes."""
    model = _trained(config, cache)
    dataset = open_dataset(config)
    embedder = Embedder(config.backbone, dataset, cache)
    stream = open_stream(config, dataset, embedder.texts)
    gatherer = Gatherer(config, dataset, stream, embedder)
    with embedder.ahead:
        images = joined([finish(gatherer.gather(task, train=False)).val for task in stream.tasks])
    predicted = model.from_features(images.features).logits.argmax(dim=1)
    return float((predicted == images.labels).to(torch.float64).mean())


def _config(seed: int, changes: Mapping[str, Any]) -> RunConfig:
    return preset("demo").changed(**{"seed": seed, "world_seed": seed + _OTHER_BIRDS, **changes})


def _trained(config: RunConfig, cache: Path) -> Snapshot:
    model: Snapshot | None = None
    for event in train(config, cache):
        if isinstance(event, TaskFinished):
            model = event.snapshot
    if model is None:
        raise NotApplicable("the run", "it finished no task", "Check its settings")
    return model
