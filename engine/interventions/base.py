"""What a policy is: it says which concept of an image a person should be asked about next.

A person is asked about a *unit*: one fact about the picture. Where the truth names facts, all wordings of one fact
("hooked bill", "bill with a hook") are one unit and are set together by one click; a concept without truth is a unit by
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.interventions.levels import Levels, probability, said
from engine.model.probabilities import softmax
from engine.params import Parameters
from engine.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.side_channel import SideChannel

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Beside:
    """What reaches the logits of N images beside their concepts.

    Attributes:
        side: the model's side channel.
        features: of these images, [N, D].
    """

    side: SideChannel
    features: Tensor

    def logits(self, scores: Floats) -> Floats:
        """What is added at these concept scores, [N, K] -> [N, C]."""
        import torch

        return self._asked(torch.from_numpy(scores).float()) if self.side.through_concepts else self._constant

    @cached_property
    def _constant(self) -> Floats:
        return self._asked(self.features.new_zeros(len(self.features), 0))

    def _asked(self, scores: Tensor) -> Floats:
        return np.asarray(self.side.logits(self.features, scores).numpy(), np.float64)


@dataclass(frozen=True, slots=True)
class Head:
    """The last layer: logits = weights s + bias, and of given images what a side channel adds.

    Attributes:
        weights: [C, K].
        bias: [C].
        beside: of a model with a side channel, what it says of the images whose scores are asked about, in their order;
            see `of`.
    """

    weights: Floats
    bias: Floats
    beside: Beside | None = None

    def of(self, side: SideChannel | None, features: Tensor) -> Head:
        """The same for images of these features [N, D]: it answers of [N, K], or of [K] where N is 1."""
        return self if side is None else replace(self, beside=Beside(side, features))

    def some(self, rows: slice | Ints) -> Head:
        """The same for some of the images."""
        if self.beside is None:
            return self
        return replace(self, beside=replace(self.beside, features=self.beside.features[rows]))

    def logits(self, scores: Floats) -> Floats:
        """[..., K] -> [..., C]."""
        concepts = np.asarray(scores @ self.weights.T + self.bias, np.float64)
        if self.beside is None:
            return concepts
        return concepts + self.beside.logits(np.atleast_2d(scores)).reshape(concepts.shape)

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
                logits[:, u, answer] = self._moved(now, move, unit)
        return softmax(logits)

    def _moved(self, now: Floats, move: Floats, unit: Ints) -> Floats:
        """The logits [N, C] once a unit's scores moved."""
        if self.head.beside is None or not self.head.beside.side.through_concepts:
            return np.asarray(now + move[:, unit] @ self.head.weights[:, unit].T, np.float64)
        scores = self.scores.copy()
        scores[:, unit] += move[:, unit]
        return self.head.logits(scores)


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
