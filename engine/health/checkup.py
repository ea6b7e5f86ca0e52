"""Look data over before anything is learnt of them: counts, sizes, duplicates and likely wrong labels.

Nothing is dropped: what is found is told, and who wants to leave pictures out says so
(`engine.data.left_out`).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.data.dataset import Dataset
from engine.data.listed import ListedImages
from engine.health.counts import Counts, counts
from engine.health.duplicates import Group, duplicates
from engine.health.labels import Suspect, probabilities, suspects
from engine.health.pictures import Pictures, pictures_of
from engine.health.settings import HealthSettings
from engine.health.sizes import Sizes, sizes
from engine.runs.config import RunConfig
from engine.steps import Step, told
from engine.training.repeats import remembered
from engine.training.task_embedders import starting


@dataclass(frozen=True, slots=True)
class Health:
    """What was found.

    Attributes:
        class_names: of the C classes.
        pictures: all of them; every other field points into these.
        counts: by class and split.
        sizes: odd ones.
        groups: pictures that are there more than once.
        suspects: likely wrong labels among the training pictures.
        known_right: share of the training pictures to which the classifier behind that gives their label: where it is
            low, its suspicions say little.
        skipped: files beside the pictures that do not look like any.
        settings: the rules.
    """

    class_names: tuple[str, ...]
    pictures: Pictures
    counts: Counts
    sizes: Sizes
    groups: tuple[Group, ...]
    suspects: tuple[Suspect, ...]
    known_right: float
    skipped: tuple[str, ...]
    settings: HealthSettings

    @property
    def uneven(self) -> bool:
        """Whether the largest class has too many times the pictures of the smallest."""
        return self.counts.ratio > self.settings.imbalance

    def spare(self) -> tuple[int, ...]:
        """Which pictures can be left out so that each is there once, as places in `pictures`.

        Of equal pictures the first stays, one for training where there is one. Those with several labels all stay,
        because nobody knows which is right, and so do pictures that are only nearly the same.
        """
        equal = (group for group in self.groups if group.kind != "near" and not group.crosses_classes)
        return tuple(sorted(index for group in equal for index in group.members[1:]))


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
