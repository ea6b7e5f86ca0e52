"""The main paths, as a reader walks them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import calm, dashboard, settled
from engine.jobs.control import stop
from engine.store.store import RunStore
from tests.pages.stores import write_run

PAPER, LAMPLIGHT = "rgb(251, 248, 241)", "rgb(20, 23, 21)"
TRAINING_MS = 90_000
"""Longest wait for training on a busy machine."""

Open = Callable[..., Any]


def heading(page: Any, words: str, timeout: int = 60_000) -> None:
    """Wait for the page's heading."""
    page.locator("h1", has_text=words).wait_for(timeout=timeout)


def status(page: Any, word: str, timeout: int = 60_000) -> None:
    """Wait for the run's status."""
    page.locator(".pl-run .pl-chip", has_text=re.compile(f"^{word}$")).wait_for(timeout=timeout)


def press(page: Any, key: str) -> None:
    """Press a button once it may be pressed."""
    page.locator(f".st-key-{key} button:not([disabled])").first.click()


def choose(page: Any, label: str, option: str) -> None:
    """Choose from one of the bar's lists."""
    page.get_by_label(label, exact=False).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def click_cell(page: Any, key: str, row: int, column: int, size: int) -> None:
    """Click a cell of a matrix as a person does."""
    box = page.locator(f".st-key-{key} .nsewdrag").first.bounding_box()
    page.mouse.move(
        box["x"] + box["width"] * (column + 0.5) / size, box["y"] + box["height"] * (row + 0.5) / size, steps=4
    )
    time.sleep(0.3)
    page.mouse.down()
    time.sleep(0.06)
    page.mouse.up()


