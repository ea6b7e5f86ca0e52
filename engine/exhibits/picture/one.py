"""Concepts of one image set by hand: what the model said before and says now."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.picture.instance import Instance
from engine.explain.wording import an
from engine.figures.look import certainty
from engine.figures.odds import TRUE, odds
from engine.figures.tables import Table, cell
from engine.interventions.acts import Acts, ImageOutcome
from engine.interventions.acts import log as written

BEFORE_NOW = kind(
    "before-now",
    "picture",
    Lesson(
        what="The classes that the model thinks likeliest for one picture, each with its probability before somebody "
        "set any concept and after.",
        why="A person who sees that a concept is wrong can say so, and the model decides again from the corrected "
        "concepts. That is the promise of a model made of concepts.",
        reading="Look whether the longest bar changes its class. “True” marks its class: that bar should grow. An "
        "answer that agrees with what the model saw already changes nothing.",
        caveats="Telling the model about one picture teaches it nothing about the next. A true answer can also make "
        "it worse, where the picture is unusual for its class.",
    ),
    ("levels", "propagation"),
)


def exhibit(instance: Instance, found: ImageOutcome, acts: Acts = ()) -> Exhibit:
    """The likeliest classes before and now.

    Args:
        found: what came of the acts (see `Instance.after`).
        acts: what was done; nothing yet if empty.
    """
    before, after = (instance.shares(scores) for scores in (found.before, found.after))
    done = "; ".join(written(acts, instance.texts, found)) if acts else "Nothing is set"
    return Exhibit(
        BEFORE_NOW,
        headline(instance, before, after, bool(acts)),
        f"Probability of the likeliest classes. {done[:1].upper()}{done[1:]}",
        odds(instance.names, before, after if acts else None, {TRUE: instance.label}),
        lambda: table(instance, before, after),
    )


def headline(instance: Instance, before: Floats, after: Floats, changed: bool) -> str:
    """The finding in one sentence, plain text: escape it."""
    first, last = int(before.argmax()), int(after.argmax())
    if not changed:
        return f"Taken for {an(instance.names[first])}, {certainty(before[first])} sure"
    if first == last:
        return f"Still {an(instance.names[last])}: {certainty(before[last])} sure before, {certainty(after[last])} now"
    return f"It changed its mind: {an(instance.names[last])}, {certainty(after[last])} sure"


def table(instance: Instance, before: Floats, after: Floats) -> Table:
    """All classes with both probabilities, likeliest now first."""
    order = np.argsort(-after, kind="stable")
    return {
        "class": [instance.names[c] for c in order],
        "before": [cell(before[c]) for c in order],
        "now": [cell(after[c]) for c in order],
        "true class": ["yes" if c == instance.label else "" for c in order],
    }
