"""Scripts and sheets lie in files of their own, are used, and can be read; a browser parses the scripts themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tinycss2

from pages.ui import assets

ROOT = Path(__file__).parents[2]
SOURCES = [path for path in (ROOT / "pages").rglob("*.py") if path != ROOT / "pages/ui/assets.py"]
OWN = re.compile(r"export default|addEventListener|querySelector|\{[^{}]*;[^{}]*\}[^{}]*\{[^{}]*;")
"""What only a script or a sheet of several rules has."""


def strings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_no_module_has_a_script_or_a_sheet_in_its_strings() -> None:
    found = {str(path.relative_to(ROOT)): one[:60] for path in SOURCES for one in strings(path) if OWN.search(one)}
    assert found == {}


def test_every_file_is_used() -> None:
    named = {one for path in SOURCES for one in strings(path)}
    files = {path.name for path in (ROOT / "assets/ui").iterdir()}
    assert {file for file in files if not {file, file.partition(".")[0]} & named} == set()


def problems(sheet: str) -> list[str]:
    """What a browser would pass over in silence."""
    found = []
    for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        if rule.type == "error":
            found.append(rule.message)
        elif rule.type == "at-rule" and rule.at_keyword == "media":
            found += problems(tinycss2.serialize(rule.content))
        elif rule.type == "qualified-rule":
            parsed = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            found += [f"{tinycss2.serialize(rule.prelude)}: {one.message}" for one in parsed if one.type == "error"]
    return found


def test_every_sheet_can_be_read_whole() -> None:
    assert len(problems("p { color red; } q { margin: 0 }")) == 1 and problems("q { margin: 0 }") == []
    sheets = {sheet: problems(sheet.read_text(encoding="utf-8")) for sheet in (ROOT / "assets").rglob("*.css")}
    assert len(sheets) > 15 and {sheet.name: found for sheet, found in sheets.items() if found} == {}


def test_what_is_handed_to_a_function_is_text_for_it_and_nothing_else(monkeypatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(assets.st, "html", lambda html, **more: drawn.append(html))
    assets.run("lead", "</script><b>", 3, once=1)
    assets.run("lead", "</script><b>", 3, once=2)
    assert all(
        html.count("</script>") == 1 and html.endswith('("\\u003c/script>\\u003cb>", 3)</script>') for html in drawn
    )
    assert drawn[0] != drawn[1]
