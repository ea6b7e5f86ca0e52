"""`methods.authors`: our methods against their authors' released code, on the same embeddings.

Both learn the same tasks from the same training images, one after the other in this process on one thread (numpy's as
`OMP_NUM_THREADS` says). Seconds are the processor's, which others at work on the machine change little, of learning and
of the first answers, because some invert their matrices only then. Nobody fits on validation images. The authors' code
is not part of Plumage: it is imported from checkouts (see `_authors_loading`), and a row whose checkout is missing is
left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from torch import Tensor

from engine.analyses.relearning import task_data
from engine.bench._authors_acil import AuthorsACIL
from engine.bench._authors_clg_cbm import AuthorsCLGCBM
from engine.bench._authors_fecam import AuthorsFeCAM
from engine.bench._authors_inputs import AuthorsInputs, AuthorsLearner
from engine.bench._authors_loading import Repository, visiting
from engine.bench._authors_ranpac import AuthorsRanPAC
from engine.bench._authors_slda import AuthorsSLDA
from engine.bench._authors_sparse_head import AuthorsSparseHead, OurSparseHead
from engine.bench._methods_cells import CellOutcome
from engine.device import fixed_threads
from engine.errors import NotApplicable
from engine.methods.base import METHODS, Method, TaskData
from engine.model.snapshot import Snapshot
from engine.session.lab import Lab
from engine.steps import finish

UNITS: Mapping[str, str] = {
    "ours.last": "%",
    "theirs.last": "%",
    "gap": "points",
    "same_answers": "%",
    "ours.concepts": "concepts",
    "theirs.concepts": "concepts",
    "ours.seconds": "s",
    "theirs.seconds": "s",
    "seconds_ratio": "ours / theirs",
}
"""What is told of every row; `gap` is ours less theirs."""
_FIRST = 2  # images of the first answers; of a single one CLG-CBM's code takes a standard deviation


@dataclass(frozen=True)
class Released:
    """One row.

    Attributes:
        method: ours.
        repository: theirs.
        adapter: makes their learner.
        drawn: whether the two draw other random numbers, so that answers to single images say nothing.
        part: makes a learner that is the part of ours which theirs stands beside, where it is not all of it.
        tasks: how many are learnt; all if not given.
    """

    method: str
    repository: Repository
    adapter: Callable[[AuthorsInputs], AuthorsLearner]
    drawn: bool = False
    part: Callable[[AuthorsInputs], AuthorsLearner] | None = None
    tasks: int | None = None


_SLDA = Repository("tyler-hayes/Deep_SLDA", "bc1579799b5925d2e4299c2f45b426d2d4219da5")
_ACIL = Repository("ZHUANGHP/Analytic-continual-learning", "0afd6bf87622e808ce7f730f8556e78229b9e758")
_RANPAC = Repository("RanPAC/RanPAC", "012927f86e8d95dc9e7c6015a5e1048e6604c8b6")
_FECAM = Repository("dipamgoswami/FeCAM", "d2479b7bc9c3e704b0835ccd5928a2d7e0df5a09")
_CLG_CBM = Repository("FisherCats/CLG-CBM", "cdd26ceb9f13ee7295d6c4669356092b9717e47a")
_LABEL_FREE = Repository("Trustworthy-ML-Lab/Label-free-CBM", "fa2869d46c454f406af69b19d3d5427f2d427492")
ROWS: Mapping[str, Released] = {
    "slda": Released("slda", _SLDA, AuthorsSLDA),
    "slda_from_first": Released("slda", _SLDA, partial(AuthorsSLDA, from_first=True)),
    "acil": Released("acil", _ACIL, AuthorsACIL),
    "ranpac": Released("ranpac", _RANPAC, AuthorsRanPAC),
    "fecam": Released("fecam", _FECAM, AuthorsFeCAM),
    "clg_cbm_published": Released("clg_cbm_published", _CLG_CBM, AuthorsCLGCBM, drawn=True),
    "clg_cbm_on_test": Released("clg_cbm_published", _CLG_CBM, partial(AuthorsCLGCBM, on_test=True), drawn=True),
    "sparse_head": Released("label_free", _LABEL_FREE, AuthorsSparseHead, part=OurSparseHead, tasks=3),
}
"""Methods whose authors' code runs on embeddings, at the commit it was tried at; twice where it does not do what ours
does: as released, and changed in that one respect. `glm_saga` takes long on many classes: it has three tasks."""


@dataclass(frozen=True)
class TimedAnswers:
    """What one of the two said of the test images after the last task.

    Attributes:
        classes: positions of learning, [N].
        seconds: of the processor, for learning and the first answers.
        concepts: of its bottleneck; 0 if it has none.
    """

    classes: Tensor
    seconds: float
    concepts: int = 0


def available(names: Sequence[str]) -> dict[str, Path]:
    """Checkouts of the rows asked for; of those that are missing it says so, and how to get them, on stderr."""
    found = {}
    for name in names:
        try:
            found[name] = ROWS[name].repository.checkout()
        except NotApplicable as reason:
            print(f"methods.authors.{name} is left out. {reason}", file=sys.stderr, flush=True)
    return found


def outcomes(checkouts: Mapping[str, Path], labs: Sequence[Lab]) -> Iterator[tuple[str, list[CellOutcome]]]:
    """What is measured of each row, seed by seed; where their code fails, the reason.

    Args:
        labs: a finished run a seed, of whose embeddings all learn.
    """
    for name, checkout in checkouts.items():
        yield name, [_outcome(name, checkout, lab) for lab in labs]


def _outcome(name: str, checkout: Path, lab: Lab) -> CellOutcome:
    print(f"methods.authors.{name}, seed {lab.config.seed}", file=sys.stderr, flush=True)
    try:
        return CellOutcome(beside(name, checkout, lab))
    except Exception as reason:  # foreign code may fail in any way, and takes no other row with it
        return CellOutcome({}, "", f"{type(reason).__name__}: {reason}")


def beside(name: str, checkout: Path, lab: Lab) -> dict[str, float]:
    """Ours and theirs on one run's embeddings: `compared`."""
    row = ROWS[name]
    method, count = METHODS.get(row.method)(), len(lab.stream.tasks[: row.tasks])
    test = lab.sample("test", count - 1)
    with fixed_threads(1):
        tasks, model, seconds = _ours(lab, method, count)
        given = AuthorsInputs(checkout, tasks, method, model, test)
        if row.part is None:
            ours = _answered(lambda images: model.from_features(images).logits.argmax(1), test.features, seconds)
            ours = replace(ours, concepts=len(model.bank) if method.learns_concepts else 0)
        else:
            ours = timed(row.part(given), tasks, test.features)
        with visiting(lab.config.seed):
            theirs = timed(row.adapter(given), tasks, test.features)
    return compared(ours, theirs, test.labels, row.drawn)