def background(page: Any) -> str:
    """The page's background colour."""
    return str(page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"))


def test_a_deep_link_on_a_cold_server_shows_exactly_that_view(
    finished_home: Path, runs: list[str], open_browser: Open
) -> None:
    with dashboard(finished_home) as cold:
        page = open_browser().new_page()
        page.goto(f"{cold}/tasks?run={runs[1]}&task=2&split=moved")
        heading(page, "No task has lost a point")
        settled(page)
        assert page.title() == "Plumage"
        assert page.locator("a", has_text="Run").count() >= 1  # the shell's menu, not Streamlit's own
        assert page.locator(".pl-kpis dd").first.inner_text() == "80.0 %"
        assert f"run={runs[1]}" in page.url


def test_links_and_reloads_keep_the_view_and_back_leaves_the_page(
    address: str, runs: list[str], open_browser: Open
) -> None:
    page, refused = open_browser().new_page(), []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(address)
    heading(page, "It tells 8 birds apart")
    page.wait_for_url(f"**/?run={runs[0]}")  # a page left before its script has ended takes its address with it
    page.get_by_test_id("stTopNav").get_by_role("link", name="Tasks").click()  # findings link there too, when they come
    heading(page, "Task 1 lost 35 points, when task 3 was learnt")
    page.wait_for_url(f"**/tasks?run={runs[0]}")
    choose(page, "After task", "2")
    heading(page, "No task has lost a point")
    page.wait_for_url("**task=2**")
    page.reload()
    heading(page, "No task has lost a point")
    assert refused == [], "a link to a page asks for nothing that is not there"
    choose(page, "After task", "3")
    heading(page, "Task 1 lost 35 points, when task 3 was learnt")
    page.go_back()  # out of the page, not through what was looked at on it
    heading(page, "It tells 8 birds apart")
    assert f"run={runs[0]}" in page.url


def test_a_click_on_a_cell_sets_moment_and_class(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    page.wait_for_selector(".st-key-cells .nsewdrag")
    settled(page)
    click_cell(page, "cells", 2, 0, 4)
    page.wait_for_url("**task=3**")
    page.wait_for_url("**class=blue-crowned+hookbill**")
    page.locator("h2", has_text="60 % of blue-crowned hookbill is recognised").first.wait_for()
    page.locator(".st-key-panel-mistakes img").nth(5).wait_for()
    page.locator("h2", has_text="Task 1 is taken for task 3 most").first.wait_for()  # of that moment, not of the last


def test_every_panel_gives_its_meaning_and_its_numbers(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    heading(page, "Task 1 lost 35 points")
    calm(page)  # a panel that is drawn again closes what was opened over it
    opened = page.locator("[data-testid=stPopoverBody]")
    page.locator(".st-key-panel-forgetting button", has_text="Explain this").click()
    opened.locator(".pl-term", has_text="Chaudhry").first.wait_for()
    opened.locator("a.plg-word").first.click()  # a word opens the drawer on this page
    page.locator("[role=dialog] .plg-chosen h3").wait_for()
    page.wait_for_url("**help=open&term=*")
    opened.wait_for(state="detached")
    calm(page)  # a drawer that is still being drawn does not hear the key, or is drawn again after it
    page.keyboard.press("Escape")
    page.locator("[role=dialog]").wait_for(state="detached")
    calm(page)
    page.locator(".st-key-panel-forgetting button", has_text="Table").click()
    with page.expect_download() as caught:
        opened.get_by_role("button", name="Save as CSV").click()
    assert Path(caught.value.path()).read_text().splitlines()[1] == "1,0.95,0.6,0.35,0.35,3"


@pytest.mark.parametrize(("scheme", "colour"), [("light", PAPER), ("dark", LAMPLIGHT)])
def test_both_themes_and_a_phone(address: str, open_browser: Open, scheme: str, colour: str) -> None:
    page = open_browser(scheme, size=(390, 844)).new_page()
    for path, shown in (
        ("/", ".hm-card"),
        ("/run", ".film .panel"),
        ("/tasks", ".nsewdrag"),
        ("/tasks?tab=compare", ".nsewdrag"),
    ):
        page.goto(address + path)
        page.wait_for_selector(shown)
        settled(page)
        assert background(page) == colour
        overflow = "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
        assert page.evaluate(overflow) <= 0, f"{path} is wider than a phone"
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src='x'], a[href*='evil.example'], h1 [data-testid=stIconMaterial]").count() == 0


def test_the_shelf_is_worked_by_keyboard_and_a_removed_run_comes_back(tmp_path: Path, open_browser: Open) -> None:
    first, second = write_run(tmp_path, name="the first"), write_run(tmp_path, name="the second")
    with dashboard(tmp_path) as url:
        page = open_browser().new_page()
        page.goto(url)
        page.wait_for_selector(".hm-branch")
        settled(page)
        for key, done in ((f"shelf-star-{first}", ".hm-star"), (f"shelf-remove-{second}", ".st-key-shelf-undone")):
            page.locator(f".st-key-{key} button").first.focus()
            page.keyboard.press("Enter")
            page.wait_for_selector(done)
            settled(page)
        page.wait_for_url(f"**/?run={first}")
        assert page.locator(".hm-card").count() == 1
        page.goto(f"{url}/?run={second}")
        press(page, "gone-back")
        page.wait_for_url(f"**/?run={second}")
        page.locator(".pl-run strong", has_text="the second").wait_for()
        for number in (0, 1):
            calm(page)  # a box that is drawn again while it is pressed stays as it was
            page.get_by_label("Choose").nth(number).press("Space")
        press(page, "shelf-compare")
        page.wait_for_url(re.compile(r"/tasks\?.*runs="))


def test_from_the_first_visit_to_a_trained_run(tmp_path: Path, open_browser: Open) -> None:
    with dashboard(tmp_path) as url:
        browser = open_browser()
        page = browser.new_page()
        page.goto(url)
        press(page, "train-demo")
        status(page, "training", TRAINING_MS)
        demo = RunStore(tmp_path).runs()[0].id
        page.wait_for_url(f"**run={demo}**")

        page.reload()  # nothing is lost
        status(page, "training")
        other = browser.new_page()  # a second viewer sees the same
        other.goto(f"{url}/?run={demo}")
        press(page, "do-pause")
        for viewer in (page, other):
            status(viewer, "paused", TRAINING_MS)
        press(other, "do-resume")
        status(page, "training", TRAINING_MS)
        stop(demo, RunStore(tmp_path))
        status(page, "stopped", TRAINING_MS)
        other.close()

        press(page, "shelf-new")
        page.get_by_role("radio", name="Tiny").or_(page.locator(".st-key-preset button", has_text="Tiny")).first.click()
        page.locator("p", has_text="6 species in 3 tasks").first.wait_for()
        press(page, "start")
        status(page, "finished", TRAINING_MS)
        page.locator(".pl-far", has_text="It tells 6 birds apart and is right").wait_for()
        page.locator(".film .matrix button.known").nth(5).wait_for()
        page.reload()
        page.locator(".pl-far", has_text="It tells 6 birds apart and is right").wait_for()
