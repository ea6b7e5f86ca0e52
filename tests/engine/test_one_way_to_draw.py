"""Charts are drawn in one place, so that each has its alt text, its lesson, its table and its place in the report."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PANELS = ROOT / "pages/ui/panels.py"
CHARTS = {"plotly_chart", "altair_chart", "line_chart", "bar_chart", "area_chart", "scatter_chart", "vega_lite_chart"}


def drawn(source: str) -> set[str]:
    return {
        node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr in CHARTS
    }


def test_only_panels_draw_charts():
    sources = [path for path in (ROOT / "pages").rglob("*.py") if path != PANELS]
    found = {str(path.relative_to(ROOT)): drawn(path.read_text(encoding="utf-8")) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


def test_panels_do_and_the_check_sees_it():
    assert drawn(PANELS.read_text(encoding="utf-8")) == {"plotly_chart", "altair_chart"}
