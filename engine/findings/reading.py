"""What rules read of a run: its accuracy matrix as it then stood, and counts of images."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats, Ints
from engine.metrics.accuracy import until
from engine.session.facts import RunFacts
from engine.store.reader import ConceptMetrics

TEST, MOVED = "test", "moved"


def matrix(facts: RunFacts, setting: str = "class_il") -> Floats:
    """The accuracy matrix on the ordinary test images as it stood at the moment, [T, T]."""
    return until(facts.view.accuracy(TEST, setting), facts.moment)


def hits(shares: Floats, sizes: Ints) -> Ints:
    """Numbers of images from their shares, [T]: shares are stored, and are whole numbers of images."""
    return np.asarray(np.rint(shares * sizes), np.int64)


def places(facts: RunFacts, task: int) -> slice:
    """Where the classes of a task stand in the order of learning."""
    sizes = [len(classes) for classes in facts.view.task_classes]
    return slice(sum(sizes[:task]), sum(sizes[: task + 1]))


def task_of(facts: RunFacts, place: int) -> int:
    """The task that brought the class at a place in the order of learning."""
    ends = np.cumsum([len(classes) for classes in facts.view.task_classes])
    return int(np.searchsorted(ends, place, side="right"))


def names(facts: RunFacts) -> list[str]:
    """Names of the classes learnt by the moment, in the order of learning."""
    return [facts.view.class_names[i] for i in facts.view.class_ids_seen(facts.moment)]


def per_class(facts: RunFacts, concepts: ConceptMetrics, moment: int) -> tuple[Ints, int]:
    """Test images of the class that each concept was listed for, [K], and of all classes, after a task.

    How many images show a concept is not stored; those of its own class nearly all do, so there are hardly fewer.
    """
    seen = {class_id: place for place, class_id in enumerate(facts.view.class_ids_seen(moment))}
    sizes = facts.view.confusion(moment, TEST).sum(1)  # [C]
    fewest = int(sizes.min())
    own = [int(sizes[seen[c]]) if c in seen else fewest for c in concepts.class_id]
    return np.array(own, np.int64), int(sizes.sum())
