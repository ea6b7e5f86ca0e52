"""What rules read of a run: its accuracy matrix as it then stood, and counts of images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.metrics.accuracy import FloatArray, until
from engine.runs.dossier import Dossier
from engine.runs.reader import ConceptMetrics

IntArray = npt.NDArray[np.int64]
TEST, MOVED = "test", "moved"


def matrix(dossier: Dossier, setting: str = "class_il") -> FloatArray:
    """The accuracy matrix on the ordinary test images as it stood at the moment, [T, T]."""
    return until(dossier.view.accuracy(TEST, setting), dossier.moment)


def hits(shares: FloatArray, sizes: IntArray) -> IntArray:
    """Numbers of images from their shares, [T]: shares are stored, and are whole numbers of images."""
    return np.asarray(np.rint(shares * sizes), np.int64)


def places(dossier: Dossier, task: int) -> slice:
    """Where the classes of a task stand in the order of learning."""
    sizes = [len(classes) for classes in dossier.view.task_classes]
    return slice(sum(sizes[:task]), sum(sizes[: task + 1]))


def task_of(dossier: Dossier, place: int) -> int:
    """The task that brought the class at a place in the order of learning."""
    ends = np.cumsum([len(classes) for classes in dossier.view.task_classes])
    return int(np.searchsorted(ends, place, side="right"))


def names(dossier: Dossier) -> list[str]:
    """Names of the classes learnt by the moment, in the order of learning."""
    return [dossier.view.class_names[i] for i in dossier.view.class_ids_seen(dossier.moment)]


def per_class(dossier: Dossier, concepts: ConceptMetrics, moment: int) -> tuple[IntArray, int]:
    """Test images of the class that each concept was listed for, [K], and of all classes, after a task.

    How many images show a concept is not stored; those of its own class nearly all do, so there are hardly fewer.
    """
    seen = {class_id: place for place, class_id in enumerate(dossier.view.class_ids_seen(moment))}
    sizes = dossier.view.confusion(moment, TEST).sum(1)  # [C]
    fewest = int(sizes.min())
    own = [int(sizes[seen[c]]) if c in seen else fewest for c in concepts.class_id]
    return np.array(own, np.int64), int(sizes.sum())
