"""`scale.classes`: a run of 1,000 classes in 100 tasks, trained as any other, opened as pages open it, and shown.

Embeddings are drawn (`_scale_mixture`), 768 wide, and come in as an `.npz`, as anybody's would. The learner is CLG-CBM
with low-rank covariances, two concepts a class, and a sample of every old class in each of its few batches. The run is
made once, in a home of its own, and found again; what is timed afterwards is timed on it. It is opened by fresh
processes, whose imports, which are those of any run, are told apart; memory counts them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from engine.bench._browser import dashboard
from engine.bench._scale_mixture import around, class_means
from engine.bench.figure import Figure, measured
from engine.bench.page import TARGETS, other_pages, painted
from engine.home import home
from engine.jobs.training import work
from engine.rng import torch_stream
from engine.runs.config import RunConfig, configure
from engine.runs.watch import WatchSettings
from engine.store.states import FINISHED, RUNNING
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching

NAME = "scale.classes"
CLASSES, TASKS, WIDTH = 1000, 100, 768
_TRAIN, _TEST, _CANDIDATES = 20, 5, 4
"""Of each class."""
_MOST_SECONDS, _MOST_MIB = 3.0, 1000**3 / 2**20
_SETTINGS = {
    "epochs": "8",
    "learning_rate": "0.01",
    "search": "random",
    "concepts_per_class": "2",
    "prototype_augmentation": "false",
    "gaussian_classes": "0",
    "gaussian_samples": "1",
    "balanced_validation": "false",
}
_OPENER = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from engine.training.memory import PeakMemory
memory = PeakMemory()
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.view import RunView
imported = time.perf_counter()
store, run = RunStore(Path(sys.argv[1])), sys.argv[2]
view, lab = RunView(store, run), Lab(store, run)
view.summary("test")
lab.snapshot(view.tasks_done - 1)
print(imported - began, time.perf_counter() - imported, memory.mebibytes)
"""


def figures(seeds: Sequence[int]) -> Iterator[Figure]:
    """Seconds and memory of the training and of opening its last model, and milliseconds to each page's first paint."""
    store = RunStore(home() / "bench" / "classes")
    run = trained(store, seeds[0])
    view = RunView(store, run)
    yield measured(f"{NAME}.train.seconds", [sum(one.seconds for one in view.timing)], "s")
    yield measured(f"{NAME}.train.peak_mib", [max(one.peak_memory_mb for one in view.timing)], "MiB")
    disk = sum(path.stat().st_size for path in store.folder(run).rglob("*") if path.is_file())
    yield measured(f"{NAME}.disk_mib", [disk / 2**20], "MiB")
    times = [opened(store, run) for _ in seeds]
    yield measured(f"{NAME}.open.imports_seconds", [one[0] for one in times], "s")
    yield measured(f"{NAME}.open.seconds", [one[1] for one in times], "s", most=_MOST_SECONDS)
    yield measured(f"{NAME}.open.peak_mib", [one[2] for one in times], "MiB", most=_MOST_MIB)
    with dashboard(store.home) as address:
        for name, path in {**other_pages(), "tasks": "tasks"}.items():
            paints = [painted(f"{address}/{path}?run={run}") for _ in seeds]
            yield measured(f"{NAME}.pages.{name}_ms", paints, "ms", most=TARGETS["first_paint_ms"])


def trained(store: RunStore, seed: int) -> str:
    """Id of the finished run, made or gone on with where it is not there."""
    place = store.home / "classes.npz"
    if not place.is_file():
        draw(place, seed)
    config = configured(place, seed)
    run = next((one.id for one in store.runs() if one.config == config.to_mapping()), None)
    if run is None:
        run = store.create(config, status=RUNNING)
        Watching(store).choose(run, WatchSettings(watching=False))
    if store.status(run) != FINISHED:
        end = work(store, run)
        if end.problem is not None:
            raise end.problem
    return run


def configured(place: Path, seed: int) -> RunConfig:
    """The run on an `.npz` of `draw`."""
    settings = {"increment": str(CLASSES // TASKS), "class_covariances": "low_rank", **_SETTINGS}
    return configure(None, {"data": f"npz:{place}", **settings}, method="clg_cbm", seed=seed)


def draw(place: Path, seed: int) -> None:
    """Write the embeddings of images, class names and concepts."""
    stream = torch_stream(seed, "scale classes")
    means = class_means(CLASSES, WIDTH, stream)
    own, owners = (torch.arange(CLASSES).repeat_interleave(count) for count in (_TRAIN + _TEST, _CANDIDATES))
    tests = torch.arange(len(own)) % (_TRAIN + _TEST) >= _TRAIN
    names = [f"class {number:04d}" for number in range(CLASSES)]
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(".part.npz")
    np.savez(
        unfinished,
        images=around(means[own], stream).numpy(),
        labels=own.numpy(),
        split=np.where(tests.numpy(), "test", "train"),
        class_names=np.array(names),
        class_embeddings=around(means, stream).numpy(),
        concepts=np.array([f"trait {k % _CANDIDATES} of {names[c]}" for k, c in enumerate(owners.tolist())]),
        concept_embeddings=around(means[owners], stream).numpy(),
        concept_class=owners.numpy(),
    )
    unfinished.rename(place)


def opened(store: RunStore, run: str) -> tuple[float, float, float]:
    """Seconds in which a fresh process imports what it needs, and then opens the run; its peak in MiB."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", _OPENER, str(store.home), run]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    imported, seconds, peak = map(float, done.stdout.split())
    return imported, seconds, peak
