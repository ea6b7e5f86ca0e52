"""The newcomer's path in a real browser, from an empty store to a report in hand; nothing is cached.

Every second is one that the machine needs, from a click until its result can be read: reading comes on top. Training
tells its story meanwhile, so it is also given apart. Each seed is one repetition.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench._browser import chromium, dashboard
from engine.bench._newcomer import Click, walk
from engine.bench.figure import Figure, measured

TITLE = "from an empty store to a finding, an intervention, an attack and a report"
CLICKS, SECONDS, WAITING = 7, 180.0, 60.0
"""Targets: clicks; all seconds; seconds waited for anything."""


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Walk once for each repetition."""
    walks = [_walk() for _ in seeds]
    yield measured("newcomer.clicks", [len(steps) for steps, _ in walks], "clicks", most=CLICKS)
    totals = [sum(step.seconds for step in steps) for steps, _ in walks]
    yield measured("newcomer.seconds", totals, "s", most=SECONDS)
    yield measured("newcomer.waiting_seconds", totals, "s", most=WAITING)
    for place, step in enumerate(walks[0][0]):
        yield measured(f"newcomer.{step.name}_seconds", [steps[place].seconds for steps, _ in walks], "s")
    yield measured("newcomer.report_mb", [size / 1e6 for _, size in walks], "MB")


def _walk() -> tuple[list[Click], int]:
    """The steps, and the size of the report in bytes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home, report = Path(folder) / "home", Path(folder) / "report.html"
        home.mkdir()
        with dashboard(home) as address, chromium() as browser:
            return list(walk(browser.new_page(), address, report)), report.stat().st_size
