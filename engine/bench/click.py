"""The first minute: from a click on the one button to accuracy on the screen, in a real browser, nothing cached."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench._browser import chromium, dashboard
from engine.bench.figure import Figure, measured

TITLE = "from the click to the first and the last task on the screen"
TARGETS = {"first_task_seconds": 15.0, "last_task_seconds": 60.0}
_PATIENCE_MS = 600_000.0
_FIRST = "document.querySelector('.hm-flock')?.innerText.includes('% known')"
_LAST = "document.querySelector('h1')?.innerText.startsWith('It tells')"


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Train the demo by a click, once for each seed's repetition; browser and training share the machine."""
    found = [_click() for _ in seeds]
    for name, target in TARGETS.items():
        yield measured(f"click.{name}", [one[name] for one in found], "s", most=target)


def _click() -> dict[str, float]:
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as home, dashboard(Path(home)) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(".hm-flock img")
        page.get_by_role("button", name="Train the demo").click()
        began = time.perf_counter()
        page.wait_for_function(_FIRST, timeout=_PATIENCE_MS)
        first = time.perf_counter() - began
        page.wait_for_function(_LAST, timeout=_PATIENCE_MS)
        return {"first_task_seconds": first, "last_task_seconds": time.perf_counter() - began}
