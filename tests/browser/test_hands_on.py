"""Hands on a trained run, in a real browser: take a picture apart, tell the model what is there, operate on a bird."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import calm, dashboard, settled

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a copy of the tiny run."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("hands") / "home"))
    with dashboard(home) as url:
        yield url


def test_a_picture_is_chosen_by_click_and_by_key_and_the_link_keeps_it(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks")
    page.locator("h1").wait_for()
    settled(page)
    page.get_by_test_id("stTopNav").get_by_role("link", name="Picture").click()
    page.locator("h1", has_text="Why this answer?").wait_for()
    settled(page)
    page.locator(".st-key-tab-choice button", has_text="Where").click()
    page.wait_for_url("**tab=where*")
    page.locator(".st-key-another-picture button").first.click()
    thumbs = page.locator(".st-key-image-thumbs button")
    thumbs.nth(3).wait_for()
    settled(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelectorAll('.st-key-panel-concept-map img').length === 3")
    settled(page)
    ref = thumbs.nth(3).get_attribute("data-ref")
    thumbs.nth(3).click()
    page.wait_for_function("ref => decodeURIComponent(location.search).includes('image=' + ref)", arg=ref)
    thumbs.first.wait_for(state="detached")  # the picker folds away
    settled(page)
    link, told = page.url, page.locator(".pl-finding h2").first.inner_text()
    again = page.context.new_page()
    again.goto(link)
    again.locator(".pl-finding h2", has_text=told).first.wait_for()
    page.go_back()  # out of the page at once: tabs and pictures are no steps of their own
    page.wait_for_url("**/tasks*")


def test_back_from_a_picture_finds_the_gallery_open(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/tasks?pictures=task-0&which=right")
    thumbs = page.locator(".st-key-gallery-thumbs button")
    thumbs.first.wait_for()
    calm(page)  # a look at what works in the background, sent while the server leads on, brings the old address along
    left, shown = page.url, thumbs.count()
    thumbs.first.click()
    page.wait_for_url("**/picture?*image=*")
    settled(page)
    assert "pictures=" not in page.url  # it is over the page that was left, not over this one
    page.go_back()
    page.wait_for_url(left)
    thumbs.first.wait_for()
    assert thumbs.count() == shown > 0


def test_a_concept_is_set_undone_and_set_again(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/intervene?image=test:0")  # as it once was called
    page.wait_for_url("**/picture?tab=what*")
    absent = page.locator(".set button", has_text="absent")
    absent.first.wait_for()
    settled(page)
    absent.first.click()
    page.wait_for_url("**set=*")
    set_once = page.url
    page.locator("button:not([disabled])", has_text="Undo").first.click()
    page.wait_for_function("!location.search.includes('set=')")
    page.locator("button:not([disabled])", has_text="Redo").first.click()
    page.wait_for_url(set_once)
    page.locator(".row.acted").first.wait_for()


def test_a_bird_is_operated_on_and_drawn_again(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/picture?tab=what&how=bird")
    other = page.locator(".st-key-palette .row[data-key=habitat] button[aria-checked=false]").first
    other.wait_for()
    settled(page)
    place, before = other.get_attribute("title"), page.url
    other.click()
    page.wait_for_url(lambda url: url != before)
    plates = page.locator(".pi-pair figure img")
    plates.nth(1).wait_for()
    assert plates.nth(0).get_attribute("src") != plates.nth(1).get_attribute("src")
    page.reload()
    page.locator(f".st-key-palette .row[data-key=habitat] button[aria-checked=true][title='{place}']").wait_for()
    plates.nth(1).wait_for()
