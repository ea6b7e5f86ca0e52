"""Tables of figures in Markdown that is read as it is, such as the README: `python docs/tables.py` writes them anew.

Between `<!-- table: methods DATA -->` and `<!-- end of table -->` stands every method on a data set, between
`<!-- table: methods DATA best -->` and its end the most accurate of every family, in fewer columns, as
`bench methods --json > docs/results/methods.jsonl` measured it. Nothing between the two is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "results" / "methods.jsonl"
_MARKED = re.compile(r"(<!-- table: methods ([a-z0-9]+)( best)? -->\n).*?(<!-- end of table -->)", re.DOTALL)
_COLUMNS: Mapping[str, str] = {
    "last": "last",
    "average": "average",
    "forgetting": "forgetting",
    "last_moved": "last, habitats moved",
    "nec": "concepts a class",
    "concept_auc": "AUC of concepts",
    "anec5": "5 concepts a class",
    "anec10": "10 concepts",
    "random_words": "random words",
    "seconds": "seconds",
    "memory_mb": "MiB",
    "stored": "numbers kept",
}
"""Measures and their headings; a column that no row has is left out."""
_FEW = ("last", "forgetting", "last_moved", "nec")
"""Columns of a table of the best."""
_BEST = 2
"""Methods of a family in such a table."""
_WHOLE = ("seconds", "memory_mb", "stored")
_NOT_YET = "Not measured yet."

Row = Mapping[str, Any]


@dataclass(frozen=True)
class MethodRow:
    """One method of a table.

    Attributes:
        name: as registered.
        figures: by measure.
        failed: why some of its runs have no number, or empty.
    """

    name: str
    figures: Mapping[str, Row]
    failed: str


def written(text: str, figures: Sequence[Row]) -> str:
    """The text with its tables made from these figures."""
    return _MARKED.sub(lambda mark: f"{mark[1]}{table(mark[2], figures, bool(mark[3]))}\n{mark[4]}", text)


def table(data: str, figures: Sequence[Row], best: bool = False) -> str:
    """Every method on a data set, family by family, the most accurate first; what failed, and why, below."""
    from engine.methods.base import FAMILIES
    from engine.runs.catalog import catalog

    known, rows = catalog(), {row.name: row for row in _rows(data, figures)}
    if not rows:
        return _NOT_YET
    columns = [name for name in (_FEW if best else _COLUMNS) if any(name in row.figures for row in rows.values())]
    lines = [f"| method | {' | '.join(_COLUMNS[name] for name in columns)} |", "|---" * (1 + len(columns)) + "|"]
    for family, title in FAMILIES.items():
        mine = [row for row in rows.values() if row.name in known and known[row.name].family == family]
        if mine:
            lines.append(f"| *{title}* |" + " |" * len(columns))
        ranked = sorted(mine, key=lambda row: -row.figures.get("last", {"value": -1.0})["value"])
        for row in ranked[:_BEST] if best else ranked:
            cells = " | ".join(_cell(name, row.figures.get(name)) for name in columns)
            lines.append(f"| {_short(known[row.name].title)} | {cells} |")
    lines += [
        f"\n{_short(known[row.name].title)}: {row.failed}"
        for row in rows.values()
        if row.failed and row.name in known and not best
    ]
    return "\n".join(lines if best else [*lines, "", _taken(data, figures)])


def _rows(data: str, figures: Sequence[Row]) -> Iterator[MethodRow]:
    found: dict[str, dict[str, Row]] = {}
    for row in figures:
        part, _, rest = row["name"].removeprefix("methods.").partition(".")
        method, _, measure = rest.partition(".")
        if part == data:
            found.setdefault(method, {})[measure] = row
    for method, measures in found.items():
        yield MethodRow(method, measures, str(measures.get("failed", {}).get("note", "")))


def _short(title: str) -> str:
    """A method's title without what stands in brackets behind it."""
    return title.partition(" (")[0]


def _cell(name: str, figure: Row | None) -> str:
    if figure is None:
        return ""
    if name in _WHOLE:
        return f"{figure['value']:,.0f}"
    spread = f" ± {figure['spread']:.1f}" if figure["spread"] is not None else ""
    return f"{figure['value']:.1f}{spread}"


def _taken(data: str, figures: Sequence[Row]) -> str:
    rows = [row for row in figures if row["name"].startswith(f"methods.{data}.")]
    taken = sorted({(row["machine"], ", ".join(map(str, row["seeds"])), row["commit"]) for row in rows})
    said = "; ".join(f"{machine}, seeds {seeds}, commit `{commit}`" for machine, seeds, commit in taken)
    return f"Measured on {said} (`bench methods.{data}`)."


def measured(path: Path = FIGURES) -> list[Row]:
    """The stored figures; none where none were stored."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Write every table of the house anew."""
    sys.path.insert(0, str(ROOT))
    figures = measured()
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        before = path.read_text("utf-8")
        after = written(before, figures)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: tables written")


if __name__ == "__main__":
    main()
