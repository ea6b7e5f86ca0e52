"""The embedder that holds after each task: one for all of a run's tasks, unless it hardens its backbone before each."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from engine.data.dataset import Dataset
from engine.errors import StoreDamaged
from engine.runs.config import RunConfig
from engine.runs.task_backbones import BEFORE, changes_backbone, spec_after, tower
from engine.training.embedder import Embedder
from engine.training.given import GivenEmbedder

_KEPT = 2
"""Hardened backbones in memory at a time; each is a whole CLIP."""


def starting(config: RunConfig, dataset: Dataset, cache: Path, helpers: int | None = None) -> Embedder:
    """The embedder of a run's starting backbone, or of what its data bring along in its place.

    Args:
        cache, helpers: as `Embedder`.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had.
    """
    vectors = dataset.vectors
    if vectors is not None:
        return GivenEmbedder(dataset, vectors)
    return Embedder(config.backbone, dataset, cache, helpers)


class TaskEmbedders:
    """Embedders of one run, by task. May be used from several threads.

    Args:
        cache: folder for features.
        folder: the run's, where its towers lie; needed only where it hardens them.
        helpers: processes that draw images ahead; see `ImagesAhead`.
        towers: digests of the hardened backbones of the finished tasks; an empty one is not compared.

    Raises:
        MissingWeights, BadParameter: the starting backbone cannot be had.
    """

    def __init__(
        self,
        config: RunConfig,
        dataset: Dataset,
        cache: Path,
        folder: Path | None,
        helpers: int | None = None,
        towers: Sequence[str] = (),
    ) -> None:
        if folder is None and changes_backbone(config):
            raise ValueError("a run that hardens its backbone needs a folder to keep them in")
        self.change = changes_backbone(config)
        self.folder = folder or Path()
        self._towers = towers
        self._config, self._dataset, self._cache = config, dataset, cache
        self._lock = threading.Lock()
        self._hardened: OrderedDict[int, Embedder] = OrderedDict()
        self.first = starting(config, dataset, cache, helpers)
        """The starting backbone. Text towers are frozen, so its texts are everybody's."""

    def after(self, task: int) -> Embedder:
        """The embedder that holds after a task; `BEFORE` for the starting one.

        Raises:
            MissingWeights: the tower of that task is gone.
            StoreDamaged: another one lies in its place.
        """
        if task <= BEFORE or not self.change:
            return self.first
        with self._lock:
            if task not in self._hardened:
                spec = spec_after(self.folder, self._config, task)
                ahead = self.first.ahead
                found = Embedder(spec, self._dataset, self._cache, ahead=ahead)
                self._check(task, found.digest)
                self._hardened[task] = found
            self._hardened.move_to_end(task)
            while len(self._hardened) > _KEPT:
                self._hardened.popitem(last=False)
            return self._hardened[task]

    def _check(self, task: int, digest: str) -> None:
        expected = self._towers[task] if task < len(self._towers) else ""
        if expected and digest != expected:
            reason = "it is not the backbone that was hardened for this task"
            raise StoreDamaged(str(tower(self.folder, task)), reason, "Put it back, or fork from an earlier task")
