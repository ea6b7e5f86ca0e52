"""One row a concept: its score on the range that was observed, a handle to move it, and one-click answers.

A component of our own: Streamlit's slider cannot show where a score usually lies, and five widgets a row would be sixty
on the page. Texts go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui import assets

_component = assets.component("console", "<div class='rows'></div>")
_MARGIN = 0.05
"""Room at either end of a row's scale, as a share of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A concept to be set.

    Attributes:
        concept: its number in the bank.
        name, note: its words, and a line below them.
        was, now: its score before and after everything that was done.
        low, high: the observed range.
        absent, present: the levels.
        kind: what was done to it (see `engine.interventions.acts`), or `""`.
        followed: whether it moved along.
    """

    concept: int
    name: str
    note: str
    was: float
    now: float
    low: float
    high: float
    absent: float
    present: float
    kind: str
    followed: bool

    def ends(self) -> tuple[float, float]:
        """Both ends of the row's scale: all that is marked on it, and the score with its sign turned."""
        marked = (self.low, self.high, self.was, self.now, -self.was, self.absent, self.present)
        room = _MARGIN * (max(marked) - min(marked)) or 1.0
        return min(marked) - room, max(marked) + room


def draw(rows: Sequence[Row], key: str, on_act: Callable[[int, str, float], None]) -> None:
    """Draw the rows.

    Args:
        on_act: called with concept, kind and score before the page is drawn again; kind `""` takes the act back.
    """

    def acted() -> None:
        found = (st.session_state.get(key) or {}).get("act")
        if found is not None:
            concept, kind, score = found
            on_act(int(concept), str(kind), float(score))

    data = [{**asdict(row), "start": row.ends()[0], "end": row.ends()[1]} for row in rows]
    _component(data={"rows": data}, key=key, on_act_change=acted)
