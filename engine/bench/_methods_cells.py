"""The cells of `bench methods`: one run, or one question to it, computed once and found again.

All lie in one store, `PLUMAGE_HOME/bench/methods`, so that they share the cache of embeddings and the pages can show
them. A cell's place is its config; a file there says what it was made of (see `_methods_sources`) and what came out.
Where that source has changed since, the cell is measured again, and no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.backbone.presets import identify
from engine.bench._methods_measures import KINDS, Measures
from engine.bench._methods_sources import digest_of
from engine.errors import NotApplicable
from engine.files import write_text
from engine.home import home
from engine.jobs.training import work
from engine.records.identity import code_version
from engine.runs.config import RunConfig
from engine.runs.task_backbones import changes_backbone, share
from engine.runs.watch import WatchSettings
from engine.session.lab import Lab
from engine.store.states import FINISHED, RUNNING
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching

_COMPENSATION = "drift_compensation"
_SHOWN = 12  # characters of a digest in a run's name


@dataclass(frozen=True)
class BenchCell:
    """One thing to measure.

    Attributes:
        data: short name of the data set.
        config: of the run.
        kind: what is asked of it (see `KINDS`).
        change: what is special about it, in words.
    """

    data: str
    config: RunConfig
    kind: str = "run"
    change: str = ""

    @property
    def words(self) -> str:
        """For people: `demo, ncm, seed 7, order 7`."""
        special = "".join(f", {word}" for word in (self.change, self.kind if self.kind != "run" else "") if word)
        return f"{self.data}, {self.config.method}, seed {self.config.seed}, order {self.config.order_seed}{special}"

    @cached_property
    def place(self) -> str:
        """Name of its file."""
        return hashlib.sha256(f"{self.kind} {self.config.digest}".encode()).hexdigest()[:32]

    @cached_property
    def run_made_of(self) -> str:
        """Digest of the source and weights that decide its run."""
        return self._digest()

    @cached_property
    def made_of(self) -> str:
        """The same of its answer."""
        kind = KINDS[self.kind]
        return self._digest(*kind.sources, packages=kind.packages)

    def _digest(self, *more: str, packages: tuple[str, ...] = ()) -> str:
        config = self.config
        own = [f"engine.methods.{config.method}", f"engine.data.sources.{config.dataset}", "engine.training.loop"]
        if changes_backbone(config):
            own.append(f"engine.defences.{config.hardening}")
            packages = *packages, "attacks", "defences"
        known = identify(config.backbone)
        weights = known.digest if known else config.backbone
        return hashlib.sha256(f"{digest_of([*own, *more], packages)} {weights}".encode()).hexdigest()


@dataclass(frozen=True)
class CellOutcome:
    """What came out of a cell.

    Attributes:
        values: what was measured, by name.
        run: its id in the store; empty where there is none.
        reason: why nothing was measured, or empty.
    """

    values: Mapping[str, float]
    run: str = ""
    reason: str = ""


def root() -> Path:
    """The bench's own home."""
    return home() / "bench" / "methods"


def known(cell: BenchCell, store: RunStore) -> CellOutcome | None:
    """What is kept of a cell, or None where it is not there, or of other source."""
    made_of = cell.made_of  # first of all: the cell carries it to its process, whatever becomes of the source meanwhile
    try:
        kept = json.loads(_file(cell, store).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return CellOutcome(kept["values"], kept["run"], kept["reason"]) if kept["made_of"] == made_of else None


def measure(cell: BenchCell, home_folder: Path) -> None:
    """Train the cell's run, or what is left of it, ask what is asked, and keep the answer.

    What the method refuses is kept too, with its reason. For a process of its own: the memory is measured.

    Raises:
        Exception: the run failed for another reason; nothing is kept but what it finished.
    """
    import torch

    torch.set_num_threads(1)
    store = RunStore(home_folder)
    run, reason = _trained(cell, store)
    values = Measures() if reason else KINDS[cell.kind].of(Lab(store, run))
    kept = {"made_of": cell.made_of, "words": cell.words, "values": values, "run": run, "reason": reason}
    path = _file(cell, store)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(json.dumps(kept), path)


def _trained(cell: BenchCell, store: RunStore) -> tuple[str, str]:
    """Id of the finished run, made of today's source, or why there can be none; what another source left is removed."""
    name = f"{cell.data} {cell.config.method} {cell.config.seed}/{cell.config.order_seed} {cell.run_made_of[:_SHOWN]}"
    wanted, found = cell.config.to_mapping(), ""
    for run in store.runs():
        if run.config == wanted and run.name == name and (run.status == FINISHED or _goes_on(store, run.id)):
            found = run.id
        elif run.config == wanted:
            store.delete(run.id)
    found = found or _created(cell.config, name, store)
    if store.status(found) != FINISHED:
        end = work(store, found)
        if isinstance(end.problem, NotApplicable):
            store.delete(found)
            return "", str(end.problem)
        if end.problem is not None:
            raise end.problem
        if end.status != FINISHED:  # it was told to go
            raise SystemExit(end.status)
    return found, ""


def _created(config: RunConfig, name: str, store: RunStore) -> str:
    """A new run that is not watched: its film would be half of a quick run's time. Where a finished one hardens its
    backbone alike, it gets its towers: they would be the same to the bit, and take most of its time."""
    made, wanted = store.create(config, name, status=RUNNING), config.to_mapping()
    Watching(store).choose(made, WatchSettings(watching=False))
    for other in store.runs() if changes_backbone(config) else ():
        alike = {**other.config, _COMPENSATION: config.drift_compensation} == wanted
        if alike and other.status == FINISHED and other.name == name:
            share(store.folder(other.id), store.folder(made), RunView(store, other.id).tasks_done - 1)
            break
    return made


def _goes_on(store: RunStore, run: str) -> bool:
    """Whether an unfinished run may be gone on with: training refuses to mix what two versions of the code made."""
    setup = RunView(store, run).setup
    return setup is None or setup.code == code_version()


def _file(cell: BenchCell, store: RunStore) -> Path:
    return store.home / "cells" / f"{cell.place}.json"
