"""What people marked on a run's pictures and what follows for its concepts, worked out anew on every rerun.

The marks are read each time, since another tab may have made some; the scores of the pictures never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from engine.array_types import Floats
from engine.exhibits.concepts import judged as judging
from engine.exhibits.concepts.judged import Judged
from engine.home import home
from engine.store.view import RunView
from pages.ui import laboratory

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.marked import Marked


@dataclass(frozen=True)
class MarkedTest:
    """The N test pictures of the classes learnt at a moment, before the model with K concepts.

    Attributes:
        rows: of the test split, N of them.
        scores: [N, K].
        marked: what was said of them.
        judged: what follows for the concepts.
    """

    rows: list[int]
    scores: Floats
    marked: Marked
    judged: Judged

    @property
    def refs(self) -> list[str]:
        """The pictures' names."""
        return [f"{judging.SPLIT}:{row}" for row in self.rows]


def takes(view: RunView) -> bool:
    """Whether its pictures can be marked: those that nobody knows the truth of."""
    return not view.config.source.tells_truth


def judged(view: RunView, moment: int) -> Judged | None:
    """The concepts judged by marks, or None where there are none; only then are the pictures opened.

    Raises:
        StoreDamaged: a mark is not as it was written.
        BadInput, MissingWeights: the data or the backbone are gone.
    """
    if not takes(view) or not view.marks:
        return None
    return read(laboratory.open(view, moment), moment).judged


def through(view: RunView, last: int) -> list[Judged]:
    """The concepts after every task up to `last` judged by marks; empty, and nothing opened, where there are none.

    Raises as `judged`.
    """
    if not takes(view) or not view.marks:
        return []
    lab = laboratory.open(view, last)
    return [read(lab, task).judged for task in range(last + 1)]


def read(lab: Lab, moment: int) -> MarkedTest:
    """What was said of the test pictures so far, and what follows.

    Raises:
        StoreDamaged: a mark is not as it was written.
    """
    from engine.session.marked import marked

    scores, sample = _scores(str(home()), lab.view.id, moment, lab), lab.sample(judging.SPLIT, moment)
    found = marked(lab, judging.SPLIT, sample.rows, lab.snapshot(moment).bank, lab.view.marks)
    return MarkedTest(sample.rows.tolist(), scores, found, judging.judged(scores, found))


@st.cache_resource(show_spinner=False, max_entries=64)
def _scores(where: str, run: str, moment: int, _lab: Lab) -> Floats:
    return judging.scores_of(_lab, moment)
