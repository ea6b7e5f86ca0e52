"""`scale.authors`: CLG-CBM's released code at CIFAR-100's size, in one session with ours.

The first `TASKS` of the ten tasks of an overlapping mixture, from the same embeddings and candidates: in their code
each takes longer than the one before. Nothing of their training is changed but that its search for bugs in gradients is
off (`_authors_clg_cbm`); ours is as published, and with the bound on the steps of a task that `clg_cbm` has. Seconds
are the processor's, of learning, and theirs of two answers more; theirs has one thread. Where their code lies:
`_authors_loading`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch

from engine.bench._authors_clg_cbm import AuthorsCLGCBM
from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import visiting
from engine.bench._methods_authors import ROWS, TimedAnswers, compared, timed
from engine.bench._scale_mixture import Size, draw_task, draw_test, learnt
from engine.bench.figure import Figure, measured
from engine.device import fixed_threads
from engine.methods.clg_cbm import CLGCBM
from engine.methods.clg_cbm_published import CLGCBMPublished
from engine.model.course import Labelled

NAME = "scale.authors"
TASKS = 4
OVERLAPPING = Size(noise=4.0)
_OURS = {"published": CLGCBMPublished(), "bounded": CLGCBMPublished(most_steps=CLGCBM.most_steps)}
_QUICKER = 10.0


def figures(seeds: Sequence[int], size: Size = OVERLAPPING) -> Iterator[Figure]:
    """Seconds and accuracy of theirs and of ours, and how many times as quick ours is.

    Raises:
        NotApplicable: their code is not here; the message says how to get it.
    """
    checkout = ROWS["clg_cbm_published"].repository.checkout()
    found = [_beside(checkout, size, seed) for seed in seeds]
    for name in _OURS:
        rows = [one[name] for one in found]
        told = f"{NAME}.{name}"
        yield measured(f"{told}.seconds", [row["ours.seconds"] for row in rows], "s")
        yield measured(f"{told}.last", [row["ours.last"] for row in rows], "%")
        least = _QUICKER if name == "bounded" else None
        yield measured(f"{told}.quicker", [1 / row["seconds_ratio"] for row in rows], "x", least=least)
    theirs = [one["published"] for one in found]
    yield measured(f"{NAME}.theirs.seconds", [row["theirs.seconds"] for row in theirs], "s")
    yield measured(f"{NAME}.theirs.last", [row["theirs.last"] for row in theirs], "%")


def _beside(checkout: Path, size: Size, seed: int) -> dict[str, dict[str, float]]:
    """Each of ours against theirs, as `compared` tells it."""
    drawn = [draw_test(size, task, seed) for task in range(TASKS)]
    test = Labelled(torch.cat([one.features for one in drawn]), torch.cat([one.labels for one in drawn]))
    ours = {}
    for name, method in _OURS.items():
        tasks = [*islice(learnt(method, size, seed, time.process_time), TASKS)]
        model = tasks[-1][1]
        answers = model.from_features(test.features).logits.argmax(1)
        ours[name] = TimedAnswers(answers, sum(took for took, _ in tasks))
    data = [draw_task(size, task, seed, None) for task in range(TASKS)]  # of the model before they read nothing
    with fixed_threads(1), visiting(seed):
        theirs = timed(AuthorsCLGCBM(AuthorsInputs(checkout, data, method, model, test)), data, test.features)
    return {name: compared(one, theirs, test.labels, drawn=True) for name, one in ours.items()}
