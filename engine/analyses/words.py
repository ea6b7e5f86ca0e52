"""What each class looks like to the backbone, in words, and whether that changes while it is hardened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Floats, Ints
from engine.explain.splice import alike, decomposed
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import index, number, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab

SHOWN = 8
"""Words of a class that are kept."""
NO_WORD = -1


@ANALYSES.register
@dataclass(frozen=True)
class Words(Analysis):
    """Classes in words.

    Takes the mean picture of every class apart into words (SpLiCE, see `engine.explain.splice`): those listed for the
    classes learnt so far, and the built-in ones that the backbone knows. No method takes part. Where the backbone is
    frozen a class keeps its words for ever; where it is hardened before each task, the same validation images are seen
    as after the task that brought the class, and as now.

    Result:
        words: the dictionary.
        used: how many of each task's classes have which word now, [T, W].
        now, now_weight, then, then_weight: the strongest words of each class, and their weights; -1 and 0 where there
            are no more.
        count: how many words each class has now.
        cosine, alone: of each class with what its words rebuild, and with the mean picture alone.
        alike: cosine between a class's weights then and now, 1 = the same.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "words": text("W"),
            "used": whole("T", "W"),
            "now": index("W", "C", SHOWN, none=True),
            "now_weight": number("C", SHOWN, low=0.0),
            "then": index("W", "C", SHOWN, none=True),
            "then_weight": number("C", SHOWN, low=0.0),
            "count": whole("C"),
            "cosine": number("C", low=-1.0, high=1.0),
            "alone": number("C", low=-1.0, high=1.0),
            "alike": share("C"),
        }
    )

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """No class has more words than there are."""
        for name in ("count", "used"):
            if (arrays[name] > max(sizes["W"], sizes["C"])).any():
                yield f"{name}: more than there are"

    def run(self, lab: Lab, task: int) -> Answering:
        """Embed the words, then take the classes apart as they are now, and as they were."""
        from engine.session.dictionary import class_means, open_dictionary, words

        steps = task + 3
        yield Step(0, steps, "embedding the words")
        known = open_dictionary(lab, task, words(lab, task))
        yield Step(1, steps, "the classes as they are now")
        now = decomposed(class_means(lab, task, task), known)
        owner = lab.stream.task_of_position[: len(now.weights)]
        then = now.weights.copy()
        for t in range(task + 1 if lab.changes_backbone else 0):
            yield Step(2 + t, steps, f"the classes as they were after task {t + 1}")
            then[owner == t] = decomposed(class_means(lab, t, t)[owner[owner <= t] == t], known).weights
        has = now.weights > 0
        return {
            "words": np.array(known.words, np.str_),
            "used": np.stack([has[owner == t].sum(0) for t in range(task + 1)]).astype(np.int64),
            **_strongest("now", now.weights),
            **_strongest("then", then),
            "count": has.sum(1).astype(np.int64),
            "cosine": now.cosine,
            "alone": now.alone,
            "alike": np.array([alike(one, other) for one, other in zip(then, now.weights, strict=True)]),
        }


def _strongest(name: str, weights: Floats) -> dict[str, Ints | Floats]:
    """The strongest words [C, SHOWN] of each class, and their weights."""
    order = np.argsort(-weights, axis=1, kind="stable")[:, :SHOWN]
    kept = np.take_along_axis(weights, order, 1)
    room = ((0, 0), (0, SHOWN - order.shape[1]))
    return {
        name: np.pad(np.where(kept > 0, order, NO_WORD), room, constant_values=NO_WORD).astype(np.int64),
        f"{name}_weight": np.pad(kept, room),
    }
