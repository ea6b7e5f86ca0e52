"""Everything measured after a task, as named arrays.

By test split:
    class_il, task_il [t+1]     accuracy on each task seen, the choice being among all classes seen or the task's own
    confusion [C, C]            counts, true by predicted, in the order of learning
    ece []                      expected calibration error
    reliability [3, bins]       by confidence: its mean, the share right (NaN where a bin is empty), number of images
    image, label, predicted, probability [N]   each test image of the tasks up to now, in their order: its row of the
                                split, its class and the one it is taken for (in the order of learning), and how sure
                                the model is of that, 0..1
    zero_shot_class_il, zero_shot_task_il []   accuracy of the class names' embeddings on the new task, before it was
                                learnt: where the run hardens its backbone, through that of the task before
    before []                   accuracy on the new task just before it was learnt, among its own classes
    past_concepts_share, past_concepts_margin []   where the model has a side channel: share of images whose answer
                                would be another without it, and its mean share of the lead over the runner-up
    concept_accuracy, concept_auc [K]          of each concept's score against the truth, NaN without truth
    concept_matrix [t+1]        mean AUC of the concepts each task brought, on that task's images
Of the model (split ""):
    drift, alignment [K], nec [], and text, group, born, class_id [K] of its concepts
    parameters, stored []       how many numbers it answers from, and how many it keeps (`engine.model.size`)
    validation []               accuracy among all classes seen on the validation images of all tasks up to now, NaN
                                without any: for choosing settings and methods, which test images must not do
    nearest [new]               of each new class the training picture that stands for it; training alone knows it and
                                adds it (`engine.training.nearest`)

The accuracy *before* a task is that of the bottleneck alone: a head for the new classes does not exist yet, so an image
goes to the new class whose name, put through the same concepts, has the most similar scores. With an untouched CLIP in
place of the bottleneck this is zero-shot classification, which forward transfer is measured against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.array_types import Bools
from engine.concepts.bank import Concept
from engine.data.dataset import Dataset
from engine.data.streams import TRAIN, TaskStream
from engine.metrics import accuracy as measures
from engine.metrics import calibration, concepts, confusion, residual
from engine.model.probabilities import softmax
from engine.model.size import size_of
from engine.model.snapshot import Output, Snapshot
from engine.records.events import Array
from engine.records.forms import Known, check
from engine.records.measurements import PARAMETERS, STORED, VALIDATION, forms
from engine.training.material import Sample

Named = dict[str, Array]
_CLASS = np.int16
"""Of a class's place among those seen: a run has at most some thousands."""


@dataclass(frozen=True, slots=True)
class SeenImages:
    """What a model is measured on: the images of all tasks up to now.

    Attributes:
        stream, dataset: where they come from.
        val: validation images.
        tests: test images by split.
        fresh: the newest task's test images as they were seen before it was learnt, by split; None where a task does
            not change how images are seen.
    """

    stream: TaskStream
    dataset: Dataset
    val: Sample
    tests: Mapping[str, Sample]
    fresh: Mapping[str, Sample] | None = None

    def new(self, split: str, task: int) -> Sample:
        """Test images of the newest task as they were seen before it was learnt."""
        if self.fresh is not None:
            return self.fresh[split]
        sample = self.tests[split]
        is_new = self.stream.task_of_position[sample.labels.numpy()] == task
        return sample.where(torch.from_numpy(is_new))

    def truth(self, split: str, sample: Sample, columns: list[int]) -> Bools:
        """Which concepts are true of the images, [N, len(columns)]."""
        truth = self.dataset.splits[split].truth
        assert truth is not None  # columns exist only where there is truth
        chosen: Bools = truth[sample.rows][:, columns]
        return chosen


