"""The runs of `bench robustness`: trained and attacked once, on all cores, and found again by a bench that goes on.

Each seed and backbone has a home of its own under `PLUMAGE_HOME/bench/robustness`. A file there says what its results
are made of: the run's config, the backbone's weights, and the source that decides them. Where one of these has changed,
the home is emptied first. So a bench that was stopped goes on where it was, within an analysis too, and a bench that
ended tells again what is stored.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch

from engine.analyses.performing import perform
from engine.backbone.presets import identify
from engine.errors import NotApplicable
from engine.home import home
from engine.jobs.analyses import Analyses, Question, Result
from engine.jobs.training import work
from engine.params import Value
from engine.runs.config import RunConfig
from engine.session.lab import Lab
from engine.store.store import RunStore

ANALYSIS = "robustness"
_MADE_OF = "made-of.txt"
_ENGINE = Path(__file__).resolve().parents[1]
_DECIDES = (
    *(
        "analyses/robustness.py",
        "analyses/under_attack.py",
        "analyses/intervention_setup.py",
        "attacks",
        "backbone",
        "concepts",
        "data",
        "explain/maps.py",
    ),
    *("methods", "metrics", "model", "rng.py", "runs", "records", "store", "training", "session"),
)
"""Source under `engine/` that decides what is stored; a change of anything else leaves it as it is."""
_EVERY = 15.0
"""Seconds between two words about the time left."""
_TELLING = 0.02
"""Share of the work from which a time left can be told."""

Settings = Mapping[str, Value]
T = TypeVar("T")


@dataclass(frozen=True)
class BenchRun:
    """One run of the bench.

    Attributes:
        config: what is trained; names the backbone and the seed.
        home: where it is kept.
        made_of: what its results are made of.
    """

    config: RunConfig
    home: Path
    made_of: str


def cases(configs: Sequence[RunConfig]) -> list[BenchRun]:
    """Runs by their configs, each in its own place."""
    root, source = home() / "bench" / "robustness", source_digest()
    return [BenchRun(one, root / f"{one.seed}-{_as_path(one.backbone)}", _made_of(one, source)) for one in configs]


def prepare(wanted: Sequence[BenchRun], asked: Sequence[Settings]) -> None:
    """Train what is not trained and compute what is not stored, a process a core; tells the time left on stderr.

    Raises:
        NotApplicable: a run failed, or another process is at it.
    """
    missing = [case for case in wanted if not _all_there(case, asked)]
    if not missing:
        return
    each(partial(carry_out, asked=asked), missing, lambda: sum(share(one, asked) for one in missing) / len(missing))


def each(
    act: Callable[[BenchRun], T], wanted: Sequence[BenchRun], measure: Callable[[], float] | None = None
) -> list[T]:
    """What `act` gives for every case, a process of one thread for each core.

    Args:
        act: can be pickled.
        measure: how much is done, 0..1, to tell the time left by; without it nothing is told.
    """
    context = multiprocessing.get_context("spawn")
    workers = min(len(wanted), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        futures = [pool.submit(act, case) for case in wanted]
        try:
            _watch(futures, measure)
        except BaseException:  # ctrl-C too: nothing that waits is begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def carry_out(case: BenchRun, asked: Sequence[Settings]) -> None:
    """Train one run and answer its questions, or what is left of that, in this process.

    Raises:
        NotApplicable: the run failed, or another process is at it; the message says which.
    """
    lab = trained(case)
    for settings in asked:
        perform(lab.store, _question(lab.store, lab.view.id, settings))


def trained(case: BenchRun) -> Lab:
    """The finished run, trained here if it is not there.

    Raises:
        NotApplicable: the run failed; the message says why.
    """
    _emptied_if_stale(case)
    store = RunStore(case.home)
    run_id = _run(store) or store.create(case.config)
    if store.status(run_id) != "finished":
        outcome = work(store, run_id)
        if outcome.status != "finished":
            name = f"the run of seed {case.config.seed} on {case.config.backbone}"
            raise NotApplicable(name, outcome.message or outcome.status, "Run the bench again, or it by hand")
    return Lab(store, run_id)


def answered(lab: Lab, settings: Settings) -> Result:
    """A stored answer, after `prepare`."""
    found = Analyses(lab.store).result(_question(lab.store, lab.view.id, settings))
    if found is None:
        raise NotApplicable(f"the attacks on run {lab.view.id}", "they are not stored", "Run the bench again")
    return found


def share(case: BenchRun, asked: Sequence[Settings]) -> float:
    """How much of a case's questions is answered, 0..1; training, which is short beside them, is not counted."""
    store = RunStore(case.home)
    run_id = _run(store)
    if run_id is None or store.status(run_id) != "finished":
        return 0.0
    states = [Analyses(store).state(_question(store, run_id, settings)) for settings in asked]
    parts = [1.0 if one.status == "finished" else one.done / max(one.total, 1) for one in states if one]
    return sum(parts) / len(asked) if asked else 1.0


def time_left(seconds: float, began: float, now: float) -> float | None:
    """Seconds left when work has gone from the share `began` to the share `now`; None while that cannot be said."""
    return seconds * (1 - now) / (now - began) if now - began >= _TELLING else None


def _watch(futures: Sequence[Future[T]], measure: Callable[[], float] | None) -> None:
    """Wait for all, telling how far they are; the first failure is raised at once."""
    start, began = time.monotonic(), measure() if measure else 0.0
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=_EVERY)
        for future in done:
            future.result()
        if measure is None:
            continue
        now = measure()
        left = time_left(time.monotonic() - start, began, now)
        word = "" if left is None else f", about {left / 60:.0f} min left"
        print(f"robustness: {100 * now:.0f} % of the attacks{word}", file=sys.stderr, flush=True)


def _all_there(case: BenchRun, asked: Sequence[Settings]) -> bool:
    _emptied_if_stale(case)
    store = RunStore(case.home)
    run_id = _run(store)
    if run_id is None or store.status(run_id) != "finished":
        return False
    return all(Analyses(store).result(_question(store, run_id, settings)) is not None for settings in asked)


def _question(store: RunStore, run_id: str, settings: Settings) -> Question:
    return Question(run_id, store.tasks_done(run_id) - 1, ANALYSIS, settings)


def _run(store: RunStore) -> str | None:
    """The one run of a case's home, or None while there is none."""
    runs = store.runs()
    return runs[0].id if runs else None


def _emptied_if_stale(case: BenchRun) -> None:
    mark = case.home / _MADE_OF
    if mark.exists() and mark.read_text(encoding="utf-8") == case.made_of:
        return
    shutil.rmtree(case.home, ignore_errors=True)
    case.home.mkdir(parents=True)
    mark.write_text(case.made_of, encoding="utf-8")


def _as_path(spec: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", spec)


def _made_of(config: RunConfig, source: str) -> str:
    identity = identify(config.backbone)
    weights = identity.digest if identity else config.backbone
    return json.dumps({"config": config.digest, "weights": weights, "source": source}, indent=1)


def source_digest(*more: str) -> str:
    """Hex digest of the source files that decide a result, and of `more` of them, as paths under `engine/`."""
    digest = hashlib.sha256()
    for place in (*_DECIDES, *more):
        path = _ENGINE / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(str(file.relative_to(_ENGINE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
