"""The main paths without a mouse: Tab, Enter, Space, Escape and the arrows, and at every stop one sees where one is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import calm, dashboard

Open = Callable[..., Any]
MOST_STOPS = 90
"""Presses of Tab after which an element counts as out of reach."""
MOST_IN_A_POPOVER = 12
"""As above, from the button that opened it to a picture in it."""
_HERE = """(wanted) => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  const host = at.getRootNode().host, style = getComputedStyle(at)
  const shown = (s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"
  const near = [at, ...at.querySelectorAll("*"), ...(at.parentElement?.children ?? []), at.parentElement,
    at.parentElement?.parentElement, at.parentElement?.parentElement?.parentElement].filter(Boolean)
  return {
    arrived: at.matches(wanted) || Boolean(host?.closest(wanted)),
    seen: near.some((e) => shown(getComputedStyle(e))),
    place: at.outerHTML.replace(/<svg.*?<\\/svg>/gs, "").slice(0, 160),
    inDialog: Boolean(at.closest("[role=dialog]") ?? host?.closest("[role=dialog]")),
    body: at === document.body,
  }
}"""
"""Of the element that has the focus: whether it is the wanted one, whether a ring around it (or around the part of the
widget that stands for it) shows, and where it is."""


@pytest.fixture(scope="module")
def address(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a copy of the tiny run."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("keyboard") / "home"))
    with dashboard(home) as url:
        yield url


def tab_to(page: Any, wanted: str, key: str = "Tab") -> int:
    """Press Tab until an element has the focus, and return how often. Every stop on the way must be visible."""
    unseen = []
    for stops in range(1, MOST_STOPS + 1):
        page.keyboard.press(key)
        here = page.evaluate(_HERE, wanted)
        if not here["seen"] and not here["body"]:
            unseen.append(here["place"])
        if here["arrived"]:
            assert unseen == []
            return stops
    raise AssertionError(f"{wanted} is not reached by {MOST_STOPS} presses of {key}")


def go(page: Any, title: str) -> None:
    """Open a page from the menu."""
    page.evaluate("document.activeElement.blur()")
    tab_to(page, f"a[href$='/{title.lower()}'], a[href*='/{title.lower()}?']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{title.lower()}*")
    page.wait_for_selector("h1")
    calm(page)


def test_from_a_finding_to_its_proof(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(address)
    page.wait_for_selector("[class*=st-key-finding-] [data-testid=stPageLink] a")
    calm(page)
    page.keyboard.press("Tab")
    page.locator("a:focus", has_text="Skip to main content").wait_for()
    page.keyboard.press("Enter")
    assert tab_to(page, "[data-testid=stMain] button") == 1
    tab_to(page, ".plf-card summary")
    page.keyboard.press("Enter")
    page.locator(".plf-card details[open] dt", has_text="How it is worked out").first.wait_for()
    tab_to(page, "[class*=st-key-finding-] [data-testid=stPageLink] a")
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before and "task=" in url)
    page.wait_for_selector(".pl-finding h2")


def test_a_picture_is_chosen_and_a_concept_is_set(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/picture?tab=what")
    page.wait_for_selector(".set button")
    calm(page)
    tab_to(page, ".set button[data-kind=p]")
    page.keyboard.press("Enter")
    page.wait_for_url("**set=*")
    page.locator(".row.acted").first.wait_for()
    calm(page)
    assert page.evaluate(_HERE, ".set button[data-kind=p]")["arrived"], "the answer takes the focus away"
    tab_to(page, ".track input")
    before = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != before)


def test_another_picture_is_chosen_in_a_popover(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/attack")
    page.wait_for_selector(".reel input[type=range]")
    calm(page)
    tab_to(page, "[data-testid=stPopoverButton]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-image-thumbs button")
    calm(page)
    assert tab_to(page, "button[data-ref][aria-pressed=false]") <= MOST_IN_A_POPOVER
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
    calm(page)
    page.keyboard.press("Escape")
    page.locator("[data-testid=stPopoverBody]").wait_for(state="detached")
    assert page.evaluate(_HERE, "[data-testid=stPopoverButton]")["arrived"]


def test_an_attack_is_set_and_gone_through(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/attack")
    page.wait_for_selector(".reel input[type=range]")
    calm(page)
    tab_to(page, ".st-key-eps-choice [data-variant=segmented_control]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**eps=*")
    page.wait_for_selector(".reel input[type=range]")
    calm(page)
    tab_to(page, ".reel input")
    page.keyboard.press("Home")
    page.wait_for_url(re.compile(r"[?&]step=0(&|$)"))


def test_a_story_is_turned_by_its_arrows_and_left(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    page.wait_for_selector("h1")
    calm(page)
    go(page, "Story")
    tab_to(page, ".st-key-begin-forgetting button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-stage .sl-sentence:not(.sl-waiting)")
    calm(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**slide=*")
    calm(page)
    told = presented_from_the_notes(page)
    calm(page)
    page.keyboard.press("Escape")
    page.wait_for_selector(".st-key-stage", state="detached")
    assert told.is_closed() is False and told.locator("#notes p").count() > 0  # what was said last stays


def presented_from_the_notes(page: Any) -> Any:
    """The notes' window, opened, started and turned back to the slide before by its own keys alone."""
    with page.expect_popup() as opened:
        page.locator(".st-key-stage-presenter .open").click()
    told, second = opened.value, page.locator(".sl-sentence").inner_text()
    told.locator("#sentence", has_text=second).wait_for()
    told.locator("#turn").click()
    told.locator("#turn", has_text="Pause").wait_for()
    told.locator("#time", has_text=re.compile("0:0[1-9]")).wait_for()
    assert re.fullmatch(r"0:0\d", page.locator(".st-key-stage-presenter .face").inner_text())
    told.keyboard.press("ArrowLeft")
    told.locator("#place", has_text="Slide 1 of").wait_for()
    calm(page)
    assert page.locator(".sl-sentence").inner_text() == told.locator("#sentence").inner_text() != second
    page.locator(".st-key-stage-presenter .hide").click()
    assert not page.locator(".st-key-stage-presenter .clock").is_visible()
    return told


def test_the_dialog_keeps_the_focus_and_gives_it_back(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    page.wait_for_selector(".st-key-take-away")
    calm(page)
    tab_to(page, ".st-key-take-away button")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    calm(page)
    for key in ("Tab", "Shift+Tab"):
        for _ in range(12):
            page.keyboard.press(key)
            here = page.evaluate(_HERE, "body")
            assert here["inDialog"], f"{key} leads out of the dialog: {here['place']}"
    tab_to(page, "[role=dialog] .st-key-copy-link button")
    page.keyboard.press("Enter")
    page.locator("[role=dialog] [role=status]", has_text=re.compile("Copied|selected")).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    calm(page)
    assert page.evaluate(_HERE, ".st-key-take-away button")["arrived"], page.evaluate(_HERE, "body")["place"]


def test_a_chart_is_explained_and_shown_as_numbers(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    page.wait_for_selector(".st-key-panel-forgetting h2")
    calm(page)
    tab_to(page, ".st-key-panel-forgetting button")
    page.keyboard.press("Enter")
    page.locator(".pl-lesson dt").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".pl-lesson dt").first.wait_for(state="hidden")
    assert page.evaluate(_HERE, ".st-key-panel-forgetting button")["arrived"]
