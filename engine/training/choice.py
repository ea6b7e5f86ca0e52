"""What a run could choose its concepts from, and what its rules leave out, found out before there is a run."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.concepts.rules import Removed
from engine.data.dataset import ConceptCandidate, Dataset
from engine.data.streams import Task, TaskStream
from engine.runs.config import RunConfig
from engine.runs.sources import open_stream
from engine.steps import Step, told
from engine.training.material import Gatherer, Sample
from engine.training.task_embedders import starting


@dataclass(frozen=True, slots=True)
class TextChoice:
    """What the rules of a config make of its texts.

    Attributes:
        kept: by class of the data, the texts that a run could choose from, in the order of its candidates.
        removed: what a rule left out, task by task.
        unread: texts with a word that the backbone was never trained on.
    """

    kept: tuple[tuple[ConceptCandidate, ...], ...]
    removed: tuple[Removed, ...]
    unread: tuple[str, ...]


def choice(config: RunConfig, dataset: Dataset, cache: Path) -> Generator[Step, None, TextChoice]:
    """Apply a config's rules to its texts, task by task, as its training will; training images are embedded where they
    decide.

    Args:
        cache: folder for features.

    Raises:
        BadInput: the texts cannot be used for these data.
        BadImage: a file has changed or is damaged.
        MissingWeights, BadParameter: the backbone cannot be had, or the tasks do not fit the data.
        NotApplicable: the rules leave a class without any text.
    """
    yield Step(0, 0, "reading the texts")
    embedder = starting(config, dataset, cache)
    stream = open_stream(config, dataset, embedder.texts)
    gatherer = Gatherer(config, dataset, stream, embedder)
    kept: list[tuple[ConceptCandidate, ...]] = [()] * len(dataset.class_names)
    removed: list[Removed] = []
    means: list[Tensor] = []
    with embedder.ahead:
        for task in stream.tasks:
            train = (yield from _trained(gatherer, stream, task)) if config.needs_images else None
            bank, gone = gatherer.sifted(task, train, torch.cat(means) if means else None)
            removed += gone
            for class_id in task.class_ids:
                own = (one for one in bank.concepts if one.class_id == class_id)
                kept[class_id] = tuple(ConceptCandidate(one.text, one.group) for one in own)
            means += [_means(train)] if train is not None else []
    return TextChoice(tuple(kept), tuple(removed), _unread(gatherer, len(kept)))


def _trained(gatherer: Gatherer, stream: TaskStream, task: Task) -> Generator[Step, None, Sample]:
    """A task's training images; progress is told of those of all tasks."""
    before, total = (sum(len(one.train) for one in tasks) for tasks in (stream.tasks[: task.id], stream.tasks))
    return (yield from told(gatherer.training(task), lambda at: Step(before + at[0], total, "reading pictures")))


def _means(train: Sample) -> Tensor:
    """Mean features of a task's classes, [classes, D], as its method will keep them."""
    labels = range(int(train.labels.min()), int(train.labels.max()) + 1)
    return torch.stack([train.features[train.labels == label].mean(0) for label in labels])


def _unread(gatherer: Gatherer, classes: int) -> tuple[str, ...]:
    listed = (one.text for class_id in range(classes) for one in gatherer.concepts.kept[class_id])
    usable = {one.text for class_id in range(classes) for one in gatherer.usable(class_id)}
    return tuple(dict.fromkeys(text for text in listed if text not in usable))
