"""`scale.authors`: CLG-CBM's released code at CIFAR-100's size, in one session with ours.

The first `TASKS` of the ten tasks of an overlapping mixture, from the same embeddings and candidates: in their code
each takes longer than the one before. Nothing of their training is changed but that its search for bugs in gradients is
off (`_authors_clg_cbm`); ours is as published, and with the bound on the steps of a task that `clg_cbm` has. Seconds
are the processor's, of learning alone; theirs has one thread. Where their code lies: `_authors_loading`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.bench._authors_clg_cbm import AuthorsCLGCBM
from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import visiting
from engine.bench._methods_authors import ROWS
from engine.bench._scale_mixture import Size, draw_task, draw_test
from engine.bench.figure import Figure, measured
from engine.device import fixed_threads
from engine.methods.base import TaskData
from engine.methods.clg_cbm import CLGCBM
from engine.methods.clg_cbm_published import CLGCBMPublished
from engine.model.course import Labelled
from engine.model.snapshot import Snapshot
from engine.steps import finish

NAME = "scale.authors"
TASKS = 4
OVERLAPPING = Size(noise=4.0)
_OURS = {"published": CLGCBMPublished(), "bounded": CLGCBMPublished(most_steps=CLGCBM.most_steps)}
_QUICKER = 10.0


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Seconds of the processor, and per cent of further samples that are right after the last task."""

    seconds: float
    right: float


def figures(seeds: Sequence[int], size: Size = OVERLAPPING) -> Iterator[Figure]:
    """Seconds and accuracy of theirs and of ours, and how many times as quick ours is.

    Raises:
        NotApplicable: their code is not here; the message says how to get it.
    """
    checkout = ROWS["clg_cbm_published"].repository.checkout()
    found: dict[str, list[_Learnt]] = {"theirs": [], **{name: [] for name in _OURS}}
    for seed in seeds:
        test = _test(size, seed)
        for name, method in _OURS.items():
            tasks, model, seconds = _learn(method, size, seed)
            answers = model.from_features(test.features).logits.argmax(1)
            found[name].append(_Learnt(seconds, _right(answers, test.labels)))
        found["theirs"].append(_theirs(AuthorsInputs(checkout, tasks, method, model, test), seed))
    for name, own in found.items():
        yield measured(f"{NAME}.{name}.seconds", [one.seconds for one in own], "s")
        yield measured(f"{NAME}.{name}.last", [one.right for one in own], "%")
        if name in _OURS:
            times = [theirs.seconds / one.seconds for theirs, one in zip(found["theirs"], own, strict=True)]
            yield measured(f"{NAME}.{name}.quicker", times, "x", least=_QUICKER if name == "bounded" else None)


def _learn(method: CLGCBM, size: Size, seed: int) -> tuple[list[TaskData], Snapshot, float]:
    tasks, model, seconds = list[TaskData](), None, 0.0
    for task in range(TASKS):
        tasks.append(draw_task(size, task, seed, model))
        began = time.process_time()
        model = finish(method.learn(tasks[-1]))
        seconds += time.process_time() - began
    assert model is not None
    return tasks, model, seconds


def _theirs(given: AuthorsInputs, seed: int) -> _Learnt:
    with fixed_threads(1), visiting(seed):
        learner = AuthorsCLGCBM(given)
        began = time.process_time()
        for task in given.tasks:
            learner.learn(task)
        seconds = time.process_time() - began
        return _Learnt(seconds, _right(learner.answer(given.test.features), given.test.labels))


def _test(size: Size, seed: int) -> Labelled:
    """Further samples of the classes of all these tasks."""
    drawn = [draw_test(size, task, seed) for task in range(TASKS)]
    return Labelled(torch.cat([one.features for one in drawn]), torch.cat([one.labels for one in drawn]))


def _right(answers: Tensor, labels: Tensor) -> float:
    return 100 * float((answers == labels).double().mean())