def _ours(lab: Lab, method: Method, count: int) -> tuple[list[TaskData], Snapshot, float]:
    """The first tasks, the model after them, and the seconds that learning took."""
    tasks, model, seconds = list[TaskData](), None, 0.0
    for task in lab.stream.tasks[:count]:
        data = task_data(lab, method, task, lab.gatherer.candidates(task), model)
        began = time.process_time()
        model = finish(method.learn(data))
        seconds += time.process_time() - began
        tasks.append(data)
    assert model is not None  # every stream has a task
    return tasks, model, seconds


def timed(learner: AuthorsLearner, tasks: Sequence[TaskData], test: Tensor) -> TimedAnswers:
    """Let it learn the tasks, and answer for the test images [N, D]."""
    began = time.process_time()
    for task in tasks:
        learner.learn(task)
    seconds = time.process_time() - began
    return replace(_answered(learner.answer, test, seconds), concepts=learner.concepts)


def _answered(answer: Callable[[Tensor], Tensor], test: Tensor, seconds: float) -> TimedAnswers:
    """All answers, and the time of the first ones on top of that of learning."""
    began = time.process_time()
    answer(test[:_FIRST])
    seconds += time.process_time() - began
    return TimedAnswers(answer(test), seconds)


def compared(ours: TimedAnswers, theirs: TimedAnswers, labels: Tensor, drawn: bool) -> dict[str, float]:
    """The figures of `UNITS`.

    Args:
        labels: of the test images, [N].
        drawn: see `Released`.
    """
    last = [_equal(one.classes, labels) for one in (ours, theirs)]
    found = {"ours.last": last[0], "theirs.last": last[1], "gap": last[0] - last[1]}
    if not drawn:
        found["same_answers"] = _equal(ours.classes, theirs.classes)
    if ours.concepts:
        found |= {"ours.concepts": float(ours.concepts), "theirs.concepts": float(theirs.concepts)}
    seconds = {"ours.seconds": ours.seconds, "theirs.seconds": theirs.seconds}
    return found | seconds | {"seconds_ratio": ours.seconds / theirs.seconds}


def _equal(one: Tensor, other: Tensor) -> float:
    """Per cent of places where two are equal."""
    return 100 * float((one == other).double().mean())
