"""From a folder of pictures to a run that trains, in a real browser: mouse and keyboard, every step through axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.bench._browser import calm, dashboard
from engine.home import drafts_folder
from engine.runs.drafts import Drafts
from engine.store.store import RunStore
from tests.browser.everywhere import found

Open = Callable[..., Any]
NAMES = ("ant", "bee", "cat", "dog", "elk", "fox")
SAVED_MS = 1_500
"""Longer than the board waits for another move before it tells the server."""


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """Six classes of eight pictures."""
    for shade, name in enumerate(NAMES):
        (tmp_path / "zoo" / name).mkdir(parents=True)
        for i in range(8):
            Image.new("RGB", (32, 32), (40 * shade, 20 * i, 99)).save(tmp_path / "zoo" / name / f"{i}.png")
    return tmp_path / "zoo"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty store."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """The dashboard over it."""
    with dashboard(home) as url:
        yield url


def look_at(page: Any, step: str) -> None:
    """Go to a step."""
    page.locator(f".st-key-bring-step-{step} button").click()
    calm(page)


def values(home: Path) -> dict[str, Any]:
    """What the only draft holds."""
    drafts = Drafts(drafts_folder(home))
    (id,) = drafts.listed()
    return dict(drafts.read(id).values)


def test_from_a_folder_to_a_run_that_trains(address: str, home: Path, zoo: Path, open_browser: Open) -> None:
    page, problems = open_browser().new_page(), {}
    page.goto(address)
    page.locator(".st-key-own-pictures button").first.click()
    page.locator("h1", has_text="Bring your images").wait_for()
    place = page.locator(".st-key-bring-place input").first
    place.fill(str(zoo))
    place.press("Enter")
    page.locator(".st-key-bring-step-data", has_text="48 pictures").wait_for()
    calm(page)
    problems["data"] = found(page)

    look_at(page, "classes")
    chip = page.locator(".chip", has_text="ant")
    chip.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".chip", has_text="fox").focus()
    page.keyboard.press("Delete")
    page.wait_for_timeout(SAVED_MS)
    calm(page)
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent ?? ''").startswith("fox")
    page.locator(".chip", has_text="bee").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("wasp")
    page.keyboard.press("Enter")
    page.locator(".chip", has_text="dog").drag_to(page.locator(".column", has_text="New task"))
    page.wait_for_timeout(SAVED_MS)
    calm(page)
    problems["classes"] = found(page)
    assert page.locator(".column .title").all_inner_texts()[:5] == [
        "Task 1 · 1",
        "Task 2 · 2",
        "Task 3 · 1",
        "Task 4 · 1",
        "New task",
    ]
    held = values(home)
    assert (held["without_classes"], held["renamed_classes"], held["task_sizes"]) == ("fox", "bee=wasp", "1,2,1,1")

    for step in ("backbone", "concepts"):
        look_at(page, step)
        problems[step] = found(page)
    page.reload()
    page.locator(".st-key-bring-step-classes", has_text="5 classes in 4 tasks").wait_for()
    calm(page)
    page.locator(".st-key-bring-more summary").click()
    page.locator(".st-key-method-open button").click()
    calm(page)
    page.locator(".st-key-method-family").get_by_text("Bounds and plain references").click()
    calm(page)
    page.locator(".st-key-take-ncm button").click()
    calm(page)
    page.locator(".st-key-bring-start button").click()
    page.wait_for_url("**/run?*")
    (run,) = RunStore(home).runs()
    assert run.method == "ncm" and Drafts(drafts_folder(home)).listed() == []
    assert {step: lines for step, lines in problems.items() if lines} == {}
