"""What every method that trains a concept bottleneck shares: its parameters, concept search, growth and training loop.

Registers nothing; `clg_cbm`, `finetune` and `joint` say what they train on.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import NotApplicable
from engine.methods.base import EpochProgress, Method
from engine.params import param
from engine.rng import numpy_stream
from engine.steps import told

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from torch import Tensor

    from engine.concepts.bank import Concept, ConceptBank
    from engine.concepts.search import Examples
    from engine.methods.base import Learning, Setup, TaskData
    from engine.model.course import Course, Schedule
    from engine.model.snapshot import ClassStatistics, Snapshot
    from engine.model.trainer import Epoch

CONCEPTS, BOTTLENECK, TRAINING = "Concepts", "Bottleneck", "Training"


@dataclass(frozen=True)
class BottleneckMethod(Method):
    """A concept bottleneck trained task by task."""

    search: str = param(
        "learned",
        choices=("learned", "similarity", "random", "none"),
        help="How concepts are chosen: the published trained search, the ones that separate the classes, as many at "
        "random to compare with, or all.",
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
    alignment: float = param(
        1.0,
        low=0.0,
        high=100.0,
        help="Weight of the similarity between learned scores and the texts' scores; 0 turns it off.",
        group=BOTTLENECK,
    )
    unit_targets: bool = param(
        True,
        help="The texts' scores are of unit-length features, as the learned ones; off: of pseudo features and Gaussian "
        "samples at the length they were made with, as in the released code.",
        group=BOTTLENECK,
    )
    centred: bool = param(
        False, help="Centre scores over the batch before the cubed similarity (Label-free CBM).", group=BOTTLENECK
    )
    sparsity: float = param(
        1e-3, low=0.0, high=1.0, help="Strength of the elastic net on the head; 0 turns it off.", group=BOTTLENECK
    )
    l1_share: float = param(
        0.99, low=0.0, high=1.0, help="Share of the elastic net that is absolute values.", group=BOTTLENECK
    )
    row_start: str = param(
        "random", choices=("random", "text"), help="New bottleneck rows start random or at the text.", group=BOTTLENECK
    )
    head_start: str = param(
        "zero", choices=("zero", "random"), help="New weights of the head start at zero or random.", group=BOTTLENECK
    )
    epochs: int = param(61, low=1, high=1000, unit="epochs", help="Passes over the task's data.", group=TRAINING)
    learning_rate: float = param(1e-3, low=1e-6, high=1.0, help="Adam's step size.", group=TRAINING)
    first_drop: int = param(
        30, low=1, high=1000, unit="epochs", help="Epoch at which the learning rate falls to a tenth.", group=TRAINING
    )
    second_drop: int = param(
        40, low=1, high=1000, unit="epochs", help="Epoch at which it falls to a tenth again.", group=TRAINING
    )
    third_drop: int = param(
        50, low=1, high=1000, unit="epochs", help="Epoch at which it falls a third time.", group=TRAINING
    )
    batch_size: int = param(64, low=2, high=4096, unit="samples", help="Samples per step.", group=TRAINING)
    select_best: bool = param(
        False, help="Keep the epoch that does best on validation data instead of the last.", group=TRAINING
    )
    earliest_best: bool = param(
        False, help="Of equally good epochs the earliest is kept, not the latest.", group=TRAINING
    )
    check_every: int = param(
        10, low=1, high=1000, unit="epochs", help="How often validation data are looked at.", group=TRAINING
    )

    def why_not(self, setup: Setup) -> str | None:
        """Needs concept candidates: a bottleneck made of class names would explain nothing."""
        return None if setup.has_candidates else setup.no_candidates

    def learn(self, data: TaskData) -> Learning:
        """Choose the task's concepts, grow bottleneck and head by them, train."""
        from torch import zeros

        from engine.device import fixed_threads
        from engine.model.growth import grow
        from engine.model.snapshot import Snapshot

        chosen = yield from self.choose(data)
        bank = data.previous.bank.extended(chosen) if data.previous else chosen
        with fixed_threads(1):
            classes = self._classes(data)
        seen = len(classes.means)
        bottleneck, head = grow(data.previous, chosen.embeddings, seen, self.row_start, self.head_start, data.seed)
        with fixed_threads(1):
            course = self.course(data, bank, classes)
        class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids

        def model(weights: tuple[Tensor, Tensor]) -> Snapshot:
            return Snapshot(data.task, class_ids, bank, *weights, zeros(seen), classes)

        return model((yield from self._train(bottleneck, head, course, model)))

    def course(self, data: TaskData, bank: ConceptBank, classes: ClassStatistics) -> Course:
        """What to train on; each method's own answer."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def keeps_covariances(self) -> bool:
        """Whether the method needs the classes' covariances later."""
        return False

    def _classes(self, data: TaskData) -> ClassStatistics:
        """Statistics of all classes seen, the new ones last."""
        from engine.model.statistics import class_statistics, without_covariances

        before = data.previous.classes if data.previous else None
        first = len(before.means) if before else 0
        new = class_statistics(data.features, data.labels, first, data.class_texts, self.keeps_covariances())
        if before is None:
            return new
        if not self.keeps_covariances():
            return without_covariances(before).extended(new)
        if before.covariances.shape[1] == 0:
            raise NotApplicable(
                f"{self.name} after task {data.task}",
                "the run so far kept no covariances of its classes, which Gaussian samples need",
                "Start from the first task, or set gaussian_samples to 0",
            )
        return before.extended(new)

    def choose(self, data: TaskData) -> Generator[EpochProgress, None, ConceptBank]:
        """The task's new concepts, in the order of their rows; by itself, to see what another seed would choose."""
        from engine.concepts.search import Examples, similarity_search

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
            self.batch_size,
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

    def _train(
        self, bottleneck: Tensor, head: Tensor, course: Course, model: Callable[[tuple[Tensor, Tensor]], Snapshot]
    ) -> Generator[EpochProgress, None, tuple[Tensor, Tensor]]:
        from engine.model.objective import Terms
        from engine.model.trainer import fit

        terms = Terms(self.alignment, self.centred, self.sparsity, self.l1_share, self.unit_targets)
        steps = fit(bottleneck, head, course, terms, self._schedule())

        def ended(e: Epoch) -> EpochProgress:
            fitted = e.loss, e.train_accuracy, e.val_accuracy
            return EpochProgress("train", e.number, self.epochs, *fitted, lambda: model(e.weights()))

        return (yield from told(steps, ended))

    def _schedule(self) -> Schedule:
        from engine.model.course import Schedule

        return Schedule(
            self.epochs,
            self.learning_rate,
            (self.first_drop, self.second_drop, self.third_drop),
            self.batch_size,
            self.check_every,
            self.select_best,
            self.earliest_best,
        )


def _marked(concept: Concept, task: int) -> Concept:
    return dataclasses.replace(concept, task=task)


def redeclared(owner: type[BottleneckMethod], name: str, default: object) -> Any:
    """The field `name` of `owner` with another default; limits, unit and help stay."""
    declared = {field.name: field for field in dataclasses.fields(owner)}[name]
    return dataclasses.field(default=default, metadata=declared.metadata)
