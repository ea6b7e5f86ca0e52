"""What a policy is: it says which concept of an image a person should be asked about next.

A person is asked about a *unit*: one fact about the picture. Where the truth names facts, all wordings of one fact
("hooked bill", "bill with a hook") are one unit and are set together by one click; a concept without truth is a unit by
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.interventions.levels import Levels, probability, said
from engine.model.probabilities import softmax
from engine.params import Parameters
from engine.registry import Registry

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """The last layer: logits = weights s + bias.

    Attributes:
        weights: [C, K].
        bias: [C].
    """

    weights: Floats
    bias: Floats

    def logits(self, scores: Floats) -> Floats:
        """[..., K] -> [..., C]."""
        return np.asarray(scores @ self.weights.T + self.bias, np.float64)

    def predicted(self, scores: Floats) -> Ints:
        """Class with the highest logit, [..., K] -> [...]."""
        return np.asarray(self.logits(scores).argmax(-1), np.int64)


def units_of(columns: Sequence[int | None], usable: Bools | None = None) -> tuple[Ints, ...]:
    """The concepts of each unit, in order of first appearance.

    Args:
        columns: of each concept, the truth's column that says whether it holds, or None.
        usable: [K], concepts to consider; all if not given.
    """
    found: dict[object, list[int]] = {}
    for k, column in enumerate(columns):
        if usable is None or usable[k]:
            found.setdefault(("alone", k) if column is None else column, []).append(k)
    return tuple(np.array(members, np.int64) for members in found.values())


@dataclass(frozen=True)
class State:
    """What a policy may look at before a click, for N images at once.

    Attributes:
        scores: [N, K], as they are by now.
        head, levels: the model's last layer and what present and absent mean.
        units: U units.
        noise: [N, U], uniform numbers of each image's own, the same before every click.
        truth: [N, U], what a person would truly say; only for policies that declare `needs_truth`, else None.
        labels: [N], the true classes; only for policies that declare `needs_labels`, else None.
    """

    scores: Floats
    head: Head
    levels: Levels
    units: tuple[Ints, ...]
    noise: Floats
    truth: Bools | None = None
    labels: Ints | None = None

    @cached_property
    def present(self) -> Floats:
        """How sure the model is that each unit is present, mean over its wordings, [N, U], 0..1."""
        each = probability(self.levels, self.scores)  # [N, K]
        return np.stack([each[:, unit].mean(1) for unit in self.units], axis=1)

    @cached_property
    def classes(self) -> Singles:
        """Probabilities of the classes now, [N, C]."""
        return softmax(self.head.logits(self.scores).astype(np.float32))

    @cached_property
    def after(self) -> Singles:
        """Probabilities of the classes after each unit is said to be absent or present, [N, U, 2, C]."""
        now = self.head.logits(self.scores)  # [N, C]
        moves = [said(self.levels, self.scores, np.full(1, answer)) - self.scores for answer in (False, True)]
        logits = np.empty((len(now), len(self.units), 2, now.shape[1]), np.float32)
        for u, unit in enumerate(self.units):
            for answer, move in enumerate(moves):
                logits[:, u, answer] = now + move[:, unit] @ self.head.weights[:, unit].T
        return softmax(logits)


class Policy(Parameters):
    """Base of all policies: a frozen dataclass of declared parameters, registered under its file's stem.

    The first line of a policy's docstring is its title on screen; the rest cites its source.
    """

    name: ClassVar[str]
    needs_truth: ClassVar[bool] = False
    """Whether it looks at the answer before asking: such a policy is a bound, not something a person could follow."""
    needs_labels: ClassVar[bool] = False
    """Whether it even looks at the true class."""

    def why_not(self, has_truth: bool, has_label: bool) -> str | None:
        """Why it cannot choose here, in words, or None if it can."""
        if self.needs_truth and not has_truth:
            return "it looks at the truth before it asks, and nobody knows the truth of this image"
        if self.needs_labels and not has_label:
            return "it looks at the true class before it asks, and nobody knows the class of this image"
        return None

    def urgency(self, state: State) -> Floats:
        """How much each unit deserves the next click, [N, U]; finite. The highest not yet asked is asked."""
        raise TypeError(f"{type(self).__name__} does not define this")


POLICIES: Registry[Policy] = Registry("engine.interventions.policies", "policy")
