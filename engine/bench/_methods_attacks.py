"""AutoAttack's standard set (Croce & Hein 2020), each at the images that still stand after those before it.

APGD on the cross-entropy, APGD on the targeted ratio of logit differences and FAB towards nine classes each, all with
100 steps, and Square with 5,000 queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.attacks.apgd import APGD
from engine.attacks.apgd_t import APGDT
from engine.attacks.fab import FAB
from engine.attacks.square import Square
from engine.bench._methods_sources import digest_of
from engine.steps import finish

if TYPE_CHECKING:
    from engine.analyses.under_attack import AttackedModel, Picked
    from engine.array_types import Bools, Ints
    from engine.attacks.base import Attack
    from engine.session.lab import Lab
    from engine.store.unfinished import Pieces

EPS = (4.0,)
"""Largest changes in 255ths of a pixel's range: what the defences were tuned for."""
PER_CLASS, SEED = 5, 1993
"""Test images of each class: 200 of the demo's."""
ASCENTS = ("apgd_ce", "apgd_t")
"""Those of `attacks` that climb."""
_STEPS, _CLASSES, _QUERIES = 100, 9, 5000
_AT_ONCE = 40


def attacks(eps: float) -> Mapping[str, Attack]:
    """In their order; each is left with what those before it did not fool."""
    return {
        "apgd_ce": APGD(eps=eps, steps=_STEPS, loss="ce"),
        "apgd_t": APGDT(eps=eps, steps=_STEPS, classes=_CLASSES),
        "fab_t": FAB(eps=eps, steps=_STEPS, classes=_CLASSES),
        "square": Square(eps=eps, steps=_QUERIES),
    }


def standing(lab: Lab) -> dict[str, float]:
    """Per cent of the images that are right: `clean`, and `eps4.apgd_ce`, ... after each attack, of all before it.

    What an attack did to a batch is kept with the run, so that a bench that was stopped goes on after it.
    """
    return _after(lab, [*attacks(1.0)])


def ascended(lab: Lab) -> dict[str, float]:
    """The same after the two that climb, which take minutes where FAB and Square take hours."""
    return _after(lab, ASCENTS)


def _after(lab: Lab, names: Sequence[str]) -> dict[str, float]:
    from engine.analyses.under_attack import AttackedModel, picked

    task = lab.view.tasks_done - 1
    images = picked(lab, task, PER_CLASS, SEED)
    texts = lab.texts([lab.dataset.class_names[c] for c in lab.stream.class_order])
    model, labels = AttackedModel.of(lab, task, texts, ()), images.labels
    order = np.argsort(sample_rows := lab.sample("test", task).rows)
    clean = lab.predicted("test", task)[order][np.searchsorted(sample_rows[order], images.rows)] == labels
    found = {"clean": 100 * float(clean.mean()), "attacked": float(len(labels))}
    for eps in EPS:
        left = clean
        for name in names:
            attack = attacks(eps)[name]
            left = _left(model, images, attack, left, lab.kept(attack, task))
            found[f"eps{eps:g}.{name}"] = 100 * float(left.mean())
    return found


def _left(model: AttackedModel, images: Picked, attack: Attack, left: Bools, kept: Pieces) -> Bools:
    """Which images are still right after one more attack, [N]."""
    after, rows, source = left.copy(), np.flatnonzero(left), digest_of([__name__], more=("attacks",))
    for first in range(0, len(rows), _AT_ONCE):
        batch, place = rows[first : first + _AT_ONCE], f"{PER_CLASS} a class, from {first}, {source}"
        piece = kept.get(place)
        if piece is None:
            piece = {"held": _held(model, images, attack, batch)}
            kept.put(place, piece)
        after[batch] = piece["held"]
    return after


def _held(model: AttackedModel, images: Picked, attack: Attack, batch: Ints) -> Bools:
    """Which of these images are right after the attack."""
    from engine.analyses.under_attack import ReadyBatch

    ready = ReadyBatch(model, images.rows[batch], images.labels[batch])
    return np.asarray(finish(ready.attack(attack, SEED, to_the_end=False))["held"], np.bool_)
