"""The training loop as a generator of events: worker, command line and tests all consume the same one."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from engine.data.dataset import Dataset, RepeatedImages
from engine.data.streams import TRAIN, Task
from engine.errors import NotApplicable
from engine.methods.base import METHODS, Setup, TaskData
from engine.model.snapshot import Snapshot
from engine.records.events import (
    EpochEnded,
    Event,
    FeaturesProgress,
    HardeningProgress,
    RunFinished,
    RunStarted,
    TaskEvaluated,
    TaskFinished,
    TaskStarted,
    Watched,
)
from engine.records.identity import code_version
from engine.records.measurements import NEAREST
from engine.records.watched import AFTER
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset, open_stream
from engine.runs.suited import Unread, unread
from engine.runs.task_backbones import compensates_drift
from engine.runs.watch import WatchList
from engine.steps import told
from engine.training import drift, repeats
from engine.training.evaluate import Births, SeenImages, concept_accuracy, evaluate
from engine.training.hardening import harden_for, lonely, why_not
from engine.training.material import Gatherer, Material, Sample, joined
from engine.training.memory import PeakMemory
from engine.training.nearest import nearest_to_mean
from engine.training.suitable import counted, require_memory
from engine.training.task_embedders import TaskEmbedders
from engine.watching.look import WatchedModel
from engine.watching.watcher import Watcher

Events = Generator[Event, None, None]


def train(
    config: RunConfig,
    cache: Path,
    history: Iterable[Snapshot] = (),
    *,
    folder: Path | None = None,
    helpers: int | None = None,
    towers: Sequence[str] = (),
    watch: Watch | None = None,
) -> Events:
    """Learn all tasks of a run, or those that are left.

    The same config gives the same metrics and weights, bit for bit, on one machine, however often it was interrupted.
    Closing the generator cancels. Time spent outside of it (paused) is not counted.

    Args:
        config: what to run.
        cache: folder for features.
        history: the snapshots of the tasks already finished, in order; read one by one.
        folder: the run's own, where hardened towers are kept; needed only where it hardens them.
        helpers: processes that draw images ahead; as many as cores if not given.
        towers: digests of the backbones hardened for the finished tasks, where the run hardens them.
        watch: what is watched, which changes no weight and no measurement; None for nothing.

    Raises:
        BadInput, MissingWeights, NotApplicable, StoreError: the run cannot be done as asked; the message says why.
    """
    clock = _Clock()
    dataset = open_dataset(config)
    embedders = TaskEmbedders(config, dataset, cache, folder, helpers, towers)
    with embedders.first.ahead:
        run = _Run(config, dataset, embedders, clock, repeats.count(dataset, cache), watch)
        with run.watcher or nullcontext():
            for event in run.events(history):
                clock.stop()
                yield event
                clock.go()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched of a run.

    Attributes:
        lists: reads what is to be watched now.
        beats: those after the finished tasks, in order.
    """

    lists: Callable[[], WatchList]
    beats: Sequence[Watched] = ()


class _Clock:
    """Seconds of activity since it was made."""

    def __init__(self) -> None:
        self._done, self._since = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        return self._done + time.perf_counter() - self._since

    def stop(self) -> None:
        self._done = self.seconds

    def go(self) -> None:
        self._since = time.perf_counter()


