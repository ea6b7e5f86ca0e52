"""What runs are called in lists: name, method, seed and accuracy; two that would be called the same, by their date."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

from engine.metrics.wording import percent
from engine.runs.catalog import catalog
from engine.store.states import FINISHED
from engine.store.summary import RunSummary


def labels(runs: Iterable[RunSummary]) -> dict[str, str]:
    """What each run is called, by its id; no two are called the same. Names are any text, so escape them.

    For example `"first try: CLG-CBM, seed 1993, 90.7 %"`, or `"CLG-CBM, seed 1993, 2 of 8 tasks, 61.0 %"` while it
    trains.
    """
    known = list(runs)
    found = {run.id: label(run) for run in known}
    for more in (_dated("%d %b %Y, %H:%M"), _dated("%H:%M:%S"), lambda run: run.id):
        taken = Counter(found.values())
        found |= {run.id: f"{found[run.id]} ({more(run)})" for run in known if taken[found[run.id]] > 1}
    return found


def label(run: RunSummary) -> str:
    """What one run is called, whatever others there are."""
    facts = [method_title(run.method), f"seed {run.seed}"] if run.method else [run.id]
    if run.status != FINISHED:
        facts.append(f"{run.tasks_done} of {run.tasks_total or '?'} tasks")
    if run.last_accuracy is not None:
        facts.append(percent(run.last_accuracy, 1))
    return f"{run.name}: {', '.join(facts)}" if run.name else ", ".join(facts)


def method_title(method: str) -> str:
    """A method's title without what stands in brackets behind it; its name where this Plumage does not know it."""
    info = catalog().get(method)
    return info.title.partition(" (")[0] if info else method


def _dated(form: str) -> Callable[[RunSummary], str]:
    return lambda run: time.strftime(form, time.localtime(run.created)).removeprefix("0")
