"""Headlines about answers worked out anew, from the models' answers to every test image (see `_findings`).

Functions are called as the rules whose headlines they work out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from engine.data.aviary.species import load_species
from engine.metrics.calibration import softmax
from engine.runs.lab import Lab

Ints = npt.NDArray[np.int64]
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
    fall, best = falls[task]
    takers = _takers(lab, task, best, moment)
    tasks = sorted({int(lab.stream.task_of_position[place]) + 1 for place in takers})
    words = [f"Task {task + 1} lost most"]
    if takers:
        words += [f"from task{'s' if len(tasks) > 1 else ''} {tasks[0]}", *(str(each) for each in tasks)]
        words.append("look-alike" if _one_genus(lab, takers, task) else "class")
    return Told(PERCENT * fall, tuple(words))


def _takers(lab: Lab, task: int, best: int, moment: int) -> list[int]:
    """Later classes that received more of the task's pictures than an even share."""
    first = int((lab.stream.task_of_position <= task).sum())
    gained = {}
    for place in range(first, len(lab.snapshot(moment).class_ids)):
        counts = []
        for t in (best, moment):
            _, predicted, tasks = answers(lab, t)
            counts.append(int((predicted[tasks == task] == place).sum()))
        gained[place] = max(0, counts[1] - counts[0])
    every = sum(gained.values())
    found = [place for place, count in gained.items() if _tail(count, every, len(gained)) < 0.05 / len(gained)]
    return sorted(found, key=lambda place: (-gained[place], place))[:3]


def _tail(hits: int, trials: int, sides: int) -> float:
    """Probability of `hits` or more of `trials` with a die of so many sides, in whole numbers until the end."""
    ways = sum(comb(trials, k) * (sides - 1) ** (trials - k) for k in range(hits, trials + 1))
    return float(ways / sides**trials)


def _one_genus(lab: Lab, takers: list[int], task: int) -> bool:
    genus = {species.name: species.genus for species in load_species()}
    order, names = lab.stream.class_order, lab.dataset.class_names
    own = {genus.get(names[c]) for c in lab.stream.tasks[task].class_ids} - {None}
    return all(genus.get(names[order[place]]) in own for place in takers)


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
    sure = softmax(lab.snapshot(moment).from_features(sample.features).logits.numpy())
    confidence, right = sure.max(1), sure.argmax(1) == sample.labels.numpy()
    error = 0.0
    for low in range(15):
        held = (confidence > low / 15) & (confidence <= (low + 1) / 15)
        if held.any():
            error += held.mean() * abs(float(confidence[held].mean() - right[held].mean()))
    return Told(PERCENT * error)


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
