"""What the reader asks for: which attack, how strong, what for; all in the address and checked when it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.errors import PlumageError
from engine.exhibits.attack.attempt import (
    ATTACK,
    DEFAULTS,
    EPS,
    GOAL,
    NORM,
    STEPS,
    Attempt,
    checked_goal,
    declared_by,
)
from pages.ui import address, notices
from pages.ui.picture.case import SharedCase


def read(case: SharedCase) -> Attempt:
    """What the address asks for; what it gets wrong is said, and the default taken instead."""
    taken: dict[str, Any] = {}
    for key in DEFAULTS:
        attack = str(taken.get(ATTACK, DEFAULTS[ATTACK]))
        default = default_of(attack, key)
        try:
            value = _value(case, key, address.value(key) or default, attack)
        except PlumageError as error:
            notices.panel(notices.of_error(error))
            value = _value(case, key, default, attack)
        taken[key] = value
        address.settle(key, f"{value:g}" if isinstance(value, float) else str(value), default)
    try:
        found = Attempt(**taken)
        found.build()  # a strength may be right for one norm and not for another
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        address.settle(EPS, None)
        found = replace(found, eps=float(default_of(found.attack, EPS)))
    return found


def default_of(attack: str, key: str) -> str:
    """The default of a key in the address: the attack's own where it declares one."""
    declared = declared_by(attack).get(key)
    return DEFAULTS[key] if declared is None else f"{declared.default:g}" if key == EPS else str(declared.default)


def _value(case: SharedCase, key: str, text: str, attack: str) -> object:
    """One value, checked by the attack's own declaration.

    Raises:
        BadParameter, BadInput: it is not allowed.
    """
    from engine.attacks.base import ATTACKS

    if key == ATTACK:
        ATTACKS.get(text)
        return text
    if key == GOAL:
        return checked_goal(case, text)
    declared = declared_by(attack).get(key)
    if declared is not None:
        return declared.parse(text, attack)
    return {EPS: float, STEPS: int, NORM: str}[key](DEFAULTS[key])  # the attack has no such setting
