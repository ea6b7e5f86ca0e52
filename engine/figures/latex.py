"""A table as LaTeX, ready for a paper: booktabs, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.figures.tables import Cell, Table

_SPECIAL: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\N{MINUS SIGN}": "$-$",
    "±": r"$\pm$",
    "≤": r"$\le$",
}
_ANY = re.compile("|".join(map(re.escape, _SPECIAL)))


def to_latex(table: Table) -> str:
    """The table as a `tabular`: texts to the left, numbers to the right; what is not known is a dash."""
    columns = "".join("r" if _numeric(values) else "l" for values in table.values())
    rows = [table.keys(), *zip(*table.values(), strict=True)]
    head, *body = (" & ".join(escaped(value) for value in row) + r" \\" for row in rows)
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def escaped(value: Cell) -> str:
    """One cell as LaTeX; line breaks become spaces."""
    if value is None:
        return "--"
    return _ANY.sub(lambda found: _SPECIAL[found.group()], " ".join(str(value).split()))


def _numeric(values: list[Cell]) -> bool:
    return all(value is None or isinstance(value, int | float) for value in values)
