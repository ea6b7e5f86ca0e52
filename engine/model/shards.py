"""One training run on one or two cores: the concepts are dealt to shards, each with a thread of its own.

Scores, alignment, gradients and Adam of a concept depend on no other concept; only the logits sum over all. So each
shard keeps its rows of the bottleneck and its columns of the head, and the shards exchange logits once a step. The
exchange blocks instead of spinning: on a busy machine a second OpenMP thread made a step 28 times slower (92 ms against
3.2). How many shards there are follows from the size of the problem alone, so results do not depend on the machine.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Self

import torch
from torch import Tensor

from engine.concepts.adam import Adam
from engine.device import fixed_threads
from engine.model.course import Course, Schedule
from engine.model.gaussian_samples import EpochSamples
from engine.model.objective import Terms, TrainingObjective
from engine.model.pool import Batches
from engine.rng import torch_stream

_TWO_SHARDS = 8_000_000  # multiplications in the step's largest product above which an exchange pays


class ShardPool:
    """Trains copies of bottleneck [K, D] and head [C, K]; use as a context manager."""

    def __init__(self, bottleneck: Tensor, head: Tensor, course: Course, terms: Terms, schedule: Schedule) -> None:
        self._course = course
        extra = course.extras.per_batch if course.extras else 0
        self._steps = -(-len(course.pool) // schedule.batch_size)
        large = (schedule.batch_size + extra) * bottleneck.numel() >= _TWO_SHARDS
        count = 2 if large and len(bottleneck) > 1 else 1
        exchanges: list[_Pair | None] = [*_pair()] if count == 2 else [None]
        parts = torch.tensor_split(torch.arange(len(bottleneck)), count)
        with fixed_threads(1):  # one thread a shard in all products: how sums are split would change their last bits
            self._shards = [
                _Shard(bottleneck[part].clone(), head[:, part].contiguous(), course.texts[part], len(bottleneck))
                for part in parts
            ]
            for shard, exchange in zip(self._shards, exchanges, strict=True):
                shard.prepare(course, terms, schedule, exchange)
        self._executor = ThreadPoolExecutor(count - 1) if count > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor:
            self._executor.shutdown()

    def weights(self) -> tuple[Tensor, Tensor]:
        """Copies of bottleneck and head as they are now."""
        return torch.cat([s.bottleneck for s in self._shards]), torch.cat([s.head for s in self._shards], 1)

    def epoch(self, number: int) -> tuple[float, float]:
        """Train one epoch, counted from 0; its mean loss and the share predicted right on the way."""
        with fixed_threads(1):
            extra = self._draw_extras(number)
            others: list[Future[None]] = []
            if self._executor:
                others = [self._executor.submit(shard.run, number, extra) for shard in self._shards[1:]]
            self._shards[0].run(number, extra)
            for other in others:
                other.result()
            return self._summary()

    def _draw_extras(self, number: int) -> EpochSamples | None:
        """The epoch's Gaussian samples."""
        course = self._course
        if course.extras is None:
            return None
        return course.extras.draw(self._steps, number, torch_stream(course.seed, "gaussian", course.task, number))

    def _summary(self) -> tuple[float, float]:
        first = self._shards[0]
        # Cross-entropy and guidance are of exchanged logits, so every shard has all of them and one is asked; what is
        # summed over concepts, alignment and penalty, each shard has a part of.
        loss = sum(shard.extra_loss() for shard in self._shards) - first.picked.mean().item() + first.guided_loss()
        # Ties count as right: `best` is the maximum over the same log-probabilities that `picked` is one of.
        return loss, (first.picked >= first.best).float().mean().item()


class _Pair:
    """One end of an exchange of logits between two shards; adds the other's to one's own."""

    def __init__(self, mine: SimpleQueue[Tensor | None], theirs: SimpleQueue[Tensor | None]) -> None:
        self._mine, self._theirs = mine, theirs

    def __call__(self, logits: Tensor) -> Tensor:
        copy = logits.clone()  # the other shard may still read it when this one's buffer is written again
        self._theirs.put(copy)
        other = self._mine.get()
        # Either end adds in its own order; of two numbers the sum is the same to the bit. Of three it would not be.
        if other is None:
            raise RuntimeError("the other shard failed")
        return logits.add_(other)

    def break_off(self) -> None:
        """Wake the other shard, which would wait for ever."""
        self._theirs.put(None)