class _Run:
    """One run in progress."""

    def __init__(
        self,
        config: RunConfig,
        dataset: Dataset,
        embedders: TaskEmbedders,
        clock: _Clock,
        repeated: RepeatedImages,
        watch: Watch | None,
    ) -> None:
        self._repeated = repeated
        self._config, self._dataset, self._embedders, self._clock = config, dataset, embedders, clock
        self._stream = open_stream(config, dataset, embedders.first.texts)
        self._gatherer = Gatherer(config, dataset, self._stream, embedders.first)
        self._method = METHODS.get(config.method).from_mapping(config.settings)
        self._splits = tuple(
            sorted((name for name in dataset.splits if name != TRAIN), key=lambda name: name != "test")
        )
        self._forget()
        self._births = Births()
        self._previous: Snapshot | None = None
        self._check(embedders.first.width)
        self.watcher = Watcher(dataset, self._stream, watch.lists, watch.beats) if watch else None

    def _check(self, width: int) -> None:
        order = self._stream.class_order
        has_candidates = all(self._gatherer.usable(c) for c in order)
        unknown = self._gatherer.unknown_words(order)
        images = counted(self._dataset, self._stream)
        setup = Setup(
            has_candidates,
            len(order),
            len(self._stream.tasks),
            width,
            unknown,
            covariance_form=self._config.covariance_form,
            **images,
        )
        told = None if has_candidates else self._unread().told()
        reason = self._method.why_not(replace(setup, no_candidates=told) if told else setup)
        if reason:
            raise NotApplicable(f"method {self._config.method}", reason, "Choose another method, or other data")
        require_memory(self._config.method, self._method, setup)
        drift.require(self._config, self._method)
        if self._embedders.change:
            alone = lonely(self._stream.tasks, self._gatherer.usable)
            reason = why_not(self._config, self._embedders.first.backbone, self._gatherer.prompts(order), alone)
            if reason:
                remedy = "Choose another defence or backbone, or hardening=no"
                raise NotApplicable(f"hardening {self._config.hardening}", reason, remedy)

    def _unread(self) -> Unread:
        kept, reads = self._gatherer.concepts.kept, self._embedders.first.unknown_words
        return unread(self._dataset.class_names, kept, reads, given=self._dataset.vectors is not None)

    def events(self, history: Iterable[Snapshot]) -> Events:
        """Everything that happens."""
        yield self._started()
        for snapshot in history:
            self._births.note(snapshot)
            self._previous = snapshot
        finished = self._previous.task + 1 if self._previous else 0
        for task in () if self._embedders.change else self._stream.tasks[:finished]:
            self._keep((yield from self._gatherer.gather(task, train=self._method.sees_earlier_tasks)))
        for task in self._stream.tasks[finished:]:
            yield TaskStarted(task.id, task.class_ids)
            yield from self._learn(task)
        yield RunFinished(self._clock.seconds)

    def _started(self) -> RunStarted:
        return RunStarted(
            class_names=tuple(self._dataset.class_names),
            task_classes=tuple(task.class_ids for task in self._stream.tasks),
            splits=self._splits,
            test_sizes={split: tuple(self._stream.test_sizes(split).tolist()) for split in self._splits},
            learns_concepts=self._method.learns_concepts,
            class_digests=tuple(map(self._dataset.class_digests.__getitem__, self._dataset.class_names)),
            concepts_digest=self._gatherer.concepts.digest,
            weights_digest=self._embedders.first.digest,
            code=code_version(),
            repeated=asdict(self._repeated),
        )

    def _learn(self, task: Task) -> Events:
        began, memory = self._clock.seconds, PeakMemory()
        before = (yield from self._look_anew(task, began)) if self._embedders.change else None
        material = yield from self._gatherer.gather(task, embedder=self._embedders.after(task.id))
        if task.id + 1 < len(self._stream.tasks):
            self._gatherer.plan(self._stream.tasks[task.id + 1])
        data = self._task_data(task, material, self._followed(before, material))
        self._keep(material)
        tests = {split: joined(samples) for split, samples in self._tests.items()}
        seen = SeenImages(self._stream, self._dataset, joined(self._vals), tests, before.tests if before else None)
        self._begin_to_watch(data, material)
        snapshot = yield from self._epochs(data, began, seen)
        self._births.note(snapshot)
        self._look(snapshot, AFTER, seen)
        births = self._births if self._method.learns_concepts else None
        measured = evaluate(snapshot, self._previous, seen, births)
        assert material.train is not None  # gathered with train=True
        measured[""][NEAREST] = nearest_to_mean(material.train)
        evaluated = TaskEvaluated(task.id, measured)
        yield from self._watched(wait=True)
        yield evaluated
        self._previous = snapshot
        yield TaskFinished(task.id, self._clock.seconds - began, memory.mebibytes, snapshot)

    def _look_anew(self, task: Task, began: float) -> Generator[Event, None, Material]:
        """Harden the backbone for a task, and look with it at the earlier tasks' images again.

        Returns the task's images as they were seen before; those for training only where somebody asks for them.
        """
        steps = self._config.hardening_steps
        looking = self._gatherer.gather(task, self._follows, self._embedders.after(task.id - 1))
        before = yield from told(looking, lambda _: HardeningProgress(task.id, 0, steps, self._since(began)))
        passing = harden_for(self._config, self._dataset, task, self._gatherer, self._embedders)
        yield from told(passing, lambda done: HardeningProgress(task.id, done, steps, self._since(began)))
        self._forget()
        for earlier in self._stream.tasks[: task.id]:
            train = self._method.sees_earlier_tasks
            looking = self._gatherer.gather(earlier, train, self._embedders.after(task.id))
            gathering = told(looking, lambda event: FeaturesProgress(task.id, event.done, event.total))
            self._keep((yield from gathering))
        return before

    @property
    def _follows(self) -> bool:
        """Whether what the model keeps of old classes is carried along with the backbone."""
        return self._previous is not None and compensates_drift(self._config)

    def _followed(self, before: Material | None, now: Material) -> Snapshot | None:
        """The model before the task, as it is learnt from."""
        if self._previous is None or before is None or not self._follows:
            return self._previous
        return drift.followed(self._config, self._method, self._previous, before, now)

    def _since(self, began: float) -> float:
        return self._clock.seconds - began

    def _epochs(self, data: TaskData, began: float, seen: SeenImages) -> Generator[Event, None, Snapshot]:
        learning = self._method.learn(data)
        with closing(learning):
            while True:
                try:
                    p = next(learning)
                except StopIteration as end:
                    snapshot: Snapshot = end.value
                    return snapshot
                if self.watcher is not None and p.model is not None and self.watcher.due(p.epoch, p.epochs):
                    self._look(p.model(), p.epoch, seen)
                fitted = p.loss, p.train_accuracy, p.val_accuracy
                yield EpochEnded(data.task, p.phase, p.epoch, p.epochs, *fitted, self._since(began))
                yield from self._watched()

    # -- watching ------------------------------------------------------------------------------------------------------

    def _begin_to_watch(self, data: TaskData, material: Material) -> None:
        if self.watcher is None:
            return
        old = data.previous.classes.means if data.previous else torch.zeros(0, data.features.shape[1])
        new = [data.features[data.labels == len(old) + c].mean(0) for c in range(len(data.class_ids))]
        val = material.val
        shown = val.features.numpy(), val.labels.numpy(), torch.cat([old, torch.stack(new)]).numpy()
        self.watcher.begin(self._previous, val.rows, *shown)

    def _look(self, snapshot: Snapshot, epoch: int, seen: SeenImages) -> None:
        """Have the watcher look at a model, once it comes to it."""
        if self.watcher is None:
            return
        embedder = self._embedders.after(snapshot.task)
        self.watcher.look(
            WatchedModel(
                epoch=epoch,
                snapshot=snapshot,
                backbone=lambda: embedder.backbone,
                births=self._births.rows,
                accuracy=lambda which: concept_accuracy(snapshot, seen, which),
                learns_concepts=self._method.learns_concepts,
                seed=self._config.seed,
                hardened=self._embedders.change,
            )
        )

    def _watched(self, wait: bool = False) -> Events:
        yield from self.watcher.seen(wait) if self.watcher is not None else ()

    def _task_data(self, task: Task, material: Material, previous: Snapshot | None) -> TaskData:
        assert material.train is not None  # gathered with train=True
        width = material.train.features.shape[1]
        earlier = joined(self._earlier) if self._earlier else None
        candidates = self._gatherer.candidates(task, material.train, previous)
        return TaskData(
            task=task.id,
            class_ids=task.class_ids,
            features=material.train.features,
            labels=material.train.labels,
            val_features=material.val.features,
            val_labels=material.val.labels,
            class_texts=self._gatherer.class_texts(task),
            candidates=candidates,
            previous=previous,
            seed=self._config.seed,
            earlier_features=earlier.features if earlier else torch.zeros(0, width),
            earlier_labels=earlier.labels if earlier else torch.zeros(0, dtype=torch.long),
            shown=self._gatherer.shown(material.train, candidates),
            covariance_form=self._config.covariance_form,
        )

    def _forget(self) -> None:
        """Drop the features of earlier tasks."""
        self._tests: dict[str, list[Sample]] = {split: [] for split in self._splits}
        self._vals: list[Sample] = []
        self._earlier: list[Sample] = []  # training features, only for methods that may look back

    def _keep(self, material: Material) -> None:
        if material.train is not None and self._method.sees_earlier_tasks:
            self._earlier.append(material.train)
        self._vals.append(material.val)
        for split, sample in material.tests.items():
            self._tests[split].append(sample)
