"""The control beside every claim about concepts: the same method, the same images, and random words for concepts.

Srivastava et al. (VLG-CBM, NeurIPS 2024) found that a bottleneck of random words is about as accurate as one of chosen
concepts: enough numbers of any kind carry the classes. So what concepts add is the difference, and it is shown.

Where the backbone has a closed vocabulary, the words are drawn from it; where it reads open text, from the words of all
concepts listed for the run's classes, shuffled. Either way single words are about birds as often as the concepts are;
what is random is which of them come together, and which class they are listed for.

Words about the same subject are a strong control and tell nothing of weaker ones. So two more stand beside it: random
directions, which are no text at all, and words of other fields, where the backbone reads open text (one with a closed
vocabulary knows none).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.random_banks import SHOWN, Drawn, elsewhere, vectors, words
from engine.array_types import Bools, Floats, Ints
from engine.backbone.presets import GIVEN, vocabulary_of
from engine.data.streams import VAL, Task
from engine.interventions.evidence import LABELLED, Evidence
from engine.methods.base import METHODS, EpochProgress
from engine.metrics import concepts as measures
from engine.metrics.differences import mean_difference
from engine.params import param
from engine.records.answers import Returns
from engine.records.forms import number, optional, share, text, whole
from engine.steps import Step, told

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample

CONTROLS = 10
"""How many there are at most."""
MEASURES = 3
"""Accuracy, accuracy with five concepts a class, concept accuracy."""
COUNTED = 2
"""How many of them, from the first, count images, so that each image can be compared with itself."""

_PARTS = 100  # steps of progress in a task, of which the search has the first fifth
_SEARCH = 20
_SAID = {"control": "random words", "vectors": "random vectors", "elsewhere": "words of other fields"}


@ANALYSES.register
@dataclass(frozen=True)
class RandomWords(Analysis):
    """Random words in place of concepts.

    Trains the run's method anew, task by task on the same images and with the same seed, after every concept the run
    could choose from was replaced by a random phrase of one to three words: as many, task by task, so that both banks
    have the same size. Several controls differ in their phrases only.

    Result, for R controls:
        run, control: accuracy over all classes seen, the same when every class may use five concepts only (Srivastava
            et al. 2024), and mean concept accuracy; NaN where unknown, the second also where concepts answer by another
            way beside the head. A random word means none of the run's concepts; its concept accuracy is that of the
            phrase which, on validation images, fits the concept best by chance.
        gain: mean over test images of how much more often the run is right than these controls, each image compared
            with itself, and the ends of its 95 % interval, for the two kinds of accuracy (`mean_difference`).
        vectors, elsewhere: the same of some controls each with random unit vectors in place of texts, and with phrases
            of words of other fields; none of the latter for a backbone with a closed vocabulary.
        size, control_size: concepts in the bank.
        phrases: some of each control's phrases.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "splits": text("S", among="splits", exact=True),
            "run": share(MEASURES, "S", "T", nan=True),
            "control": share(MEASURES, "R", "S", "T", nan=True),
            "gain": optional(number(COUNTED, "S", "T", 3, low=-1.0, high=1.0)),
            "vectors": optional(share(MEASURES, "vectors", "S", "T", nan=True)),
            "elsewhere": optional(share(MEASURES, "elsewhere", "S", "T", nan=True)),
            "size": whole("T"),
            "control_size": whole("R", "T"),
            "phrases": text("R", "phrases"),
        },
        free={"R": (1, CONTROLS), "vectors": (1, CONTROLS), "elsewhere": (0, CONTROLS), "phrases": (1, SHOWN)},
    )

    controls: int = param(3, low=1, high=CONTROLS, unit="controls", help="How often it is repeated with other words.")
    others: int = param(
        2, low=1, high=CONTROLS, unit="controls", help="How often with random vectors, and with words of other fields."
    )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What thresholds, and the phrase that fits a concept best, are chosen on."""
        return (LABELLED,)

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts to replace, and a text tower that reads others."""
        if not METHODS.get(lab.config.method).learns_concepts:
            return "its method learns no concepts, so there is nothing that random words could replace"
        if lab.config.backbone == GIVEN:
            return "its data bring embeddings of their own texts, and nothing can embed random words"
        return None

    def run(self, lab: Lab, task: int) -> Answering:
        """Measure the run, then train and measure every control."""
        tasks = lab.stream.tasks[: task + 1]
        planned = self._planned(lab)
        total = _PARTS * len(tasks) * len(planned)
        yield Step(0, total, "measuring the run itself")
        own = [_measure(lab, lab.snapshot(t.id), lab.snapshot(t.id)) for t in tasks]
        found: dict[str, list[list[MeasuredBank]]] = {"control": [], "vectors": [], "elsewhere": []}
        sizes, phrases = [], []
        for place, (kind, drawn) in enumerate(planned):
            rows, bank = [], []
            for done, snapshot in relearn(lab, tasks, drawn):
                word = f"training on {_SAID[kind]}, control {place + 1} of {len(planned)}"
                yield Step(_PARTS * len(tasks) * place + done, total, word)
                if snapshot is not None:
                    rows.append(_measure(lab, snapshot, lab.snapshot(snapshot.task)))
                    bank.append(len(snapshot.bank))
            found[kind].append(rows)
            if kind == "control":
                sizes.append(bank)
                phrases.append(drawn.sample)
        none = np.zeros((MEASURES, 0, len(test_splits(lab)), len(tasks)))
        return {
            "splits": np.array(test_splits(lab), np.str_),
            "run": _values(own),
            **{kind: np.stack([*map(_values, each)], axis=1) if each else none for kind, each in found.items()},
            "gain": _gain(own, found["control"]),
            "size": np.array([len(lab.snapshot(t.id).bank) for t in tasks], np.int64),
            "control_size": np.array(sizes, np.int64),
            "phrases": np.array(phrases, np.str_),
        }

    def _planned(self, lab: Lab) -> list[tuple[str, Drawn]]:
        """Every control by its kind, in the order in which they are trained."""
        closed = vocabulary_of(lab.config.backbone) is not None
        return [
            *(("control", words(lab, control)) for control in range(self.controls)),
            *(("vectors", vectors(lab, control)) for control in range(self.others)),
            *(("elsewhere", elsewhere(lab, control)) for control in range(0 if closed else self.others)),
        ]


