"""Headlines about answers worked out anew, from the models' answers to every test image (see `_findings`).

Functions are called as the rules whose headlines they work out.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.array_types import Ints
from engine.model.probabilities import softmax
from engine.session.lab import Lab

PERCENT = 100.0


@dataclass(frozen=True)
class Told:
    """What a headline should say.

    Attributes:
        value: its number, in the finding's unit.
        words: texts that must occur in it.
    """

    value: float
    words: tuple[str, ...] = ()


def answers(lab: Lab, moment: int, split: str = "test") -> tuple[Ints, Ints, Ints]:
    """True place, predicted place and task of every test image of the classes learnt, predicted anew, [N] each."""
    sample = lab.sample(split, moment)
    logits = lab.snapshot(moment).from_features(sample.features).logits.numpy()
    labels = sample.labels.numpy()
    return labels, logits.argmax(1), lab.stream.task_of_position[labels]


def _share(lab: Lab, moment: int, task: int) -> float:
    labels, predicted, tasks = answers(lab, moment)
    return float((labels == predicted)[tasks == task].mean())


def worst_forgetting(lab: Lab, moment: int) -> Told:
    falls = {}
    for task in range(moment):
        history = [_share(lab, t, task) for t in range(task, moment + 1)]
        falls[task] = (max(history) - history[-1], task + history.index(max(history)))
    task = max(falls, key=lambda k: (round(falls[k][0], 9), -k))
    if len(falls) > 1 and _drawn(lab, moment, falls) >= _RISK:
        means = [max(_share(lab, t, k) for t in range(k, moment)) - _share(lab, moment, k) for k in range(moment)]
        mean = float(np.mean(means))
        return Told(PERCENT * abs(mean), ("no task stands out",))
    return Told(PERCENT * falls[task][0], (f"Task {task + 1} lost",))


_RISK = 0.05


def _drawn(lab: Lab, moment: int, falls: dict[int, tuple[float, int]]) -> float:
    """How often the worst of tasks that lose pictures at one rate loses as much, by drawing it."""
    images = [int((answers(lab, moment)[2] == task).sum()) for task in falls]
    lost = [round(fall * n) for (fall, _), n in zip(falls.values(), images, strict=True)]
    known = [round(_share(lab, best, task) * n) for (task, (_, best)), n in zip(falls.items(), images, strict=True)]
    drawn = np.random.default_rng(0).binomial(known, sum(lost) / max(1, sum(known)), (100_000, len(known)))
    worst = (drawn / np.array(images)).max(1)
    return float((worst >= max(n / size for n, size in zip(lost, images, strict=True)) - 1e-12).mean())


def habitat(lab: Lab, moment: int) -> Told:
    shares = [float((labels == predicted).mean()) for labels, predicted, _ in _both(lab, moment)]
    return Told(PERCENT * (shares[0] - shares[1]), ("habitat",))


def _both(lab: Lab, moment: int) -> list[tuple[Ints, Ints, Ints]]:
    return [answers(lab, moment, split) for split in ("test", "moved")]


def first_task(lab: Lab, moment: int) -> Told:
    return Told(_share(lab, moment, 0), ("first task",))


def old_and_new(lab: Lab, moment: int) -> Told:
    labels, predicted, tasks = answers(lab, moment)
    right = labels == predicted
    gap = float(right[tasks == moment].mean() - right[tasks < moment].mean())
    return Told(PERCENT * abs(gap), ("learns better" if gap > 0 else "stiff",))


def within_task(lab: Lab, moment: int) -> Told:
    sample, owners = lab.sample("test", moment), lab.stream.task_of_position
    logits = lab.snapshot(moment).from_features(sample.features).logits.numpy()
    labels = sample.labels.numpy()
    wrong = mended = 0
    for scores, label in zip(logits, labels, strict=True):
        if scores.argmax() != label:
            wrong += 1
            own = np.flatnonzero(owners[: len(scores)] == owners[label])
            mended += int(own[scores[own].argmax()] == label)
    return Told(mended / wrong)


def confused_pair(lab: Lab, moment: int) -> Told:
    labels, predicted, _ = answers(lab, moment)
    pairs = sorted((int(a), int(b)) for a, b in zip(labels, predicted, strict=True) if a != b)
    counts = {pair: pairs.count(pair) for pair in set(pairs)}
    true, taken = min(counts, key=lambda pair: (-counts[pair], pair))
    names = [lab.dataset.class_names[lab.stream.class_order[place]] for place in (true, taken)]
    return Told(counts[true, taken], (names[0][1:], names[1]))


def calibration(lab: Lab, moment: int) -> Told:
    sample = lab.sample("test", moment)
    sure = softmax(lab.snapshot(moment).from_features(sample.features).logits.double().numpy())
    confidence, right = sure.max(1), sure.argmax(1) == sample.labels.numpy()
    gaps = {}
    for low in range(_BINS):
        held = (confidence > low / _BINS) & (confidence <= (low + 1) / _BINS)
        if held.any():
            sure_here = float(confidence[held].mean())
            gaps[low] = (sure_here - float(right[held].mean()), sure_here * (1 - sure_here), int(held.sum()))
    gap = float(confidence.mean() - right.mean())
    error = sum(spread * n for _, spread, n in gaps.values()) ** 0.5 / len(right)
    judged = {low: found for low, found in gaps.items() if found[2] >= _JUDGED}
    if abs(gap) <= _reach(2) * error:
        reach = _reach(2 * len(judged))
        off = [found for found in judged.values() if abs(found[0]) > reach * (found[1] / found[2]) ** 0.5]
        if off:
            worst = max(off, key=lambda found: abs(found[0]) * found[2])[0]
            return Told(PERCENT * abs(worst), ("too sure where" if worst > 0 else "not sure enough where",))
        return Told(PERCENT * abs(gap), ("fits on average",))
    return Told(PERCENT * abs(gap), ("too sure, by" if gap > 0 else "not sure enough, by",))


_BINS, _JUDGED = 15, 10


def _reach(comparisons: int) -> float:
    return NormalDist().inv_cdf(1 - _RISK / (2 * comparisons))


def against_zero_shot(lab: Lab, moment: int) -> Told:
    learnt = named = images = 0
    for task in range(moment + 1):
        labels, predicted, tasks = answers(lab, task)
        newest = tasks == task
        features = lab.sample("test", task).features[newest]
        by_name = (features @ lab.snapshot(task).classes.texts.T).argmax(1).numpy()
        learnt += int((labels == predicted)[newest].sum())
        named += int((by_name == labels[newest]).sum())
        images += int(newest.sum())
    return Told(PERCENT * abs(learnt - named) / images, ("adds" if learnt > named else "costs",))