class Births:
    """The bottleneck's rows as they were when each concept was learnt."""

    def __init__(self) -> None:
        self._rows: dict[Concept, Tensor] = {}

    def note(self, snapshot: Snapshot) -> None:
        """Remember the rows of concepts not seen before."""
        for concept, row in zip(snapshot.bank.concepts, snapshot.bottleneck, strict=True):
            self._rows.setdefault(concept, row.clone())

    @property
    def rows(self) -> dict[Concept, Tensor]:
        """Every row noted so far, by concept."""
        return dict(self._rows)

    def of(self, snapshot: Snapshot) -> Tensor:
        """The rows at birth, [K, D]."""
        return torch.stack([self._rows[concept] for concept in snapshot.bank.concepts])


def evaluate(
    snapshot: Snapshot, previous: Snapshot | None, seen: SeenImages, births: Births | None
) -> dict[str, dict[str, Array]]:
    """Measure a model after its task.

    Args:
        snapshot, previous: the model now and before the task.
        seen: what to measure it on.
        births: rows at birth, the snapshot's own included; None where the bottleneck's rows are no concepts.

    Raises:
        Malformed: something measured is not what `engine.records.measurements` declares.
    """
    owners = seen.stream.task_of_position
    found = {
        split: _of_classes(snapshot, previous, sample, seen.new(split, snapshot.task), owners)
        for split, sample in seen.tests.items()
    }
    found[""] = {"nec": np.array(concepts.nec(snapshot.head.numpy())), **_of_size(snapshot)}
    found[""][VALIDATION] = np.array(_share_right(snapshot, seen.val))
    if births is not None:
        found[""] |= _of_bank(snapshot, births)
        for split, named in _of_truth(snapshot, seen).items():
            found[split] |= named
    every = {split: {name: np.asarray(array) for name, array in named.items()} for split, named in found.items()}
    for split, named in every.items():
        check(named, {name: form for name, form in forms(split).items() if name in named}, Known())
    return every


def _of_classes(snapshot: Snapshot, previous: Snapshot | None, sample: Sample, new: Sample, owners: Array) -> Named:
    output = snapshot.from_features(sample.features)
    logits = output.logits.numpy()  # [N, C]
    labels = sample.labels.numpy()
    sure, predicted = softmax(logits.astype(np.float64)), logits.argmax(1)
    texts = snapshot.classes.texts
    zero_shot = (new.features @ texts.T).numpy()
    named, unknown = bool((texts != 0).any(dim=1).all()), np.array(np.nan)
    return {
        "class_il": measures.class_il(logits, labels, owners),
        "task_il": measures.task_il(logits, labels, owners),
        "confusion": confusion.class_confusion(labels, predicted, logits.shape[1]),
        "ece": np.array(calibration.ece(sure, labels)),
        "reliability": calibration.packed(calibration.reliability(sure, labels)),
        "image": sample.rows.astype(np.int32),
        "label": labels.astype(_CLASS),
        "predicted": predicted.astype(_CLASS),
        "probability": sure.max(1).astype(np.float16),
        "zero_shot_class_il": measures.class_il(zero_shot, new.labels.numpy(), owners)[-1] if named else unknown,
        "zero_shot_task_il": measures.task_il(zero_shot, new.labels.numpy(), owners)[-1] if named else unknown,
        "before": np.array(_before(previous, new, texts)) if named else unknown,
        **_of_side(snapshot, output),
    }


def _of_side(snapshot: Snapshot, output: Output) -> Named:
    """How much passes by the concepts, for a model with a side channel."""
    if snapshot.side is None:
        return {}
    concepts_alone = (output.scores @ snapshot.head.T + snapshot.bias).double().numpy()
    both = output.logits.double().numpy(), concepts_alone
    shares = residual.side_shares(*both)
    return {
        "past_concepts_share": np.array(residual.changed_answers(*both).mean()),
        "past_concepts_margin": np.array(concepts.mean_known(shares)),
    }


def _share_right(snapshot: Snapshot, sample: Sample) -> float:
    answers = snapshot.from_features(sample.features).logits.argmax(1)
    return float((answers == sample.labels).double().mean())  # NaN of no images


def _of_size(snapshot: Snapshot) -> Named:
    size = size_of(snapshot)
    return {PARAMETERS: np.array(size.parameters, np.int64), STORED: np.array(size.stored, np.int64)}


