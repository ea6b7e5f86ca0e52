"""Signs that an attack was fooled and not the model robust: masked gradients.

A defence may only hide its gradients; then white-box attacks fail while others would succeed. The signs are those of
Athalye et al., "Obfuscated Gradients Give a False Sense of Security" (ICML 2018), section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.array_types import Bools
    from engine.attacks.base import Look

FLAT_SHARE = 0.05
"""Share of images without any gradient from which on the gradients are suspect."""
LEAST_RISE = 1e-6
"""A mean loss that many steps raise by less than this share of what one step reaches has not risen."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One test for masked gradients.

    Attributes:
        name: `flat`, `not_rising` or `black_box_wins`.
        fired: whether it speaks for masked gradients.
        value: what was measured.
        sentence: for people, whether it fired or not.
    """

    name: str
    fired: bool
    value: float
    sentence: str


def signs(looks: Sequence[Look], white_won: Bools | None = None, black_won: Bools | None = None) -> tuple[Sign, ...]:
    """All signs that the evidence allows.

    Args:
        looks: of a white-box attack, all of them.
        white_won, black_won: bool [N], images won by a white-box and by a black-box attack of the same strength.
    """
    found = [flat([look.flat for look in looks]), rising([float(look.loss.mean()) for look in looks])]
    if white_won is not None and black_won is not None:
        found.append(black_box(white_won, black_won))
    return tuple(found)


def flat(shares: Sequence[float]) -> Sign:
    """Zero gradients: the highest share of images, over the steps, whose gradient is exactly zero."""
    value = max(shares, default=0.0)
    fired = value >= FLAT_SHARE
    sentence = (
        f"{value:.0%} of the images had no gradient at all at some step: an attack cannot climb there, so its failure "
        "says nothing of robustness."
        if fired
        else "The images had gradients at every step."
        if value == 0
        else f"At most {value:.1%} of the images were without a gradient at a step."
    )
    return Sign("flat", fired, value, sentence)


def rising(losses: Sequence[float]) -> Sign:
    """Whether many steps reach a higher loss than one.

    Args:
        losses: mean loss over the images after steps 0, 1, ..., of one attack.
    """
    if len(losses) < 3:
        return Sign("not_rising", False, 0.0, "Too few steps to see whether more of them raise the loss.")
    first, best = losses[1], max(losses[2:])
    value = best - first
    fired = value <= LEAST_RISE * max(1.0, abs(first))
    sentence = (
        f"More steps do not raise the loss (step 1: {first:.3g}, best later: {best:.3g}): its gradients lead nowhere."
        if fired
        else f"More steps raise the loss (step 1: {first:.3g}, best later: {best:.3g}), as they should."
    )
    return Sign("not_rising", fired, value, sentence)


def black_box(white_won: Bools, black_won: Bools) -> Sign:
    """Whether an attack without gradients wins more images than one with them, bool [N] each, same images."""
    black, white = float(np.mean(black_won)), float(np.mean(white_won))
    fired = black > white
    sentence = (
        f"An attack without gradients wins {black:.0%} of the images, the one with gradients only {white:.0%}: the "
        "gradients mislead."
        if fired
        else f"The attack with gradients wins {white:.0%} of the images, the one without {black:.0%}, as it should be."
    )
    return Sign("black_box_wins", fired, black - white, sentence)