# -- training ----------------------------------------------------------------------------------------------------------


def relearn(lab: Lab, tasks: Sequence[Task], drawn: Drawn) -> Generator[tuple[int, Snapshot | None], None, None]:
    """(steps done, model) as the control learns; the model is None between the ends of tasks."""
    from engine.analyses.relearning import task_data

    method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)
    previous: Snapshot | None = None
    for before, task in enumerate(tasks):
        learning = method.learn(task_data(lab, method, task, drawn.candidates(task, previous), previous))
        previous = yield from told(learning, partial(_told, _PARTS * before))
        yield _PARTS * (before + 1), previous


def _told(before: int, p: EpochProgress) -> tuple[int, None]:
    done = p.epoch / p.epochs
    part = _SEARCH * done if p.phase == "search" else _SEARCH + (_PARTS - _SEARCH) * done
    return before + int(part), None


# -- measuring ---------------------------------------------------------------------------------------------------------


def test_splits(lab: Lab) -> list[str]:
    return sorted((split for split in lab.splits if split != VAL), key=lambda split: split != "test")


@dataclass(frozen=True, slots=True)
class MeasuredBank:
    """One model on S test splits.

    Attributes:
        values: [3, S], accuracy, accuracy with five concepts a class, concept accuracy.
        right: of each split, [2, N]: which images are right, and which are with five concepts a class.
    """

    values: Floats
    right: tuple[Bools, ...]


def _values(rows: Sequence[MeasuredBank]) -> Floats:
    """[3, S, T]."""
    return np.stack([row.values for row in rows], axis=2)


def _gain(own: Sequence[MeasuredBank], controls: Sequence[Sequence[MeasuredBank]]) -> Floats:
    """The run against the mean of R controls, image by image: value and interval, [2, S, T, 3]."""
    found = np.empty((COUNTED, len(own[0].right), len(own), 3))
    for measure, s, t in np.ndindex(found.shape[:3]):
        others = np.mean([rows[t].right[s][measure] for rows in controls], axis=0)  # [N]
        gap = mean_difference(own[t].right[s][measure] - others)
        found[measure, s, t] = gap.value, gap.low, gap.high
    return found


def _measure(lab: Lab, model: Snapshot, own: Snapshot) -> MeasuredBank:
    """All measures of a model on every split; `own` is the run's model, whose concepts are asked for."""
    train = _scores(lab.train(model.task), model)
    moments = train.mean(0), train.std(0)
    head = model.head.numpy().astype(np.float64), model.bias.numpy().astype(np.float64)
    fit, right, meaning = _Judged(lab, model, own), [], []
    for split in test_splits(lab):
        sample = lab.sample(split, model.task)
        scores, labels = _scores(sample, model), sample.labels.numpy()
        beside = model.beside(sample.features).numpy().astype(np.float64)
        logits = scores @ head[0].T + head[1] + beside  # [N, C]
        few = measures.right_at_nec(scores, labels, head, moments, beside=beside)
        right.append(np.stack([logits.argmax(1) == labels, few]))
        meaning.append(fit.accuracy(split, sample, scores))
    accuracies = np.stack([one.mean(1) for one in right], axis=1)  # [2, S]
    if model.side is not None and model.side.through_concepts:  # a head that is cut is not all that asks them
        accuracies[1] = np.nan
    return MeasuredBank(np.vstack([accuracies, meaning]), tuple(right))


def _scores(sample: Sample, model: Snapshot) -> Floats:
    return (sample.features @ model.bottleneck.T).numpy().astype(np.float64)  # [N, K]


class _Judged:
    """Which row of a model stands for which of the run's concepts, and the thresholds, all chosen on validation."""

    def __init__(self, lab: Lab, model: Snapshot, own: Snapshot) -> None:
        self._lab, self._own = lab, own
        sample = lab.sample(VAL, model.task)
        truth, self._known = lab.truth(VAL, sample.rows, own.bank)
        truth = truth[:, self._known]
        scores = _scores(sample, model)
        is_own = model.bank.concepts == own.bank.concepts
        self._rows = np.flatnonzero(self._known) if is_own else best_rows(scores, truth)
        self._thresholds = measures.best_thresholds(scores[:, self._rows], truth)

    def accuracy(self, split: str, sample: Sample, scores: Floats) -> float:
        """Mean balanced accuracy over the concepts, NaN where nobody knows the truth of any."""
        truth, _ = self._lab.truth(split, sample.rows, self._own.bank)
        each = measures.concept_accuracy(scores[:, self._rows], truth[:, self._known], self._thresholds)
        return measures.mean_known(each)


def best_rows(scores: Floats, truth: Bools) -> Ints:
    """For each of M truths the row whose scores tell it best, by AUC, [M].

    Args:
        scores: [N, K].
        truth: [N, M].
    """
    if not truth.size:
        return np.zeros(truth.shape[1], np.int64)
    ranks = scores.argsort(0).argsort(0) + 1.0  # [N, K]; ties do not matter for a choice
    return np.asarray((truth.T @ ranks).argmax(1), np.int64)  # the rank sum orders rows as the AUC does