def _pair() -> list[_Pair]:
    left: SimpleQueue[Tensor | None] = SimpleQueue()
    right: SimpleQueue[Tensor | None] = SimpleQueue()
    return [_Pair(left, right), _Pair(right, left)]


class _Shard:
    """Some of the concepts: their rows of the bottleneck [k, D], columns of the head [C, k] and texts [k, D]."""

    def __init__(self, bottleneck: Tensor, head: Tensor, texts: Tensor, concepts: int) -> None:
        self.bottleneck, self.head = bottleneck, head
        self._texts, self._concepts = texts, concepts

    def prepare(self, course: Course, terms: Terms, schedule: Schedule, exchange: _Pair | None) -> None:
        """Allocate everything that training needs."""
        self._course, self._schedule, self._exchange = course, schedule, exchange
        self._extra = course.extras.per_batch if course.extras else 0
        most = schedule.batch_size + self._extra
        self._unit_targets = terms.unit_targets
        wanted = terms.alignment > 0, terms.unit_targets
        self._batches = Batches(course.pool, self._texts, schedule.batch_size, self._extra, *wanted)
        self._objective = TrainingObjective(
            terms, most, self.bottleneck, self.head, exchange, self._concepts, course.guidance
        )
        self._optimiser = Adam([self.bottleneck, self.head])
        steps = -(-len(course.pool) // schedule.batch_size)
        total = len(course.pool) + steps * self._extra
        # Written slice by slice and summed once per epoch: no step waits for a number.
        self.picked, self.best = (self.bottleneck.new_zeros(total, 1) for _ in range(2))
        self._similarity, self._guided = (self.bottleneck.new_zeros(steps) for _ in range(2))

    def run(self, number: int, extra: EpochSamples | None) -> None:
        """One epoch in the calling thread."""
        try:
            with fixed_threads(1):
                self._run(number, extra)
        except BaseException:
            if self._exchange:
                self._exchange.break_off()
            raise

    def extra_loss(self) -> float:
        """This shard's part of the alignment's mean over the last epoch and of the elastic net as it is now."""
        aligned = self._objective.terms.alignment * self._similarity.mean().item()
        return self._objective.elastic_net() - aligned

    def guided_loss(self) -> float:
        """The guidance's mean over the last epoch."""
        return self._guided.mean().item()

    def _run(self, number: int, extra: EpochSamples | None) -> None:
        course, rate = self._course, self._schedule.rate(number)
        targets = self._targets(extra) if extra else None
        done = 0
        # Every shard draws its own copy of one stream, so all see the same order without telling each other.
        batches = self._batches.shuffled(torch_stream(course.seed, "shuffle", course.task, number))
        for step, labels in enumerate(batches):
            if extra is not None and targets is not None:
                labels = self._append(labels, extra.features[step], extra.labels[step], targets[step])
            self._step(step, labels, rate, done)
            done += len(labels)

    def _targets(self, extra: EpochSamples) -> Tensor:
        """The texts' scores of the Gaussian samples, [steps, e, k]; k = 0 where nothing is aligned."""
        width = self._batches.targets.shape[1]
        targets = extra.features @ self._texts[:width].T
        return targets if self._unit_targets else targets.mul_(extra.lengths)

    def _append(self, labels: Tensor, features: Tensor, more: Tensor, targets: Tensor) -> Tensor:
        """Put the Gaussian samples behind the batch's own; all labels."""
        place = slice(len(labels), len(labels) + self._extra)
        self._batches.features[place] = features
        self._batches.targets[place] = targets
        return torch.cat([labels, more])

    def _step(self, step: int, labels: Tensor, rate: float, done: int) -> None:
        count = len(labels)
        features, targets = self._batches.features[:count], self._batches.targets[:count]
        used = slice(done, done + count)
        objective = self._objective
        self._similarity[step] = objective.step(features, labels[:, None], targets, self.picked[used], self.best[used])
        self._guided[step] = objective.guided
        self._optimiser.step([objective.bottleneck_grad, objective.head_grad], rate)
