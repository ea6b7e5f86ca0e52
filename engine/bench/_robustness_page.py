"""How fast the page Attention answers, in a real browser on a finished demo run.

Text: from asking for the page, in a fresh browser profile, to its headline; the server has served the page before. A
step moves the attack's slider with a key, in a view whose attack and maps are there: what the page says it
took the server. `first.server` is the same for a view that is new, and `first.made` what its attack and its maps, which
are made once, took beside that. Medians of several steps and strengths.
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
from engine.bench.page import finished_run
from engine.home import home
from engine.store.store import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TEXT_MS, _STEP_MS = 2000.0, 300.0
_SAYS = re.compile(r"took ([0-9]+) ms on the server; attack and maps, made once, ([0-9]+) ms")
_SLIDER = ".reel input[type=range]"
_STRENGTHS = (1, 2, 8)
"""None of them the page's own, which is not in its address."""
_KEYS = ("Home", "End", "Home", "End")
"""Where the slider goes; the page shows a step in between at first."""
_QUIET_MS = 400
"""How long the page must have been at rest before what it says is read."""


def run(repetitions: int) -> Iterator[Figure]:
    """Measure `robustness.page.*` on the newest finished demo run of the home."""
    finished = finished_run(RunStore())
    found = [_measure(home(), finished) for _ in range(repetitions)]
    for name in found[0]:
        limit = {"text": _TEXT_MS, "step.server": _STEP_MS}.get(name)
        yield measured(f"robustness.page.{name}", [one[name] for one in found], "ms", most=limit)


def _measure(place: Path, finished: str) -> dict[str, float]:
    with dashboard(place) as address:
        link = f"{address}/attention?run={finished}"
        with _opened(link) as (page, _):
            _rested(page)
        with _opened(link) as (page, text):
            _rested(page)
            return {"text": text, **_answers(page)}


def _answers(page: Page) -> dict[str, float]:
    first: list[float] = []
    made: list[float] = []
    steps: list[float] = []
    for strength in _STRENGTHS:
        page.locator(".st-key-eps-choice button", has_text=re.compile(f"^{strength}$")).click()
        page.wait_for_url(re.compile(rf"[?&]eps={strength}(&|$)"))
        server, once = _told(page)
        first.append(server)
        made.append(once)
        steps += _steps(page)
    return {"step.server": median(steps), "first.server": median(first), "first.made": median(made)}


def _steps(page: Page) -> Iterator[float]:
    """To the beginning of the attack and to its end, several times."""
    for key in _KEYS:
        before = page.url
        page.locator(_SLIDER).press(key)
        page.wait_for_function("before => location.href !== before", arg=before)
        yield _told(page)[0]


def _told(page: Page) -> tuple[float, float]:
    """What the page says its answer took on the server, and what was made once, in ms."""
    _rested(page)
    server, once = _SAYS.findall(page.get_by_text(_SAYS).last.inner_text())[0]
    return float(server), float(once)


def _rested(page: Page) -> None:
    page.locator(_SLIDER).wait_for()
    page.get_by_text(_SAYS).last.wait_for()
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
