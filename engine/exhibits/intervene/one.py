"""Concepts of one image set by hand: what the model said before and says now."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.intervene.instance import Instance
from engine.explain.wording import an
from engine.figures.look import percent
from engine.figures.odds import paired_odds
from engine.figures.tables import Table, cell
from engine.interventions.acts import Acts, ImageOutcome
from engine.interventions.acts import log as written

_BEST = 4
"""Classes shown of each answer."""
_SURE = 0.995
"""Above this a probability is written as "over 99 %": no model is certain."""

BEFORE_NOW = kind(
    "before-now",
    "intervene",
    Lesson(
        what="The classes that the model thinks likeliest for one picture, each with its probability before somebody "
        "set any concept and after.",
        why="A person who sees that a concept is wrong can say so, and the model decides again from the corrected "
        "concepts. That is the promise of a model made of concepts.",
        reading="Look whether the longest bar changes its class. “Its class” marks the true one: it should grow. An "
        "answer that agrees with what the model saw already changes nothing.",
        caveats="Telling the model about one picture teaches it nothing about the next. A true answer can also make "
        "it worse, where the bird is unusual for its class.",
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
    places = shown(instance, before, after)
    done = "; ".join(written(acts, instance.texts, found)) if acts else "Nothing is set"
    return Exhibit(
        BEFORE_NOW,
        headline(instance, before, after, bool(acts)),
        f"Probability of the likeliest classes. {done[:1].upper()}{done[1:]}",
        paired_odds(
            [instance.names[c] for c in places],
            before[places],
            after[places] if acts else None,
            None if instance.label is None else places.index(instance.label),
        ),
        lambda: table(instance, before, after),
    )


def headline(instance: Instance, before: Floats, after: Floats, changed: bool) -> str:
    """The finding in one sentence, plain text: escape it."""
    first, last = int(before.argmax()), int(after.argmax())
    if not changed:
        return f"Taken for {an(instance.names[first])}, {sure(before[first])} sure"
    if first == last:
        return f"Still {an(instance.names[last])}: {sure(before[last])} sure before, {sure(after[last])} now"
    return f"It changed its mind: {an(instance.names[last])}, {sure(after[last])} sure"


def table(instance: Instance, before: Floats, after: Floats) -> Table:
    """All classes with both probabilities, likeliest now first."""
    order = np.argsort(-after, kind="stable")
    return {
        "class": [instance.names[c] for c in order],
        "before": [cell(before[c]) for c in order],
        "now": [cell(after[c]) for c in order],
        "true class": ["yes" if c == instance.label else "" for c in order],
    }


def shown(instance: Instance, before: Floats, after: Floats) -> list[int]:
    """The best classes of both answers and the true one, likeliest now first."""
    best = {int(c) for one in (before, after) for c in np.argsort(-one, kind="stable")[:_BEST]}
    if instance.label is not None:
        best.add(instance.label)
    return sorted(best, key=lambda c: (-after[c], -before[c]))


def sure(share: float) -> str:
    """A probability; never "100 %"."""
    return f"over {percent(0.99)}" if share > _SURE else percent(share)
