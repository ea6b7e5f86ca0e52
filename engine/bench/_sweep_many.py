"""`sweep.many`: Home and Experiments in a real browser, where thousands of runs are kept.

The runs are real: nearest class mean on the tiny preset, every seed and order a run, one experiment. They are made once
(about ten minutes), in a home of their own, and found again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from engine.bench._browser import calm, chromium, dashboard
from engine.bench.figure import Figure, measured
from engine.experiments.cells import cells, grid
from engine.experiments.experiment import Experiment
from engine.experiments.standing import standing
from engine.home import home
from engine.jobs.kinds import OF
from engine.jobs.training import work
from engine.runs.watch import WatchSettings
from engine.store.experiments import KeptExperiments
from engine.store.store import RunStore
from engine.store.watching import Watching

RUNS = 2000
PAGES = {"home": "", "experiments": "experiments"}
_SEEDS, _SHARES = (1, 2, 3, 4, 5), (0.1, 0.2)
_MOST_MS = 2000.0
_VISITS = 3


def figures() -> Iterator[Figure]:
    """Milliseconds from asking for a page to its heading, and until nothing on it is still to come: of the first
    visitor of a server just started, and of later ones."""
    place = home() / "bench" / "many"
    kept = made(place, RUNS)
    yield measured("sweep.many.runs", [float(kept)], "runs", least=float(RUNS))
    for name, path in PAGES.items():
        with dashboard(place) as address:
            (cold, whole), *later = [_visit(f"{address}/{path}") for _ in range(_VISITS)]
        yield measured(f"sweep.many.{name}.first_paint_ms", [paint for paint, _ in later], "ms", most=_MOST_MS)
        yield measured(f"sweep.many.{name}.whole_ms", [drawn for _, drawn in later], "ms")
        yield measured(f"sweep.many.{name}.cold_paint_ms", [cold], "ms")
        yield measured(f"sweep.many.{name}.cold_whole_ms", [whole], "ms")


def declared(runs: int) -> Experiment:
    """As many runs, of two settings."""
    orders = -(-runs // (len(_SEEDS) * len(_SHARES)))
    axes = {"seed": [*_SEEDS], "order_seed": [*range(1, orders + 1)], "val_fraction": [*_SHARES]}
    values = {"name": "many", "preset": "tiny", "watching": False, "set": {"order": "seed", "method": "ncm"}}
    return Experiment.from_mapping({**values, "axes": axes})


def made(place: Path, runs: int) -> int:
    """Make the runs that are missing in a store, and return how many it has."""
    store, experiment = RunStore(place), declared(runs)
    place.mkdir(parents=True, exist_ok=True)
    kept = KeptExperiments(store.database)
    number = next((one.id for one in kept.all()), None) or kept.save(experiment.name, experiment.to_mapping())
    found = standing(store, cells(experiment, grid(experiment)))
    missing = [state.cell for state in found if not state.finished]
    for done, cell in enumerate(missing, 1):
        run = store.create(cell.config, arguments={OF: number})
        Watching(store).choose(run, WatchSettings(watching=False))
        work(store, run)
        print(f"sweep.many: {done} of {len(missing)} runs made", file=sys.stderr, end="\r", flush=True)
    return len(store.runs())


def _visit(link: str) -> tuple[float, float]:
    with chromium() as browser:
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(link, wait_until="commit")
        page.wait_for_selector("h1")
        painted = time.perf_counter()
        calm(page)
        return 1000 * (painted - began), 1000 * (time.perf_counter() - began)
