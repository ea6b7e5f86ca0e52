"""The scripts of the pages' own components are ones that a browser understands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SCRIPTS = sorted((Path(__file__).parents[2] / "assets/ui").glob("*.js"))
_PARSE = """async (source) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }))
  try { await import(address) } catch (error) { return String(error) }
  return ""
}"""


def test_every_script_can_be_read(open_browser: Callable[..., Any], tiny_address: str) -> None:
    page = open_browser().new_page()
    page.goto(f"{tiny_address}/tasks")
    assert "SyntaxError" in page.evaluate(_PARSE, "const = 1")
    errors = {script.name: page.evaluate(_PARSE, script.read_text(encoding="utf-8")) for script in SCRIPTS}
    assert len(errors) > 10 and {name: error for name, error in errors.items() if error} == {}


def test_the_film_rounds_as_the_other_pages_do(open_browser: Callable[..., Any], tiny_address: str) -> None:
    page = open_browser().new_page()
    page.goto(f"{tiny_address}/tasks")
    base = (Path(__file__).parents[2] / "assets/ui/film/base.js").read_text(encoding="utf-8")
    values = [94.5, 93.5, 0.5, 1.5, 99.99, 0.25, 0.75, 0.35, 0.15, 12.345, 2.675, 0.045, 7.0, 0.0]
    number = "new Function(base + '; return number')()"
    every = f"([base, values]) => values.map((v) => [0, 1, 2].map((d) => {number}(v, d)))"
    found = page.evaluate(every, [base, values])
    assert found == [[f"{value:.{digits}f}" for digits in range(3)] for value in values]
