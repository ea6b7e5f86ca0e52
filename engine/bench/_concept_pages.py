"""How fast the pages about concepts answer, in a real browser on a finished demo run.

Text: from asking for a page, in a fresh browser profile, to its headline; the server has served the page before. A
step's time on the wire runs from the message that carries the click to the last one that answers it, as the browser
sees them, so it has the drawing of the page in it; it is the median of several clicks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from engine.bench._browser import chromium, dashboard, settled
from engine.bench.figure import Figure, measured
from engine.bench.page import finished_run
from engine.home import home
from engine.store.store import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ("concepts", "picture", "repair")
_TEXT_MS = 2000.0
_CLICKS = 6
_QUIET = 0.6
"""Seconds without a message after which an answer is complete."""


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Measure `concepts.page.*` on the newest finished demo run of the home; each seed is one repetition."""
    finished = finished_run(RunStore())
    found = [_measure(home(), finished) for _ in seeds]
    for name in found[0]:
        yield measured(f"concepts.page.{name}", [one[name] for one in found], "ms", most=_limit(name))


def _limit(name: str) -> float | None:
    """The target in ms, or None for what has none."""
    return _TEXT_MS if name.endswith(".text") else None


def _measure(place: Path, finished: str) -> dict[str, float]:
    found: dict[str, float] = {}
    with dashboard(place) as address:
        links = {name: f"{address}/{name}?run={finished}" for name in PAGES}
        for link in links.values():
            with _opened(link) as (page, _):
                page.wait_for_selector("h1")
                settled(page)
        for name, link in links.items():
            began = time.perf_counter()
            with chromium() as browser:
                page = browser.new_page()
                began = time.perf_counter()
                page.goto(link, wait_until="commit")
                page.wait_for_selector("h1")
                found[f"{name}.text"] = 1000 * (time.perf_counter() - began)
        for name, how, act in (("intervention", "concepts", _intervene), ("surgery", "bird", _operate)):
            found[f"{name}.wire"] = _clicked(f"{links['picture']}&tab=what&how={how}", act)
    return found


def _clicked(link: str, act: Callable[[Page, int], None]) -> float:
    """Median time in ms of several steps on a page, on the wire."""
    with _opened(link) as (page, wire):
        settled(page)
        page.wait_for_timeout(3000)
        on_wire = []
        for number in range(_CLICKS):
            wire.forget()
            act(page, number)
            on_wire.append(1000 * wire.answered(page))
        return median(on_wire)


def _intervene(page: Page, number: int) -> None:
    """Say of one concept after another that it is absent, then that it is present."""
    rows, words = 3, ("absent", "present")  # what the page shows at first
    page.locator(".set button", has_text=words[number // rows]).nth(number % rows).click()


def _operate(page: Page, number: int) -> None:
    """Give one part of the bird after another another colour or form."""
    page.locator(".rows .row").nth(number).locator("button[aria-checked=false]").first.click()


class _Wire:
    """When messages went out and came in on the page's socket."""

    def __init__(self, page: Page) -> None:
        self.sent: list[float] = []
        self.received: list[float] = []
        page.on("websocket", self._watch)

    def _watch(self, socket: Any) -> None:
        socket.on("framesent", lambda _: self.sent.append(time.perf_counter()))
        socket.on("framereceived", lambda _: self.received.append(time.perf_counter()))

    def forget(self) -> None:
        """A new step begins."""
        self.sent.clear()
        self.received.clear()

    def answered(self, page: Page) -> float:
        """Seconds from the first message out to the last in, once it has been quiet."""
        while not self.received or time.perf_counter() - self.received[-1] < _QUIET:
            page.wait_for_timeout(20)
        return self.received[-1] - self.sent[0]


@contextmanager
def _opened(link: str) -> Iterator[tuple[Page, _Wire]]:
    with chromium() as browser:
        page = browser.new_page()
        wire = _Wire(page)
        page.goto(link, wait_until="commit")
        page.wait_for_selector("h1")
        yield page, wire
