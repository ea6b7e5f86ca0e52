"""What a task is learnt and tested on: features, labels and texts, gathered from dataset and backbone."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Ints
from engine.concepts.bank import Concept, ConceptBank
from engine.data.dataset import ConceptCandidate, Dataset
from engine.data.streams import TRAIN, Task, TaskStream
from engine.records.events import FeaturesProgress
from engine.runs.config import RunConfig
from engine.runs.sources import class_prompts, concept_prompts
from engine.steps import told
from engine.training.embedder import Embedder, Wanted


@dataclass(frozen=True, slots=True)
class Sample:
    """Images of a split as features.

    Attributes:
        rows: [N], indices into the split.
        features: float32 [N, D], unit length.
        labels: [N], positions in the order of learning.
    """

    rows: Ints
    features: Tensor
    labels: Tensor

    def where(self, mask: Tensor) -> Sample:
        """The images for which `mask` [N] holds."""
        return self.at(np.flatnonzero(mask.numpy()))

    def at(self, places: Ints) -> Sample:
        """The images at these places, in this order."""
        return Sample(self.rows[places], self.features[places], self.labels[places])


@dataclass(frozen=True, slots=True)
class Material:
    """Everything gathered for one task.

    Attributes:
        train: the new classes' training images, or None where they were not asked for.
        val: their validation images.
        tests: test images by split.
    """

    train: Sample | None
    val: Sample
    tests: Mapping[str, Sample]


class Gatherer:
    """Gathers the material of tasks, in order.

    Args:
        embedder: the run's starting backbone, which embeds all texts, and images where nobody asks for another.
    """

    def __init__(self, config: RunConfig, dataset: Dataset, stream: TaskStream, embedder: Embedder) -> None:
        self._config, self._dataset, self._embedder = config, dataset, embedder
        self._position = {c: i for i, c in enumerate(stream.class_order)}

    def plan(self, task: Task) -> None:
        """Let the task's images be drawn ahead."""
        self._embedder.plan(_wanted(task))

    def gather(
        self, task: Task, train: bool = True, embedder: Embedder | None = None
    ) -> Generator[FeaturesProgress, None, Material]:
        """The task's features; without `train`, only those of its validation and test images."""
        wanted = _wanted(task, train)
        self._embedder.plan(wanted)
        images = (embedder or self._embedder).images(wanted)
        features = yield from told(images, lambda at: FeaturesProgress(task.id, *at))
        samples = {split: self._sample(split, wanted[split], features[split]) for split in wanted}
        both = samples.pop(TRAIN)
        is_val = torch.from_numpy(np.isin(both.rows, task.val))
        return Material(both.where(~is_val) if train else None, both.where(is_val), samples)

    def class_texts(self, task: Task) -> Tensor:
        """Embeddings of the task's class names, [classes, D]; zero for a name with a word the backbone never saw."""
        prompts = self.prompts(task.class_ids)
        known = [i for i, prompt in enumerate(prompts) if not self._embedder.unknown_words([prompt])]
        texts = torch.zeros(len(prompts), self._embedder.width)
        texts[known] = torch.from_numpy(self._embedder.texts([prompts[i] for i in known]))
        return texts

    def unknown_words(self, class_ids: Sequence[int]) -> frozenset[str]:
        """Words of the class names that the backbone was never trained on."""
        return self._embedder.unknown_words(self.prompts(class_ids))

    def usable(self, class_id: int) -> tuple[ConceptCandidate, ...]:
        """A class's candidates without those that, in their sentence, hold a word the backbone was never trained on."""
        listed = self._dataset.candidates(class_id)
        return tuple(c for c in listed if not self._embedder.unknown_words(concept_prompts(self._config, [c.text])))

    def candidates(self, task: Task) -> ConceptBank:
        """The usable concepts listed for the task's classes."""
        concepts = tuple(
            Concept(candidate.text, candidate.group, task.id, class_id, candidate.truth)
            for class_id in task.class_ids
            for candidate in self.usable(class_id)
        )
        return ConceptBank(concepts, self.concept_texts([concept.text for concept in concepts]))

    def concept_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeddings of concepts in the run's sentence around them, [K, D]."""
        return torch.from_numpy(self._embedder.texts(concept_prompts(self._config, texts)))

    def prompts(self, class_ids: Sequence[int]) -> list[str]:
        """Class names as the text tower sees them."""
        return class_prompts(self._config, [self._dataset.class_names[c] for c in class_ids])

    def _sample(self, split: str, rows: Ints, features: Tensor) -> Sample:
        labels = [self._position[c] for c in self._dataset.splits[split].labels[rows].tolist()]
        return Sample(rows, features, torch.tensor(labels, dtype=torch.long))


def _wanted(task: Task, train: bool = True) -> Wanted:
    return {TRAIN: np.union1d(task.train, task.val) if train else task.val, **task.tests}


def joined(samples: list[Sample]) -> Sample:
    """Several samples as one, in order."""
    return Sample(
        np.concatenate([sample.rows for sample in samples]),
        torch.cat([sample.features for sample in samples]),
        torch.cat([sample.labels for sample in samples]),
    )
