"""What methods share whose rows are concepts: how a task's concepts are chosen, and what is kept of its classes.

Registers nothing; `bottleneck` adds training by gradients to it, `sparse` a sparse head on fixed rows, `concil` sums.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import NotApplicable
from engine.methods.base import EpochProgress, Method
from engine.params import param
from engine.rng import numpy_stream

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from engine.concepts.bank import Concept, ConceptBank
    from engine.concepts.search import Examples
    from engine.methods.base import Setup, TaskData
    from engine.model.snapshot import ClassStatistics

CONCEPTS = "Concepts"
_SEARCH_BATCH = 64  # samples per step of the trained search, as published


@dataclass(frozen=True)
class ConceptMethod(Method):
    """A method that chooses concepts for every task."""

    search: str = param(
        "learned",
        choices=("learned", "similarity", "submodular", "random", "none"),
        help="How concepts are chosen: the published trained search, the ones that separate the classes, those that "
        "cover a class's texts and tell it apart (LaBo), as many at random to compare with, or all.",
        group=CONCEPTS,
    )
    concepts_per_class: int = param(
        10, low=1, high=100, unit="concepts", help="How many concepts the search keeps per class.", group=CONCEPTS
    )
    share_concepts: bool = param(
        True, help="A text that is in the bank already is not taken a second time for a later task.", group=CONCEPTS
    )
    mahalanobis: bool = param(True, help="The Mahalanobis term in the trained search's loss.", group=CONCEPTS)
    mahalanobis_power: float = param(
        5.0, low=0.0, high=10.0, help="The term is divided by the mean distance to this power.", group=CONCEPTS
    )
    search_epochs: int = param(
        31, low=1, high=500, unit="epochs", help="Longest training of the search.", group=CONCEPTS
    )
    freeze_statistics: bool = param(
        False,
        help="After its first epoch the search normalises by the running statistics so far, as the released code does.",
        group=CONCEPTS,
    )
    search_rate: float = param(0.01, low=1e-5, high=1.0, help="Learning rate of the search.", group=CONCEPTS)

    def why_not(self, setup: Setup) -> str | None:
        """Needs concept candidates: a bottleneck made of class names would explain nothing."""
        return None if setup.has_candidates else setup.no_candidates

    def keeps_covariances(self) -> bool:
        """Whether the method needs the classes' covariances later."""
        return False

    def _classes(self, data: TaskData) -> ClassStatistics:
        """Statistics of all classes seen, the new ones last."""
        from engine.methods.prototypes import statistics

        return statistics(data, self.keeps_covariances())

    def choose(self, data: TaskData) -> Generator[EpochProgress, None, ConceptBank]:
        """The task's new concepts, in the order of their rows; by itself, to see what another seed would choose."""
        from engine.concepts.search import Examples, similarity_search
        from engine.concepts.submodular import submodular_search

        candidates = self.free_candidates(data)
        keep = min(len(candidates), self.concepts_per_class * len(data.class_ids))
        if self.search == "none" or keep == 0:
            return candidates
        if self.search == "random":
            drawn = numpy_stream(data.seed, "concept choice", data.task).permutation(len(candidates))[:keep]
            return candidates.select(sorted(map(int, drawn)))
        first = len(data.previous.class_ids) if data.previous else 0
        examples = Examples(data.features, data.labels - first, data.val_features, data.val_labels - first)
        if self.search == "similarity":
            return candidates.select(similarity_search(candidates.embeddings, self.concepts_per_class, examples))
        if self.search == "submodular":
            owners = [data.class_ids.index(concept.class_id) for concept in candidates.concepts]
            chosen = submodular_search(candidates.embeddings, owners, self.concepts_per_class, examples)
            return candidates.select(chosen)
        rows = yield from self._search(candidates.embeddings, keep, examples, data)
        return candidates.select(rows)

    def _search(
        self, embeddings: Tensor, keep: int, examples: Examples, data: TaskData
    ) -> Generator[EpochProgress, None, list[int]]:
        from engine.concepts.search import SearchSettings, learned_search
        from engine.device import fixed_threads

        settings = SearchSettings(
            self.search_epochs,
            self.search_rate,
            self.search_batch(),
            self.mahalanobis,
            self.mahalanobis_power,
            self.freeze_statistics,
        )
        steps = learned_search(embeddings, keep, examples, settings, data.seed, data.task)
        while True:
            try:
                with fixed_threads(1):
                    epoch = next(steps)
            except StopIteration as finished:
                rows: list[int] = finished.value
                return rows
            progress = epoch.number, self.search_epochs, epoch.loss, epoch.train_accuracy, epoch.val_accuracy
            yield EpochProgress("search", *progress)

    def free_candidates(self, data: TaskData) -> ConceptBank:
        """The candidates without repeated texts, marked with the task that brings them.

        Raises:
            NotApplicable: the task has no candidates at all.
        """
        from engine.concepts.bank import ConceptBank

        if not len(data.candidates):
            raise NotApplicable(
                f"{self.name}, task {data.task + 1}", "its classes list no concept candidates", "List some concepts"
            )
        before = data.previous.bank.concepts if self.share_concepts and data.previous else ()
        known = {concept.text for concept in before}
        rows = []
        for position, concept in enumerate(data.candidates.concepts):
            if concept.text not in known:
                known.add(concept.text)
                rows.append(position)
        fresh = data.candidates.select(rows)
        marked = tuple(_marked(concept, data.task) for concept in fresh.concepts)
        return ConceptBank(marked, fresh.embeddings)

    def search_batch(self) -> int:
        """Samples per step of the trained search."""
        return _SEARCH_BATCH


def _marked(concept: Concept, task: int) -> Concept:
    return dataclasses.replace(concept, task=task)
