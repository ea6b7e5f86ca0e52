"""An experiment on all cores against one run after the other, with Ray, and what is left of it when its processes are
killed.

The grid: five methods, the seeds given, two orders of classes, on the demo. Pictures are embedded before; nothing is
watched. Every grid is done in a store of its own, with one cache of embeddings for all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench import _sweep_many
from engine.bench._methods_data import DEMO, embed, pictures
from engine.bench.figure import Figure, measured
from engine.cluster.on_ray import opener
from engine.errors import NotApplicable
from engine.experiments.cells import cells, grid
from engine.experiments.driving import drive_here
from engine.experiments.experiment import Experiment
from engine.experiments.places import Here, PlaceOpener
from engine.experiments.standing import CellState, standing
from engine.experiments.where import RAY, Where, check_installed
from engine.home import cache_folder
from engine.jobs import experiments
from engine.steps import Step
from engine.store.experiments import KeptExperiments
from engine.store.states import RUNNING
from engine.store.store import RunStore

TITLE = "an experiment on all cores, and killed in its midst"
METHODS = ("ncm", "slda", "concil", "discriminant_cbm", "clg_cbm")
ORDERS = (1993, 7)
_LEAST = 1.7
"""Times as fast on two cores."""
_KILLS, _BETWEEN = 3, 15.0
"""How often driver and a training are killed, and seconds between."""


_MANY = "sweep.many"
_ROOT = Path(__file__).resolve().parents[2]
_DRIVER = (
    "import sys; from pathlib import Path; from engine.store.store import RunStore; "
    "from engine.experiments.driving import drive_here; "
    "drive_here(RunStore(Path(sys.argv[1])), int(sys.argv[2]), lambda step: None)"
)
Left = list[tuple[str, ...]]
"""Of each cell the digests of its models, task by task."""


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Seconds of the whole grid, one run at a time and all cores; whether a killed one ends in the same models; and,
    where `sweep.many` is asked for, the pages over thousands of runs.

    Raises:
        NotApplicable: a grid did not finish, or there is no browser.
    """
    if only.startswith(_MANY):
        yield from _sweep_many.figures()
        return
    with tempfile.TemporaryDirectory(prefix="plumage-sweep-") as folder:
        shared = RunStore(Path(folder) / "shared")
        found = cells(declared(seeds, 1), grid(declared(seeds, 1)))
        for looked_at in pictures([(DEMO, cell.config) for cell in found]):
            embed(looked_at, shared.home)
        yield measured("sweep.runs", [len(found)], "runs")
        alone, one_by_one = timed(_store(shared, "alone"), declared(seeds, 1))
        yield measured("sweep.seconds.one_by_one", [one_by_one], "s")
        together, all_cores = timed(_store(shared, "together"), declared(seeds, 0))
        yield measured("sweep.seconds.all_cores", [all_cores], "s")
        least = _LEAST if (os.cpu_count() or 1) >= 2 else None
        yield measured("sweep.speedup", [one_by_one / all_cores], "x", least=least)
        yield measured("sweep.equal.all_cores", [equal(alone, together)], "%", least=100.0)
        yield from on_ray(_store(shared, "ray"), declared(seeds, 0), alone, all_cores)
        yield measured("sweep.kills", [2 * _KILLS], "processes")
        yield measured(
            "sweep.equal.killed", [equal(alone, killed(_store(shared, "killed"), declared(seeds, 0)))], "%", least=100.0
        )


def on_ray(store: RunStore, experiment: Experiment, alone: Left, all_cores: float) -> Iterator[Figure]:
    """The same grid with a Ray that is started on this machine; left out, in words, where Ray is not installed.

    Args:
        alone: what one run after the other left.
        all_cores: seconds that the grid takes here without Ray.
    """
    try:
        check_installed()
    except NotApplicable as reason:
        print(f"sweep.seconds.ray is left out. {reason}", file=sys.stderr, flush=True)
        return
    left, took = timed(store, experiment, opener(Where(on=RAY)))
    yield measured("sweep.seconds.ray", [took], "s")
    yield measured("sweep.overhead.ray", [100.0 * (took / all_cores - 1.0)], "%")
    yield measured("sweep.equal.ray", [equal(alone, left)], "%", least=100.0)


def declared(seeds: Sequence[int], at_once: int) -> Experiment:
    """The grid."""
    axes = {"method": [*METHODS], "seed + world_seed": [*seeds], "order_seed": [*ORDERS]}
    values = {"name": "grid", "watching": False, "at_once": at_once, "set": {"order": "seed"}, "axes": axes}
    return Experiment.from_mapping(values)


def _store(shared: RunStore, name: str) -> RunStore:
    store = RunStore(shared.home.parent / name)
    store.home.mkdir()
    cache_folder(store.home).symlink_to(cache_folder(shared.home), target_is_directory=True)
    return store


def timed(store: RunStore, experiment: Experiment, place: PlaceOpener = Here) -> tuple[Left, float]:
    """What the whole grid left, and how many seconds it took; on this machine if no other place is given."""
    number = KeptExperiments(store.database).save(experiment.name, experiment.to_mapping())
    began = time.perf_counter()
    return _ended(store, experiment, number, place), time.perf_counter() - began


def killed(store: RunStore, experiment: Experiment) -> Left:
    """What a grid left whose driver and one of whose trainings were killed again and again."""
    number = KeptExperiments(store.database).save(experiment.name, experiment.to_mapping())
    for _ in range(_KILLS):
        command = [sys.executable, "-c", _DRIVER, str(store.home), str(number)]
        driver = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL)
        time.sleep(_BETWEEN)
        live = [state.run.id for state in _states(store, experiment) if state.run and state.live]
        for pid in (driver.pid, *(store.training(run).pid for run in live[:1])):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid or driver.pid, signal.SIGKILL)
        driver.wait()
    while experiments.status(store, number) == RUNNING:  # its last sign of life is just past
        time.sleep(1.0)
    return _ended(store, experiment, number)


def _ended(store: RunStore, experiment: Experiment, number: int, place: PlaceOpener = Here) -> Left:
    end = drive_here(store, number, _told, place)
    states = _states(store, experiment)
    if not all(state.finished for state in states):
        raise NotApplicable("bench sweep", f"a grid did not finish: {end.message}", "Run it again")
    runs = [state.run.id for state in states if state.run]
    return [tuple(store.snapshot_digest(run, task) for task in range(store.tasks_done(run))) for run in runs]


def _states(store: RunStore, experiment: Experiment) -> list[CellState]:
    return standing(store, cells(experiment, grid(experiment)))


def _told(step: Step) -> None:
    print(f"sweep: {step.done} of {step.total} {step.word}", file=sys.stderr, end="\r", flush=True)


def equal(some: Left, others: Left) -> float:
    """Per cent of the cells that left the same models, to the bit."""
    return 100.0 * sum(one == other for one, other in zip(some, others, strict=True)) / len(some)
