"""What a task is learnt and tested on: features, labels and texts, gathered from dataset and backbone."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Ints
from engine.concepts.bank import Concept, ConceptBank
from engine.concepts.rules import Removed
from engine.concepts.sifting import ForClass, Seen, sift
from engine.data.dataset import ConceptCandidate, Dataset
from engine.data.streams import TRAIN, Task, TaskStream
from engine.errors import NotApplicable
from engine.model.snapshot import Snapshot
from engine.records.events import FeaturesProgress
from engine.runs.concepts import open_concepts
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
        self.concepts = open_concepts(config, dataset)
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

    def training(self, task: Task) -> Generator[tuple[int, int], None, Sample]:
        """Features of a task's training images alone; yields (done, total)."""
        wanted = {TRAIN: task.train}
        self._embedder.plan(wanted)
        features = yield from self._embedder.images(wanted)
        return self._sample(TRAIN, task.train, features[TRAIN])

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
        listed = self.concepts.kept[class_id]
        return tuple(c for c in listed if not self._embedder.unknown_words(concept_prompts(self._config, [c.text])))

    def candidates(self, task: Task, train: Sample | None = None, previous: Snapshot | None = None) -> ConceptBank:
        """The usable concepts listed for the task's classes, as far as the run's rules let them through."""
        return self.sifted(task, train, previous.classes.means if previous is not None else None)[0]

    def sifted(
        self, task: Task, train: Sample | None = None, earlier: Tensor | None = None
    ) -> tuple[ConceptBank, tuple[Removed, ...]]:
        """The candidates of a task, and what the rules left out of those listed for its classes.

        Args:
            train: the task's training images; needed where images decide (`ConceptRules.needs_images`).
            earlier: mean features [E, D] of the classes learnt before; none at the first task.

        Raises:
            NotApplicable: the rules leave a class without any.
        """
        usable = {class_id: self.usable(class_id) for class_id in task.class_ids}
        by_words = tuple(one for one in self.concepts.removed if one.class_id in usable)
        if not self._config.needs_vectors:
            concepts = tuple(_concept(one, task, class_id) for class_id, listed in usable.items() for one in listed)
            return ConceptBank(concepts, self.concept_texts([concept.text for concept in concepts])), by_words
        texts = list(dict.fromkeys(one.text for listed in usable.values() for one in listed))
        row, place = {text: i for i, text in enumerate(texts)}, {c: i for i, c in enumerate(task.class_ids)}
        pairs = [ForClass(c, place[c], row[one.text]) for c, listed in usable.items() for one in listed]
        vectors = self.concept_texts(texts)
        kept, removed = sift(self._config, texts, vectors, pairs, self._seen(task, train, earlier))
        self._require_some(task, pairs, kept)
        named = {(c, one.text): one for c, listed in usable.items() for one in listed}
        concepts = tuple(_concept(named[pair.class_id, texts[pair.row]], task, pair.class_id) for pair in kept)
        return ConceptBank(concepts, vectors[[pair.row for pair in kept]]), (*by_words, *removed)

    def _seen(self, task: Task, train: Sample | None, earlier: Tensor | None) -> Seen | None:
        if not self._config.needs_images:
            return None
        if train is None:
            raise ValueError("these rules look at the task's training images")
        known = earlier if earlier is not None else torch.zeros(0, self._embedder.width)
        return Seen(train.features, train.labels - self._position[task.class_ids[0]], known)

    def _require_some(self, task: Task, pairs: Sequence[ForClass], kept: Sequence[ForClass]) -> None:
        bare = {pair.class_id for pair in pairs} - {pair.class_id for pair in kept}
        if bare:
            names = ", ".join(self._dataset.class_names[c] for c in task.class_ids if c in bare)
            problem = f"the concept filters leave nothing of what is listed for {names}"
            raise NotApplicable(f"task {task.id + 1}", problem, "Loosen them, or list other concepts")

    def shown(self, train: Sample, candidates: ConceptBank) -> Tensor:
        """Whether each candidate is true of each training image, 1 or 0, [N, M]; NaN where the data do not say."""
        found = torch.full((len(train.labels), len(candidates)), torch.nan)
        truth = self._dataset.splits[TRAIN].truth
        columns = [concept.truth for concept in candidates.concepts]
        known = {place: column for place, column in enumerate(columns) if column is not None}
        if truth is not None and known:
            told = truth[train.rows][:, list(known.values())]
            found[:, list(known)] = torch.from_numpy(np.asarray(told, np.float32))
        return found

    def concept_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeddings of concepts in the run's sentence around them, [K, D]."""
        return torch.from_numpy(self._embedder.texts(concept_prompts(self._config, texts)))

    def prompts(self, class_ids: Sequence[int]) -> list[str]:
        """Class names as the text tower sees them."""
        return class_prompts(self._config, [self._dataset.class_names[c] for c in class_ids])

    def _sample(self, split: str, rows: Ints, features: Tensor) -> Sample:
        labels = [self._position[c] for c in self._dataset.splits[split].labels[rows].tolist()]
        return Sample(rows, features, torch.tensor(labels, dtype=torch.long))


def _concept(one: ConceptCandidate, task: Task, class_id: int) -> Concept:
    return Concept(one.text, one.group, task.id, class_id, one.truth)


def _wanted(task: Task, train: bool = True) -> Wanted:
    return {TRAIN: np.union1d(task.train, task.val) if train else task.val, **task.tests}


def joined(samples: list[Sample]) -> Sample:
    """Several samples as one, in order."""
    return Sample(
        np.concatenate([sample.rows for sample in samples]),
        torch.cat([sample.features for sample in samples]),
        torch.cat([sample.labels for sample in samples]),
    )
