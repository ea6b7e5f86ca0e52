"""Look data over before anything is learnt of them: counts, sizes, duplicates and likely wrong labels.

Nothing is dropped: what is found is told, and who wants to leave pictures out says so
(`engine.data.left_out`).
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch

from engine.data.dataset import Dataset
from engine.data.listed import ListedImages
from engine.health.counts import counts
from engine.health.duplicates import duplicates
from engine.health.found import Health
from engine.health.labels import probabilities, suspects
from engine.health.pictures import Pictures, pictures_of
from engine.health.settings import HealthSettings
from engine.health.sizes import sizes
from engine.runs.config import RunConfig
from engine.steps import Step, told
from engine.training.repeats import remembered
from engine.training.task_embedders import starting


def look_over(
    config: RunConfig, dataset: Dataset, cache: Path, settings: HealthSettings
) -> Generator[Step, None, Health]:
    """Look over a run's data with its backbone; yields progress.

    Args:
        config: names the backbone.
        cache: folder for features.

    Raises:
        BadImage: a file has changed or is damaged.
        MissingWeights, BadParameter: the backbone cannot be had.
    """
    pictures = pictures_of(dataset)
    features = yield from _embedded(config, dataset, cache, pictures)
    groups = yield from duplicates(pictures, features, settings.near, lambda files: remembered(files, cache))
    train = pictures.which == 0
    given = features[torch.from_numpy(train)].double().numpy()
    judged = yield from probabilities(given, pictures.labels[train], settings.folds, settings.seed)
    return Health(
        tuple(dataset.class_names),
        pictures,
        counts(pictures, len(dataset.class_names)),
        sizes(pictures, settings),
        groups,
        suspects(judged, pictures.labels[train]),
        float((judged.argmax(1) == pictures.labels[train]).mean()),
        dataset.skipped if isinstance(dataset, ListedImages) else (),
        settings,
    )


def _embedded(
    config: RunConfig, dataset: Dataset, cache: Path, pictures: Pictures
) -> Generator[Step, None, torch.Tensor]:
    """[N, D], in the order of the pictures."""
    wanted = {split: np.arange(len(dataset.splits[split].labels)) for split in pictures.splits}
    embedder = starting(config, dataset, cache)
    with embedder.ahead:
        embedder.plan(wanted)
        found = yield from told(embedder.images(wanted), lambda step: Step(*step, "reading pictures"))
    return torch.cat([found[split] for split in pictures.splits])
