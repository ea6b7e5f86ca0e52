"""Charts are drawn in one place, so that each has its alt text, its lesson, its table and its place in the report."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
PANELS = ROOT / "pages/ui/panels.py"
CHARTS = {"plotly_chart", "altair_chart", "line_chart", "bar_chart", "area_chart", "scatter_chart", "vega_lite_chart"}
HOLE = "\0"
"""Where a value is filled into a text."""
STYLED = re.compile(rf"style\s*=\s*(['\"])[^'\"]*{HOLE}|[:(,]\s*{HOLE}[\d.]*(%|px|r?em|deg|fr)\s*[;,)'\"]")
SHAPES = re.compile(r"<(svg|rect|path|circle|line|poly\w+|meter|progress|canvas)\b")


def charts(source: str) -> set[str]:
    return {
        node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr in CHARTS
    }


def texts(node: ast.AST) -> Iterator[str]:
    """Every text of a source as it will be put together, with a `HOLE` for each value."""
    for child in ast.iter_child_nodes(node):
        found = text(child)
        if found is None:
            yield from texts(child)
        else:
            yield found
            yield from (inner for part in holes(child) for inner in texts(part))


def text(node: ast.AST) -> str | None:
    """A literal, an f-string, a sum of those, or one filled in by `%` or `format`; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text(node.left), text(node.right)
        return None if left is None and right is None else (left or HOLE) + (right or HOLE)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        return re.sub(r"%[-+#0-9.]*[a-z]", HOLE, str(node.left.value)).replace("%%", "%")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        whole = text(node.func.value)
        return None if whole is None else re.sub(r"\{[^{}]*\}", HOLE, whole)
    return None


def holes(node: ast.AST) -> list[ast.AST]:
    """What is filled in, which may hold texts of its own."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.FormattedValue)]
    return [*found, *node.args] if isinstance(node, ast.Call) else list(found)


def drawn(source: str) -> list[str]:
    """The texts of a page that draw by themselves: a style made from a value, or a shape."""
    return [found for found in texts(ast.parse(source)) if STYLED.search(found) or SHAPES.search(found)]


def test_only_panels_draw_charts():
    found = {str(path.relative_to(ROOT)): charts(path.read_text(encoding="utf-8")) for path in PAGES if path != PANELS}
    assert {path: names for path, names in found.items() if names} == {}


def test_panels_do_and_the_check_sees_it():
    assert charts(PANELS.read_text(encoding="utf-8")) == {"plotly_chart", "altair_chart"}


def test_no_page_draws_bars_or_cells_of_its_own():
    found = {str(path.relative_to(ROOT)): drawn(path.read_text(encoding="utf-8")) for path in PAGES}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "st.html(f\"<i style='width:{100 * share:.1f}%'></i>\")",
        "st.markdown('<td style=\"background:' + colour + '\">', unsafe_allow_html=True)",
        "bar = \"<b style='height:%.1f%%'></b>\" % (100 * share)",
        "cell = '<u style=\"opacity:{}\"></u>'.format(share)",
        "rows = ''.join(f\"<li>{name}{f'<i style=--known:{x}%;></i>'}</li>\" for name, x in found)",
        "st.html(f\"<style>.mine {{ width: {share}% }}</style>\" + f'.mine i {{ width:{share}%; }}')",
        "st.html('<meter value=0.4></meter>')",
        "picture = \"<svg viewBox='0 0 9 9'><rect height='4'/></svg>\"",
    ],
)
def test_the_check_sees_a_bar_however_it_is_put_together(line):
    assert drawn(line)


def test_what_stands_still_is_no_drawing():
    assert drawn("st.html(f\"<i class='tick' style='background:#D55E00'></i>{safe(name)} {share:.0f} %\")") == []


def test_bars_of_probabilities_are_drawn_by_one_function_for_exhibits_alone():
    asking = [path for path in (ROOT / "engine").rglob("*.py") if "figures.odds import" in path.read_text("utf-8")]
    assert {path.relative_to(ROOT).parts[1] for path in asking} == {"exhibits"} and len(asking) == 4
    assert not [path for path in PAGES if "figures.odds" in path.read_text("utf-8")]
