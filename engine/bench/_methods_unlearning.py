"""`methods.unlearning`: a class and single images are unlearnt, and held against a training that never saw them."""

from __future__ import annotations

import numpy as np

from engine.analyses.performing import answer
from engine.jobs.analyses import Question
from engine.rng import numpy_stream
from engine.session.forgetting import ToForget
from engine.session.lab import Lab
from engine.session.unlearnt_fork import unlearn

IMAGES = 20
"""Single images that are forgotten, of all classes but the one that goes entirely."""
_SEED = 1993
UNITS = {
    "exact": "%",
    "difference": "",
    "kept_before": "%",
    "kept_unlearnt": "%",
    "kept_retrained": "%",
    "auc_before": "",
    "auc_unlearnt": "",
    "auc_retrained": "",
}
"""What is told: whether unlearnt and retrained are equal to rounding, their largest difference in units of the largest
number, accuracy on the classes that stay, and how well an attacker tells forgotten images from others (chance: 0.5)."""


def unlearnt(lab: Lab) -> dict[str, float]:
    """Forget in a fork, retrain, compare; the fork is removed."""
    fork = unlearn(lab, chosen(lab), "unlearnt by the bench")
    try:
        last = lab.store.tasks_done(fork) - 1
        found = answer(Lab(lab.store, fork), Question(fork, last, "unlearning", {}))
    finally:
        lab.store.delete(fork)
    names, split = found["model"].tolist(), found["split"].tolist().index("test")
    relative = found["difference"] / np.maximum(found["size"], 1.0)
    told = {"exact": 100.0 * float(found["exact"]), "difference": float(relative.max())}
    told |= {f"kept_{name}": 100 * float(found["kept"][split, place]) for place, name in enumerate(names)}
    return told | {f"auc_{name}": float(found["auc"][place]) for place, name in enumerate(names)}


def chosen(lab: Lab) -> ToForget:
    """The first class that was learnt, and images of the others drawn by chance."""
    first = lab.stream.class_order[0]
    train = lab.train(lab.view.tasks_done - 1)
    others = np.sort(train.rows[train.labels.numpy() != 0])
    rows = numpy_stream(_SEED, "bench unlearning").choice(others, min(IMAGES, len(others) // 2), replace=False)
    return ToForget((first,), tuple(sorted(int(row) for row in rows)))
