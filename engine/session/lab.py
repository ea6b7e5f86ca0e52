"""A run reopened for questions: its data, embeddings, truth and models. Imports torch.

The training loop hands on numbers; whoever explains or intervenes needs the images behind them. Everything here is the
run's own: the same splits, the same order of classes, embeddings from the same cache. Nothing is trained.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Generator, Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Bools, Ints
from engine.attacks.victim import Victim
from engine.backbone.clip import Backbone
from engine.concepts.bank import ConceptBank
from engine.data.dataset import Dataset, Images
from engine.data.streams import TRAIN, VAL, Task, TaskStream
from engine.device import device
from engine.errors import BadInput, NotApplicable
from engine.home import cache_folder
from engine.model.snapshot import Snapshot
from engine.params import Parameters, owner_of
from engine.records.identity import check_data, check_weights
from engine.runs.concepts import open_concepts
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset, open_stream
from engine.runs.task_backbones import BEFORE, changes_backbone
from engine.steps import told
from engine.store.store import RunStore
from engine.store.unfinished import Pieces
from engine.store.view import RunView
from engine.training.embedder import Embedder
from engine.training.evaluate import SeenImages
from engine.training.material import Gatherer, Material, Sample, joined
from engine.training.task_embedders import TaskEmbedders

_WHITE = 255.0


class Lab:
    """One run's data and models. Lazy, keeps what it read, and may be used from several threads.

    Raises:
        UnknownRun: there is no such run.
        BadInput, MissingWeights: the data or the backbone are gone.
        NotApplicable: they are not those that the run began with.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.store = store
        self.view = RunView(store, run_id)
        self.config: RunConfig = self.view.config
        self._lock = threading.RLock()
        self._snapshots: dict[int, Snapshot] = {}
        self._materials: dict[tuple[int, int], Material] = {}  # by the task whose backbone looked, and whose images
        self._predicted: dict[tuple[str, int], Ints] = {}

    # -- what it is made of --------------------------------------------------------------------------------------------

    @cached_property
    def dataset(self) -> Dataset:
        """Where the images come from: the run's own, or none."""
        found = open_dataset(self.config)
        if (began := self.view.setup) is not None:
            check_data(self.view.id, began, found, open_concepts(self.config, found).digest)
        return found

    @cached_property
    def stream(self) -> TaskStream:
        """The run's tasks."""
        return open_stream(self.config, self.dataset, self.embedder.texts)

    @property
    def embedder(self) -> Embedder:
        """The frozen backbone the run started with, behind its cache; draws in this process.

        It embeds all texts. Where the run hardens its backbone, ask `embedder_after` for the one that embeds images.
        """
        return self._embedders.first

    @cached_property
    def _embedders(self) -> TaskEmbedders:
        folder, began = self.store.folder(self.view.id), self.view.setup
        towers = self.store.tower_digests(self.view.id)
        found = TaskEmbedders(
            self.config, self.dataset, cache_folder(self.store.home), folder, helpers=0, towers=towers
        )
        if began is not None:
            check_weights(self.view.id, began, found.first.digest)
        return found

    @property
    def changes_backbone(self) -> bool:
        """Whether the run hardens its backbone before each task, so that features of two tasks are two things."""
        return changes_backbone(self.config)

    def embedder_after(self, task: int | None = None) -> Embedder:
        """The backbone that holds after a task (after the last finished one if not given), behind its cache.

        Raises:
            NotApplicable: the task is not finished.
            MissingWeights: the tower of that task is gone.
        """
        if not self.changes_backbone:
            return self.embedder
        done = self.view.tasks_done
        if task is not None and not BEFORE <= task < done:
            allowed = f"its {done} finished tasks have one each"
            raise NotApplicable(f"the backbone after task {task + 1}", allowed, "Choose a finished task")
        return self._embedders.after(done - 1 if task is None else task)

    def backbone(self, task: int | None = None) -> Backbone:
        """The backbone itself that holds after a task; raises as `embedder_after`."""
        return self.embedder_after(task).backbone

    @property
    def image_size(self) -> int:
        """Side in pixels of the images the backbone takes."""
        return self.embedder.image_size

    @property
    def is_additive(self) -> bool:
        """Whether a concept's score is exactly the mean of its heat map."""
        return self.embedder.backbone.is_additive

    @cached_property
    def grid(self) -> int:
        """Patches along one side of a heat map.

        Raises:
            NotApplicable: the backbone keeps no patch tokens.
        """
        blank = np.zeros((1, self.image_size, self.image_size, 3), np.uint8)
        return math.isqrt(self.patches(blank).shape[1])

    # -- models --------------------------------------------------------------------------------------------------------

    def snapshot(self, task: int) -> Snapshot:
        """The model after a task.

        Raises:
            NotApplicable: the task is not finished.
        """
        with self._lock:
            if task not in self._snapshots:
                self._snapshots[task] = self.view.snapshot(task)
            return self._snapshots[task]

    def predicted(self, split: str, task: int) -> Ints:
        """What the model after `task` takes images of `sample(split, task)` for: positions of learning, [N].

        Images come task by task, so those of earlier tasks are the first ones for every later task too. What became of
        test images is stored; the model is asked where it is not: for validation, and in runs of an older Plumage.
        """
        asked = split, task
        if asked not in self._predicted:
            sample = self.sample(split, task)
            kept = None if split == VAL else self.view.outcomes(task, split)
            if kept is not None and np.array_equal(kept.image, sample.rows):
                self._predicted[asked] = np.asarray(kept.predicted, np.int64)
            else:
                logits = self.snapshot(task).from_features(sample.features).logits
                self._predicted[asked] = np.asarray(logits.argmax(1).numpy(), np.int64)
        return self._predicted[asked]

    # -- images --------------------------------------------------------------------------------------------------------

    @property
    def splits(self) -> tuple[str, ...]:
        """`"val"` and the test splits."""
        return (VAL, *(name for name in self.dataset.splits if name != TRAIN))

    def prepare(self, after_task: int) -> Generator[tuple[int, int], None, None]:
        """Embed what the feature cache has lost; yields (images done, images in all). Normally it has everything."""
        tasks = self.stream.tasks[: after_task + 1]
        trains = [0 if self.changes_backbone else len(task.train) for task in tasks]
        others = [len(task.val) + sum(map(len, task.tests.values())) for task in tasks]
        sizes = [train + other for train, other in zip(trains, others, strict=True)]
        for number, task in enumerate(tasks):
            for done in self._gather(task, after_task):
                yield sum(sizes[:number]) + done, sum(sizes)

    def sample(self, split: str, after_task: int, seen_after: int | None = None) -> Sample:
        """Images of tasks 0 to `after_task`, task by task, as they are seen after `after_task`, or after
        task `seen_after`.

        Raises:
            BadInput: there is no such split.
        """
        if split not in self.splits:
            raise BadInput(f"split {split!r}", f"this run has {', '.join(self.splits)}", "Choose one of them")
        seen_by = after_task if seen_after is None else seen_after
        parts = [self._material(task, seen_by) for task in self.stream.tasks[: after_task + 1]]
        return joined([part.val if split == VAL else part.tests[split] for part in parts])

    def train(self, after_task: int) -> Sample:
        """Training images of tasks 0 to `after_task`, without those kept for validation."""
        parts = [self._material(task, after_task, train=True).train for task in self.stream.tasks[: after_task + 1]]
        return joined([part for part in parts if part is not None])

    def fresh(self, task: int) -> Sample:
        """Training images of one task, without those kept for validation, as they are seen after it."""
        found = self._material(self.stream.tasks[task], task, train=True).train
        assert found is not None  # it was asked for
        return found

    def seen(self, task: int) -> SeenImages:
        """What the model after a task is measured on, as the training loop does."""
        tests = {split: self.sample(split, task) for split in self.splits if split != VAL}
        fresh = self._material(self.stream.tasks[task], task - 1).tests if self.changes_backbone else None
        return SeenImages(self.stream, self.dataset, self.sample(VAL, task), tests, fresh)

    def truth(self, split: str, rows: Ints, bank: ConceptBank) -> tuple[Bools, Bools]:
        """Which concepts are true of some images, [N, K], and of which concepts that is known, [K]."""
        table = self.dataset.splits[self.own(split)].truth
        known = np.array([table is not None and c.truth is not None for c in bank.concepts], np.bool_)
        found = np.zeros((len(rows), len(bank)), np.bool_)
        if table is not None:
            columns = [c.truth for c in bank.concepts if c.truth is not None]
            found[:, known] = table[rows][:, columns]
        return found, known

    def pixels(self, split: str, rows: Ints | Sequence[int]) -> Images:
        """Images as the model sees them, uint8 [n, S, S, 3]."""
        return self.dataset.splits[self.own(split)].images(rows, self.image_size)

    # -- the backbone --------------------------------------------------------------------------------------------------

    def texts(self, texts: Sequence[str]) -> Tensor:
        """Embed texts as [n, D].

        Raises:
            BadInput: a text has words the backbone was never trained on.
        """
        return torch.from_numpy(self.embedder.texts(texts))

    def embed(self, images: Images, task: int | None = None) -> Tensor:
        """Embed images of the model's size, uint8 [n, S, S, 3], as [n, D], seen as after a task."""
        return torch.from_numpy(self.embedder_after(task).embed(images))

    def patches(self, images: Images, task: int | None = None) -> Tensor:
        """Patch tokens in the joint space, [n, P, D], as they are after a task (see `embedder_after`).

        Raises:
            NotApplicable: the backbone keeps none.
        """
        return self.embedder_after(task).patches(images)

    def tensor(self, images: Images) -> Tensor:
        """Images uint8 [n, S, S, 3] as the backbone takes them: [n, 3, S, S] in 0..1, on its device."""
        return torch.from_numpy(images).permute(0, 3, 1, 2).to(device(), torch.float32).contiguous() / _WHITE

    def victim(self, task: int, watch: Tensor | None = None) -> Victim:
        """The whole pipeline after `task`, to be attacked; see `Victim`."""
        return Victim(self.backbone(task), self.snapshot(task).to(device()), watch)

    # -- unfinished work -----------------------------------------------------------------------------------------------

    def kept(self, work: Parameters, task: int) -> Pieces:
        """Where work on the model after `task` keeps its pieces, by its name and settings."""
        asked = json.dumps([owner_of(type(work)), task, work.to_mapping()], sort_keys=True)
        return Pieces(self.store.folder(self.view.id) / "pieces" / hashlib.sha256(asked.encode()).hexdigest()[:24])

    # -- internals -----------------------------------------------------------------------------------------------------

    @staticmethod
    def own(split: str) -> str:
        """The dataset's own name of a split."""
        return TRAIN if split == VAL else split

    @cached_property
    def gatherer(self) -> Gatherer:
        """Gathers the texts and features of a task as the training loop does."""
        return Gatherer(self.config, self.dataset, self.stream, self.embedder)

    def _material(self, task: Task, seen_by: int, train: bool = False) -> Material:
        for _ in self._gather(task, seen_by, train):
            pass
        return self._materials[self._place(task, seen_by)]

    def _place(self, task: Task, seen_by: int) -> tuple[int, int]:
        return (seen_by if self.changes_backbone else BEFORE), task.id

    def _gather(self, task: Task, seen_by: int, train: bool = False) -> Generator[int, None, None]:
        """Look at a task's images with the backbone of another; at training images too where all have the same."""
        place, train = self._place(task, seen_by), train or not self.changes_backbone
        known = self._materials.get(place)
        if known is not None and (known.train is not None or not train):
            return
        gathering = self.gatherer.gather(task, train, self.embedder_after(seen_by))
        self._materials[place] = yield from told(gathering, lambda step: step.done)
