"""What a model expects once something is given, as lists of likely things with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.escaping import html as escape
from engine.figures.bars import HtmlFigure
from engine.figures.tables import Table, matrix_table
from engine.metrics.wording import percent

_EACH = 5
"""Things named of each row."""


@dataclass(frozen=True, eq=False, slots=True)
class Expected:
    """Conditional probabilities, and how likely each thing is when nothing is given.

    Attributes:
        rows, columns: what is given, and what is expected then; any text.
        values: [R, E], 0..1; NaN where what is given never holds.
        base: [E].
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats
    base: Floats

    def lift(self) -> Floats:
        """How much likelier each thing becomes, [R, E]; -1 where nobody knows, and for what is given itself."""
        gain = np.nan_to_num(self.values - self.base, nan=-1.0)
        same = np.array([[row == column for column in self.columns] for row in self.rows])
        return np.where(same, -1.0, gain)

    def strongest(self, row: int) -> list[int]:
        """The things that become likelier by most, at most a few."""
        gain = self.lift()[row]
        return [int(e) for e in np.argsort(-gain, kind="stable")[:_EACH] if gain[e] > 0]

    def told(self, most: int) -> list[int]:
        """The rows that tell most, the one with the largest gain first."""
        best = self.lift().max(1, initial=-1.0)
        return [int(r) for r in np.argsort(-best, kind="stable")[:most] if best[r] > 0]


def expected_list(found: Expected, which: Sequence[int], given: str, then: str) -> HtmlFigure:
    """One row for each thing given, with what is likely then and how likely it is else.

    Args:
        which: rows, in the order of drawing.
        given, then: headings.
    """
    rows = "".join(f"<tr><th scope='row'>{escape(found.rows[r])}</th><td>{_list(found, r)}</td></tr>" for r in which)
    head = f"<tr><th scope='col'>{given}</th><th scope='col'>{then}</th></tr>"
    return HtmlFigure(f"<table class='pl-words pl-named'><thead>{head}</thead><tbody>{rows}</tbody></table>")


def expected_table(found: Expected, given: str) -> Table:
    """Every probability."""
    return matrix_table(found.values, found.rows, found.columns, given)


def _list(found: Expected, row: int) -> str:
    return ", ".join(
        f"{escape(found.columns[e])} <b>{percent(float(found.values[row, e]))}</b> "
        f"<small>(else {percent(float(found.base[e]))})</small>"
        for e in found.strongest(row)
    )
