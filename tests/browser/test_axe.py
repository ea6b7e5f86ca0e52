"""Every page of a real run, light and dark, through axe: WCAG 2.1 A and AA and axe's own good practice. Nothing is
excepted: what Streamlit itself would break, `assets/style.css` mends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.bench._browser import calm, chromium, dashboard
from tests.browser.everywhere import EVERYWHERE, PAGES, visit

Open = Callable[..., Any]
IN_THE_DARK = (*PAGES, "intervene?view=model", "story?slide=forgets")
"""The views of a page are drawn with the same parts, so that one of each kind is enough."""


def found(page: Any, *rules: str) -> list[str]:
    """What axe has to say of a page, one line a rule and element.

    Args:
        rules: only these, if any are given.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {(node['any'] or node['all'] or node['none'])[0]['message'][:160]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def test_no_page_of_a_run_breaks_a_rule_in_light_or_dark(tiny_address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    problems: dict[str, list[str]] = {}
    for where in EVERYWHERE:
        visit(page, tiny_address, where)
        problems[where] = found(page)
        if where not in IN_THE_DARK:
            continue
        page.emulate_media(color_scheme="dark")  # all that a theme can break is contrast
        calm(page)
        problems[f"{where}, dark"] = found(page, "color-contrast")
        page.emulate_media(color_scheme="light")
    assert {where: lines for where, lines in problems.items() if lines} == {}


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
