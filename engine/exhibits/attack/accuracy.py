"""Answers under attack: clean and attacked accuracy on one scale, against strength, and over the tasks."""

from __future__ import annotations

import numpy as np

from engine.exhibits.attack.found import Found
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures import forgetting, robustness
from engine.figures.look import percent
from engine.figures.matrix import accuracy_matrix, accuracy_table
from engine.metrics.accuracy import last_accuracy
from engine.metrics.wording import loss

MATRIX = kind(
    "robust-matrix",
    "attack",
    Lesson(
        what="How much of each task the model gets right after each task it has learnt, without an attack or under "
        "one. One row is one moment.",
        why="A run that remembers well on untouched pictures may remember nothing that holds. Side by side, the two "
        "matrices show how much of what it knows an attacker can take.",
        reading="Both matrices share one scale, so equal colours are equal shares. Compare the same cell in both; the "
        "darkest cells are what an attack leaves least of.",
        caveats="Only some test images of each class were attacked, so a cell rests on few images and can be off by "
        "several points. A stronger attack could take more.",
    ),
    ("robust_accuracy", "attack_strength"),
)
FALL = kind(
    "fall-curves",
    "attack",
    Lesson(
        what="The share of right answers as the attack is allowed to change more, for all images together and for each "
        "task.",
        why="One strength can flatter or damn a model. The whole curve shows where it breaks, and whether old tasks "
        "break before new ones.",
        reading="A line that stays high to the right holds. The thick line is all images; the dotted mark is the "
        "strength that the page is about.",
        caveats="Strengths stand at even steps although they double. The attack is given a fixed number of steps; with "
        "more it may win more. The band says how sure the number is, not how strong the attack was.",
    ),
    ("robust_accuracy", "attack_strength"),
)
FORGETTING = kind(
    "robust-forgetting",
    "attack",
    Lesson(
        what="One line a task: how much of it survives the attack, from when it was learnt until now.",
        why="Forgetting and attacks add up. A task may still be known on untouched pictures and be lost to the "
        "slightest push.",
        reading="Lines that fall are tasks whose hold loosens while others are learnt. The largest fall is marked.",
        caveats="A line that starts near zero cannot fall, so little forgetting under attack may mean that there was "
        "little to forget.",
    ),
    ("robustness_forgetting",),
)


def matrix(found: Found, at: int, cell: tuple[int, int] | None = None) -> Exhibit:
    """The accuracy matrix at a strength.

    Args:
        at: place in `found.strengths`; 0 is clean.
        cell: moment and task of the cell that is outlined.
    """
    values = found.matrix(at)
    strength = robustness.strength(float(found.strengths[at]))
    return Exhibit(
        MATRIX,
        f"{percent(last_accuracy(values))} right " + (f"under attack at {strength}" if at else "without an attack"),
        "In per cent; clean and attacked on one scale",
        accuracy_matrix(values, cell),
        lambda: accuracy_table(values),
        "attacked" if at else "clean",
    )


def fall(found: Found, at: int) -> Exhibit:
    """Accuracy against strength.

    Args:
        at: the strength that is marked, a place in `found.strengths`.
    """
    counted = found.fall
    names = [f"task {k + 1}" for k in range(found.moment + 1)]
    return Exhibit(
        FALL,
        robustness.half_words(counted),
        f"Accuracy after task {found.moment + 1} against strength; band and whiskers: 95 % intervals (Wilson); thin "
        "lines: the tasks between",
        robustness.fall_curves(counted, at),
        lambda: robustness.fall_table(counted, names),
    )


def over_tasks(found: Found, at: int) -> Exhibit:
    """Accuracy on each task under attack, from when it was learnt on."""
    values, lost = found.matrix(at), found.forgotten(at)
    told = loss(forgetting.worst(values))
    if np.isfinite(lost):
        told = f"Under attack {_lower(forgetting.mean_headline(lost))}; {_lower(told)}"
    return Exhibit(
        FORGETTING,
        told,
        f"Accuracy on each task under attack at {robustness.strength(float(found.strengths[at]))}, from when it was "
        "learnt on",
        forgetting.forgetting_lines(values),
        lambda: forgetting.forgetting_table(values),
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
