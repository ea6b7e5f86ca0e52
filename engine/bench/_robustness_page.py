"""How fast the page Attack answers, in a real browser on a finished demo run.

Text: from asking for the page, in a fresh browser profile, to its headline; the server has served the page before.
Attack: from a click on another strength to what that attack did, which is new every time, by the browser's own clock;
the median of several strengths.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from engine.bench._browser import chromium, dashboard, settled
from engine.bench.figure import Figure, measured
from engine.bench.page import SHOWN, finished_run, watch
from engine.home import home
from engine.store.store import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TEXT_MS = 2000.0
_SLIDER = ".reel input[type=range]"
_STRENGTHS = (1, 2, 8)
"""None of them the page's own, which is not in its address."""
_QUIET_MS = 400
"""How long the page must have been at rest before it is clicked."""


def run(repetitions: int) -> Iterator[Figure]:
    """Measure `robustness.page.*` on the newest finished demo run of the home."""
    finished = finished_run(RunStore())
    found = [_measure(home(), finished) for _ in range(repetitions)]
    for name in found[0]:
        limit = {"text": _TEXT_MS}.get(name)
        yield measured(f"robustness.page.{name}", [one[name] for one in found], "ms", most=limit)


def _measure(place: Path, finished: str) -> dict[str, float]:
    with dashboard(place) as address:
        link = f"{address}/attack?run={finished}"
        with _opened(link) as (page, _):
            _rested(page)
        with _opened(link) as (page, text):
            _rested(page)
            return {"text": text, "attack": median(_attacks(page))}


def _attacks(page: Page) -> Iterator[float]:
    watch(page, ".st-key-at-head")
    for strength in _STRENGTHS:
        page.locator(".st-key-eps-choice button", has_text=re.compile(f"^{strength}$")).click()
        page.wait_for_function(SHOWN)
        _rested(page)
        yield float(page.evaluate("window.plumage.shown - window.plumage.clicked"))


def _rested(page: Page) -> None:
    page.locator(_SLIDER).wait_for()
    page.wait_for_timeout(_QUIET_MS)
    settled(page)


@contextmanager
def _opened(link: str) -> Iterator[tuple[Page, float]]:
    """A page in a fresh profile, and how many ms its headline took."""
    with chromium() as browser:
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(link, wait_until="commit")
        page.wait_for_selector("h1")
        yield page, 1000 * (time.perf_counter() - began)
