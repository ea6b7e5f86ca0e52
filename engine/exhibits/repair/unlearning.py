"""The proof that a fork has unlearnt what it says: what is left of it, what it costs, and what an attacker can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.unlearning import CHANCE, membership_rows, unlearning_table
from engine.interventions.evidence import JOINT
from engine.metrics.wording import percent

if TYPE_CHECKING:
    from engine.jobs.analyses import Result

ANALYSIS = "unlearning"
MODELS = ("Before", "Unlearnt", "Trained without")
"""The models that are compared, in the order of the analysis."""

UNLEARNING = kind(
    "unlearning",
    "repair",
    Lesson(
        what="How well somebody who sees how sure a model is tells the forgotten pictures from pictures of the same "
        "classes that no model has seen: before unlearning, after it, and for a model trained without them from the "
        "start. Bars are 95 % intervals.",
        why="That a model answers otherwise is no proof that it has forgotten. It has if it equals the model that "
        "never saw the pictures, and if nobody can tell from it which they were.",
        reading="First the sentence above: exact means that no number differs from a training without by more than "
        "rounding. Then the marks: after unlearning they should stand where a training without puts them. An interval "
        "that holds 0.5 is one in which nothing can be told apart.",
        caveats="The test is one attack, by confidence; a stronger one may see more. Before unlearning it may tell "
        "nothing either, where a model never leant on single pictures. The proof is about the model: the run it came "
        "from and its settings still know what was forgotten.",
    ),
    ("unlearning_difference", "membership_auc"),
)


def exhibit(found: Result, task: int) -> Exhibit:
    """The proof.

    Args:
        found: by the analysis `unlearning`.
        task: the fork's, that it is about.
    """
    auc, low, high = found["auc"], found["low"], found["high"]
    splits = [SPLITS.get(str(split), str(split)).lower() for split in found["split"]]
    return Exhibit(
        UNLEARNING,
        told(found),
        f"AUC of a membership test after task {task + 1}: {int(found['members'])} forgotten training images against "
        f"{int(found['strangers'])} test images of the same classes. {difference(found)}. The model that was trained "
        f"without is the reference, {JOINT.words}",
        membership_rows(MODELS, auc, low, high),
        lambda: unlearning_table(MODELS, (auc, low, high), splits, found["kept"]),
    )


def told(found: Result) -> str:
    """Whether it is exact, what is kept, and what can still be told, in one sentence."""
    before, now, _ = found["kept"][0].tolist()
    kept = f"{percent(before, 1)} of what is kept were right before and {percent(now, 1)} are now"
    figures = "AUC {:.2f} before, {:.2f} now, {:.2f} trained without".format(*found["auc"].tolist())
    return f"{_exact(found)}: {kept}; {_membership(found)} ({figures})"


def briefly(found: Result) -> str:
    """The same for the back of a room."""
    return f"{_exact(found)}: {_membership(found)}"


def _exact(found: Result) -> str:
    apart = float(found["difference"][_worst(found)])
    if not found["exact"]:
        return f"Not exact, it differs from a training without by up to {apart:.0e}"
    return f"As if never seen, {f'to {apart:.0e}' if apart else 'to the last digit'}"


def _membership(found: Result) -> str:
    was, still, anyhow = (found["low"] > CHANCE).tolist()
    if still and anyhow:
        return "a membership test tells them apart, but also of a model that never saw them"
    if still:
        return "a membership test still tells what was forgotten"
    if was:
        return "a membership test told what was learnt and tells no more"
    return "a membership test finds no sign of it, now or before"


def difference(found: Result) -> str:
    """Where unlearnt and retrained differ most, against the largest number there."""
    part, apart, size = (found[name][_worst(found)] for name in ("part", "difference", "size"))
    return f"They differ most in {part}, by {float(apart):.0e} where the largest number is {float(size):.3g}"


def _worst(found: Result) -> int:
    """Place of the part that differs most for its size."""
    return int(np.argmax(found["difference"] / np.maximum(1.0, found["size"])))
