"""What an attack is: a generator that yields a look at every step and returns the attacked images."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.errors import BadParameter
from engine.params import Parameters
from engine.registry import Registry
from engine.steps import finish

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.objectives import Objective
    from engine.attacks.victim import Victim, VictimOutput

NORMS = ("linf", "l2")
"""The largest change of any pixel's channel, and the length of all changes together."""
LINF_HIGH = 64.0
"""Largest l_inf strength in 255ths: a quarter of the range of a pixel, where anybody sees the change."""
PIXEL = 255.0
"""Strengths are given in 255ths of the range of a pixel, as the literature writes them."""


@dataclass(frozen=True, slots=True)
class Look:
    """The attack at one step; everything is detached and of the whole batch.

    Attributes:
        step, steps: steps done, 0 being the clean images; and how many there will be at most.
        images: [B, 3, S, S], as they are now.
        loss: [B], the objective's.
        answer: the victim's, concept scores and watched maps among it.
        won: bool [B], whether the image was won at this step or an earlier one.
        flat: share of the images not yet won whose gradient is exactly zero, a sign of masked gradients.
    """

    step: int
    steps: int
    images: Tensor
    loss: Tensor
    answer: VictimOutput
    won: Tensor
    flat: float


@dataclass(frozen=True, slots=True)
class Attacked:
    """What an attack found.

    Attributes:
        images: [B, 3, S, S] in 0..1 within the allowed distance: of each image the first that won, else the one with
            the highest loss.
        won: bool [B].
        loss: [B], of `images`.
    """

    images: Tensor
    won: Tensor
    loss: Tensor


Attacking = Generator[Look, None, Attacked]


class Attack(Parameters):
    """Base of all attacks: a frozen dataclass of declared parameters, registered under its file's stem.

    The first line of an attack's docstring is its title on screen, `PGD: many small steps along the gradient.`, and
    what stands before the colon its name wherever people read one; the rest cites its source.
    """

    name: ClassVar[str]
    white_box: ClassVar[bool] = True
    """Whether it uses gradients of the pipeline; a black-box attack sees answers only."""

    @abstractmethod
    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S] in 0..1. Closing the generator cancels.

        Args:
            seed: of everything random; the same images, victim, objective, settings and seed give the same result. An
                image's random streams are named by its pixels, so neither its place in the batch nor the other images
                matter (but for the last digits of floats, which may differ between sizes of a batch).
            whole: go on with images that are already won, so that the trace of each image runs to the last step; else
                they are left out, which is faster.

        Raises:
            BadInput: no images, of another size or type or outside 0..1; or the objective does not fit them or the
                model, for example a class not learnt yet.
            NotApplicable: a loss or a gradient is not finite, or the model knows too few classes for the loss.
        """


ATTACKS: Registry[Attack] = Registry("engine.attacks", "attack")


def check_eps(owner: str, norm: str, eps: float) -> None:
    """Refuse l_inf strengths that no longer hide; an l_2 strength is the length of all changes and may be larger.

    Raises:
        BadParameter: it is above LINF_HIGH.
    """
    if norm == "linf" and eps > LINF_HIGH:
        raise BadParameter(
            f"{owner}: eps = {eps:g}",
            f"with the norm linf, eps must be a number from 0.01 to {LINF_HIGH:g} /255",
            "Give an allowed value, or the norm l2",
        )


def trace(attacking: Attacking) -> tuple[list[Look], Attacked]:
    """Run an attack to its end and keep every look."""
    looks: list[Look] = []
    return looks, finish(attacking, looks.append)
