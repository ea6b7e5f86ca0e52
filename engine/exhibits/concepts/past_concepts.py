"""Of all answers, how much comes past the concepts."""

from __future__ import annotations

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.past_concepts import share_bars
from engine.figures.tables import Table, cell
from engine.metrics.wording import percent
from engine.store.view import RunView

SHARE = kind(
    "past-concepts-share",
    "concepts",
    Lesson(
        what="Two shares over the test pictures: of those that would get another answer without what the model adds "
        "beside its weighted concepts, and of the answers' lead over the runner-up that comes from there, on average.",
        why="A model can be accurate and show concepts, and still take its answers from elsewhere. Then explaining or "
        "correcting its concepts does little.",
        reading="Short bars: the concepts carry the model. A long second bar with a short first one: concepts alone "
        "would answer the same, only less surely. The table follows both over the tasks.",
        caveats="Taking it away is not training without it: concepts that had to do alone might do better. Where what "
        "is added is made of concepts too, only of no single one, it can still be corrected by them.",
    ),
    ("past_concepts_share", "past_concepts_margin", "past_concepts"),
)


def exhibit(view: RunView, split: str, moment: int, past: bool = True) -> Exhibit | None:
    """Both shares after a task; None for a model that answers from its concepts alone.

    Args:
        past: whether what is added passes by the concepts, and is not made of them too.
    """
    changed, margin = (float(values[moment]) for values in view.past_concepts(split))
    if not np.isfinite(changed):
        return None
    where = "past the concepts" if past else "from no single concept"
    return Exhibit(
        SHARE,
        f"{percent(margin)} of the lead of its answers comes {where}; {percent(changed)} of them would be others "
        "without that",
        f"{SPLITS.get(split, split)} pictures after task {moment + 1}, choosing among all classes seen",
        share_bars([("Answers that would be others", changed), (f"Lead that comes {where}", margin)]),
        lambda: _table(view, split, moment),
    )


def _table(view: RunView, split: str, moment: int) -> Table:
    changed, margin = view.past_concepts(split)
    return {
        "after task": list(range(1, moment + 2)),
        "answers that would be others": [cell(value) for value in changed[: moment + 1]],
        "lead beside single concepts": [cell(value) for value in margin[: moment + 1]],
    }