def _before(previous: Snapshot | None, new: Sample, texts: Tensor) -> float:
    if previous is None:
        return float("nan")
    first = len(previous.class_ids)
    images = F.normalize(new.features @ previous.bottleneck.T, dim=1)  # [N, K]
    names = F.normalize(texts[first:] @ previous.bottleneck.T, dim=1)  # [new classes, K]
    return float(((images @ names.T).argmax(1) + first == new.labels).double().mean())


def _of_bank(snapshot: Snapshot, births: Births) -> Named:
    listed = snapshot.bank.concepts
    now = snapshot.bottleneck.numpy()
    return {
        "drift": concepts.drift(now, births.of(snapshot).numpy()),
        "alignment": concepts.alignment(now, snapshot.bank.embeddings.numpy()),
        "text": np.array([concept.text for concept in listed], np.str_),
        "group": np.array([concept.group for concept in listed], np.str_),
        "born": np.array([concept.task for concept in listed], np.int64),
        "class_id": np.array([concept.class_id for concept in listed], np.int64),
    }


def concept_accuracy(snapshot: Snapshot, seen: SeenImages, which: Sequence[int]) -> Array:
    """Accuracy of some concepts, by their rows, on the test images, as after a task, [n]; NaN without truth."""
    listed = snapshot.bank.concepts
    known = [k for k in which if listed[k].truth is not None]
    columns = [column for k in known if (column := listed[k].truth) is not None]
    if not known:
        return np.full(len(which), np.nan)
    rows = snapshot.bottleneck[known]  # [known, D]
    val, test = seen.val, seen.tests["test"]
    thresholds = concepts.best_thresholds((val.features @ rows.T).numpy(), seen.truth(TRAIN, val, columns))
    scores = (test.features @ rows.T).numpy()
    found = concepts.concept_accuracy(scores, seen.truth("test", test, columns), thresholds)
    return _spread(found, [place for place, k in enumerate(which) if k in known], len(which))


def _of_truth(snapshot: Snapshot, seen: SeenImages) -> dict[str, Named]:
    listed = snapshot.bank.concepts
    known = [k for k, concept in enumerate(listed) if concept.truth is not None]
    columns = [concept.truth for concept in listed if concept.truth is not None]
    rows = snapshot.bottleneck[known]  # [known, D]
    found: dict[str, Named] = {}
    val_scores = (seen.val.features @ rows.T).numpy()
    val_truth = seen.truth(TRAIN, seen.val, columns) if known else np.zeros((len(val_scores), 0), np.bool_)
    thresholds = concepts.best_thresholds(val_scores, val_truth)
    owners = seen.stream.task_of_position
    for split, sample in seen.tests.items():
        scores = (sample.features @ rows.T).numpy()
        truth = seen.truth(split, sample, columns) if known else np.zeros((len(scores), 0), np.bool_)
        tasks = owners[sample.labels.numpy()]
        born = np.array([listed[k].task for k in known], np.int64)
        found[split] = {
            "concept_accuracy": _spread(concepts.concept_accuracy(scores, truth, thresholds), known, len(listed)),
            "concept_auc": _spread(concepts.concept_auc(scores, truth), known, len(listed)),
            "concept_matrix": _concept_row(scores, truth, tasks, born, snapshot.task),
        }
    return found


def _concept_row(scores: Array, truth: Bools, tasks: Array, born: Array, task: int) -> Array:
    """Mean AUC of the concepts each task brought, on that task's images, [task + 1]."""
    row = np.full(task + 1, np.nan)
    for k in range(task + 1):
        images, mine = tasks == k, born == k
        row[k] = concepts.mean_known(concepts.concept_auc(scores[images][:, mine], truth[images][:, mine]))
    return row


def _spread(values: Array, where: list[int], size: int) -> Array:
    """`values` at positions `where` of [size], NaN elsewhere."""
    spread = np.full(size, np.nan)
    spread[where] = values
    return spread
