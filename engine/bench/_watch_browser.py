"""The live screen in a real browser while the demo trains: the browser's processor time, and when beats are shown."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.bench._browser import chromium, dashboard, settled
from engine.errors import NotApplicable
from engine.jobs.control import start
from engine.runs.config import preset
from engine.store.states import FINISHED, LIVE
from engine.store.store import RunStore
from engine.store.view import RunView

_LOOK = 0.05  # seconds between two looks at the store
_LAST = 5.0  # seconds in which the last beat may come after the run has ended
_TICKS = os.sysconf("SC_CLK_TCK")
_NOTE = """() => {
  const find = (node) => {
    for (const one of node.querySelectorAll('*')) {
      if (one.matches('[role=slider][aria-valuemax]')) return one
      const inside = one.shadowRoot && find(one.shadowRoot)
      if (inside) return inside
    }
    return null
  }
  window.plumageBeats = {}
  const note = (bar) => {
    const known = bar.ariaDisabled === 'true' ? 0 : Number(bar.getAttribute('aria-valuemax')) + 1
    window.plumageBeats[known] ??= Date.now()
  }
  const timer = setInterval(() => {
    const bar = find(document)
    if (!bar) return
    clearInterval(timer)
    note(bar)
    new MutationObserver(() => note(bar)).observe(bar, {attributes: true})
  }, 200)
}"""
"""Notes when the time bar first showed so many moments, in milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One demo, looked at from its start to its end.

    Attributes:
        seconds: that it took.
        cpu_seconds: of all the browser's processes in that time.
        delays: seconds from a beat's being stored to its being shown, of every beat that was shown.
    """

    seconds: float
    cpu_seconds: float
    delays: tuple[float, ...]


def looked_at() -> Looked:
    """Train the demo with nothing cached, and look at it.

    Raises:
        NotApplicable: there is no browser, or the run failed.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        store = RunStore(home)
        with dashboard(home) as address, chromium() as browser:
            page = browser.new_page()
            page.goto(address)
            settled(page)
            run = start(preset("demo"), store=store)
            page.goto(f"{address}/run?run={run}")
            settled(page)
            page.evaluate(_NOTE)
            began, cpu = time.time(), _cpu(os.getpid())
            stored = _stored(store, run)
            seconds, spent = time.time() - began, _cpu(os.getpid()) - cpu
            shown = {int(count): at / 1000.0 for count, at in page.evaluate("window.plumageBeats").items()}
    return Looked(seconds, spent, tuple(_delays(stored, shown)))


def _stored(store: RunStore, run: str) -> list[float]:
    """When each beat was first in the store; returns some time after the run's end."""
    view, found = RunView(store, run), list[float]()
    end = None
    while end is None or time.time() < end:
        known = len(view.beat_places())
        found += [time.time()] * (known - len(found))
        if end is None and (status := view.status) not in LIVE:
            if status != FINISHED:
                raise NotApplicable("the run that is looked at", f"it is {status}", "Run it by hand")
            end = time.time() + _LAST
        time.sleep(_LOOK)
    return found


def _delays(stored: list[float], shown: dict[int, float]) -> Iterator[float]:
    """A screen that shows more moments at once shows all of them at that time."""
    for number, at in enumerate(stored, 1):
        later = [when for count, when in shown.items() if count >= number]
        if later:
            yield max(0.0, min(later) - at)


def _cpu(pid: int) -> float:
    """Seconds of processor time of the browser's processes among a process's descendants."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")
        own = sum(map(int, fields[2].split()[11:13])) / _TICKS if "chrom" in fields[0] else 0.0
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [child for one in threads for child in (one / "children").read_text(encoding="ascii").split()]
    except (OSError, ValueError):  # it has just ended
        return 0.0
    return own + sum(_cpu(int(child)) for child in children)
