"""Every page of a real run, light and dark, through axe: WCAG 2.1 A and AA and axe's own good practice. Nothing is
excepted: what Streamlit itself would break, `assets/style.css` mends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.bench._browser import calm, chromium, dashboard
from tests.browser.everywhere import EVERYWHERE, IN_THE_DARK, found, visit

Open = Callable[..., Any]


def test_no_page_of_a_run_breaks_a_rule_in_light_or_dark(surveyed: dict[str, Any]) -> None:
    problems = surveyed["axe"]
    assert {where: lines for where, lines in problems.items() if lines} == {}
    assert set(problems) == {*EVERYWHERE, *(f"{where}, dark" for where in IN_THE_DARK)}
    assert surveyed["strange"] == [], "something left this machine, or a script failed"


def test_what_opens_over_a_page_breaks_no_rule(tiny_address: str, open_browser: Open) -> None:
    page = open_browser("dark").new_page()
    visit(page, tiny_address, "tasks")
    problems = {}
    for words in ("Explain this", "Table"):
        page.locator(".st-key-panel-forgetting button", has_text=words).click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        calm(page)
        problems[words] = found(page)
        page.keyboard.press("Escape")
    page.locator(".st-key-take-away button").click()
    page.get_by_role("dialog").wait_for()
    calm(page)
    problems["Take away"] = found(page)
    assert {where: lines for where, lines in problems.items() if lines} == {}


def test_the_first_visit_breaks_no_rule(tmp_path: Path, open_browser: Open) -> None:
    with dashboard(tmp_path) as url:
        page = open_browser().new_page()
        page.goto(url)
        page.wait_for_selector(".st-key-train-demo")
        calm(page)
        assert found(page) == []


def test_axe_itself_finds_what_is_wrong() -> None:
    wrong = "<html><body><img src='x'><p style='color:%23999;background:%23fff'>pale</p></body></html>"
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"data:text/html,{wrong}")
        assert {line.partition(":")[0] for line in found(page)} >= {"image-alt", "color-contrast", "html-has-lang"}
