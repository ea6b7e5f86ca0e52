"""The path of somebody who has never seen the dashboard: seven clicks from an empty store to a report in hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bench._browser import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TRAINED_MS = 600_000.0


@dataclass(frozen=True, slots=True)
class Click:
    """One click and what came of it.

    Attributes:
        name: short, for figures.
        words: what was clicked, for people.
        seconds: from the click until its result could be read.
        told: what the page then said first.
    """

    name: str
    words: str
    seconds: float
    told: str


Look = Callable[[str], None]
"""Called after every step with its words, for whoever records the path."""


def walk(page: Page, address: str, saved: Path, look: Look = lambda words: None) -> Iterator[Click]:
    """Go the path; the report is saved as `saved`. Each step clicks once."""
    return follow(page, address, _path(page, saved), look)


Steps = Iterator[tuple[str, str, Callable[[], None], Callable[[], None]]]
"""Name, words, the click and what its result is waited for, step by step."""


def follow(page: Page, address: str, steps: Steps, look: Look) -> Iterator[Click]:
    """Go a path of clicks from an empty dashboard."""
    page.goto(address)
    page.wait_for_selector(".st-key-train-demo button")
    settled(page)
    look("An empty dashboard")
    for name, words, click, result in steps:
        began = time.perf_counter()
        click()
        result()
        seconds = time.perf_counter() - began
        settled(page)
        look(words)
        yield Click(name, words, seconds, page.locator("h1").first.inner_text())


def _path(page: Page, saved: Path) -> Steps:
    cards = page.locator("[class*=st-key-finding-0-]")
    yield (
        "train",
        "Train the demo",
        page.locator(".st-key-train-demo button").first.click,
        lambda: cards.first.wait_for(timeout=_TRAINED_MS),
    )
    yield (
        "finding",
        "Follow the first finding to its proof",
        cards.locator("[data-testid=stPageLink-NavLink]").first.click,
        lambda: page.locator("[data-testid=stMain] .nsewdrag").first.wait_for(),
    )
    yield (
        "picture",
        "Open Picture",
        lambda: menu(page, "Picture"),
        lambda: page.locator(".st-key-give-answer button:enabled").wait_for(),
    )
    yield (
        "answer",
        "Tell it the truth about one concept",
        page.locator(".st-key-give-answer button").click,
        lambda: page.locator(".pi-log li").first.wait_for(),
    )
    yield (
        "attack",
        "Open Attack, which attacks the picture",
        lambda: menu(page, "Attack"),
        lambda: page.locator(".st-key-at-head .pl-large h2").first.wait_for(),
    )
    yield (
        "take",
        "Open Take away",
        page.locator(".st-key-take-away button").click,
        lambda: page.locator(".st-key-make-report button").wait_for(),
    )
    yield "report", "Make the report", lambda: _save(page, saved), lambda: None


def menu(page: Page, title: str) -> None:
    """Open a page by the menu at the top."""
    page.locator("[data-testid=stTopNavLink]", has_text=title).click()


def _save(page: Page, path: Path) -> None:
    with page.expect_download() as download:
        page.locator(".st-key-make-report button").click()
    download.value.save_as(path)
