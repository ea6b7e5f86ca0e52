"""Watches a run beside its training: a thread of its own looks at copies, so that training draws nothing and waits for
nothing until its task is learnt. What is looked at is read anew at every beat, and may change between two.

A look depends on the model, the run's seed and what is watched alone, never on when it is taken: a run that was
interrupted sees the same as one that was not.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
from torch import Tensor

from engine.array_types import Floats, Ints
from engine.data.dataset import Dataset
from engine.data.streams import VAL, TaskStream
from engine.device import fixed_threads
from engine.errors import PlumageError
from engine.model.snapshot import Snapshot
from engine.records.events import Watched
from engine.records.watched import AFTER, nothing_seen
from engine.runs.watch import MOST_PICTURES, WatchList, WatchSettings
from engine.watching import choosing, look
from engine.watching.look import Named, WatchedModel
from engine.watching.probes import Probe, Probes

Lists = Callable[[], WatchList]


class Watcher:
    """Watches one run; use as a context manager.

    Args:
        lists: reads what is watched now.
        history: the beats after the tasks that are finished already, in order.
    """

    def __init__(self, dataset: Dataset, stream: TaskStream, lists: Lists, history: Iterable[Watched] = ()) -> None:
        self._lists, self._tasks = lists, len(stream.tasks)
        self._blind = dataset.vectors is not None  # no pixels, so no picture to look at; concepts are watched
        self._probes = Probes(dataset, stream)
        self._chosen: list[Probe] = []
        self._concepts: dict[str, str] = {}  # text and why, in the order in which they came
        self._new: tuple[Ints, Floats, Ints, Floats] | None = None
        self._head: Tensor | None = None  # at the beat before
        self._pending: list[Future[Watched | None]] = []
        self._executor = ThreadPoolExecutor(1, "watching")
        for beat in history:
            self._recall(beat)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._executor.shutdown(cancel_futures=True)

    def begin(self, before: Snapshot | None, rows: Ints, features: Floats, labels: Ints, means: Floats) -> None:
        """A task begins: these are its validation pictures.

        Args:
            before: the model before it.
            rows: [N], of the training split.
            features, labels, means: as `engine.watching.choosing.probes` takes them.
        """
        self._new = None if self._blind else (rows, features, labels, means)
        self._head = None if before is None else before.head

    def due(self, epoch: int, epochs: int) -> bool:
        """Whether there is a beat after this epoch of learning; none so near the end that the task's own follows."""
        try:
            every = self._lists().settings.heartbeat
        except PlumageError:  # the look itself will say so
            every = WatchSettings().heartbeat
        return epoch % every == 0 and epochs - epoch > every // 2

    def look(self, moment: WatchedModel) -> None:
        """Take a look at a model as soon as the looks before it are taken."""
        self._pending.append(self._executor.submit(self._beat, moment))

    def seen(self, wait: bool = False) -> list[Watched]:
        """The beats that are ready and were not given yet, in order; all there will be, if it shall `wait` for them."""
        found = []
        while self._pending and (wait or self._pending[0].done()):
            beat = self._pending.pop(0).result()
            found += [] if beat is None else [beat]
        return found

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _beat(self, moment: WatchedModel) -> Watched | None:
        began = time.perf_counter()
        head, self._head = self._head, moment.snapshot.head
        try:
            with fixed_threads(1):
                arrays = self._arrays(moment, head)
        except Exception as error:  # training must not end because somebody looks on; the film says what went wrong
            traceback.print_exc()
            arrays = nothing_seen(len(moment.snapshot.class_ids), str(error) or type(error).__name__)
        if arrays is None:
            return None
        return Watched(moment.snapshot.task, moment.epoch, arrays, time.perf_counter() - began)

    def _arrays(self, moment: WatchedModel, head: Tensor | None) -> Named | None:
        watched = self._lists()
        settings = watched.settings
        if not settings.watching:
            return None
        self._choose(moment, watched)
        known = {probe.name for probe in self._chosen}
        pictures = [pin for pin in watched.pins if pin.kind == "picture" and not self._blind]
        pins = [pin for pin in pictures if pin.what not in known]
        pinned = [self._probes.named(pin.what, "pinned", pin.data) for pin in pins]
        probes = [*self._chosen, *(probe for probe in pinned if probe.label < len(moment.snapshot.class_ids))]
        sights = [self._probes.sight(probe, moment.backbone()) for probe in probes]
        rows = self._rows(moment, watched) if moment.learns_concepts else {}
        return {
            **look.of_probes(moment, probes, sights, settings),
            **look.of_concepts(moment, rows),
            **look.of_head(moment.snapshot, head),
            "trouble": np.array(""),
        }

    def _choose(self, moment: WatchedModel, watched: WatchList) -> None:
        settings = watched.settings
        if self._new is not None:
            rows, features, labels, means = self._new
            self._new = None
            task, most = moment.snapshot.task, min(MOST_PICTURES, settings.probes_per_task * self._tasks)
            places = choosing.probes(features, labels, means, choosing.share(task, self._tasks, most))
            self._chosen += [self._probes.named(f"{VAL}:{rows[place]}", reason) for place, reason in places]
        if not moment.learns_concepts or moment.epoch != AFTER:
            return  # what a task uses shows when it is learnt: sparsity takes most weights away on the way
        snapshot, listed = moment.snapshot, moment.snapshot.bank.concepts
        found = choosing.newcomers(snapshot, [*self._concepts], self._tasks, settings.concepts)
        self._concepts |= {listed[k].text: reason for k, reason in found}
        had = sum(reason == "drifting" for reason in self._concepts.values())
        drift = look.drift(moment)
        found = choosing.drifting(snapshot, drift, [*self._concepts], self._tasks, settings.concepts, had)
        self._concepts |= {listed[k].text: reason for k, reason in found}

    def _rows(self, moment: WatchedModel, watched: WatchList) -> dict[int, str]:
        """The rows of the watched concepts that the model has, and why each is watched."""
        pinned = {pin.what: "pinned" for pin in watched.pins if pin.kind == "concept"}
        wanted = self._concepts | {text: reason for text, reason in pinned.items() if text not in self._concepts}
        row: dict[str, int] = {}
        for k, concept in enumerate(moment.snapshot.bank.concepts):
            row.setdefault(concept.text, k)
        return {row[text]: reason for text, reason in wanted.items() if text in row}

    def _recall(self, beat: Watched) -> None:
        """What was chosen by the time of a beat that is on record."""
        known = {probe.name for probe in self._chosen}
        for name, reason in _pairs(beat, "probe", "reason"):
            if reason != "pinned" and name not in known:
                self._chosen.append(self._probes.named(name, reason))
        for text, reason in _pairs(beat, "concept", "why"):
            if reason != "pinned":
                self._concepts.setdefault(text, reason)


def _pairs(beat: Watched, first: str, second: str) -> Sequence[tuple[str, str]]:
    return list(zip(beat.arrays[first].tolist(), beat.arrays[second].tolist(), strict=True))
