"""Hands on a trained run, in a real browser: explain a picture, tell the model what is there, operate on a bird."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import dashboard, settled

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def address(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a copy of the tiny run."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("hands") / "home"))
    with dashboard(home) as url:
        yield url


def test_a_picture_is_chosen_by_click_and_by_key_and_the_link_keeps_it(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/explain")
    page.locator("h1", has_text="Why this answer?").wait_for()
    thumbs = page.locator(".st-key-image-thumbs button")
    thumbs.nth(3).wait_for()
    thumbs.nth(3).click()
    page.wait_for_url("**image=test*")
    settled(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelectorAll('.st-key-panel-concept-map img').length === 3")
    ref = page.locator(".st-key-image-thumbs button:nth-child(5)[aria-pressed=true]").get_attribute("data-ref")
    page.wait_for_function("ref => decodeURIComponent(location.search).includes('image=' + ref)", arg=ref)
    settled(page)
    link, told = page.url, page.locator(".pl-finding h2").first.inner_text()
    again = page.context.new_page()
    again.goto(link)
    again.locator(".st-key-image-thumbs button:nth-child(5)[aria-pressed=true]").wait_for()
    again.locator(".pl-finding h2", has_text=told).first.wait_for()


def test_a_concept_is_set_undone_and_set_again(address: str, open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto(f"{address}/intervene")
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
    page.goto(f"{address}/aviary")
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
