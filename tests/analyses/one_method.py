"""Tiny runs of methods that an analysis is for alone, and what every answer of theirs must withstand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.analyses.base import ANALYSES
from engine.jobs.analyses import Result
from engine.jobs.training import work
from engine.records.answers import check_answer, known
from engine.runs.config import preset
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.structures import Malformed
from tests.analyses.test_returns import mutations


def lab_of(home: Path, folder: Path, method: str, **settings: object) -> Lab:
    """The tiny run by another method, in a copy of a home whose images are embedded already."""
    store = RunStore(Path(shutil.copytree(home, folder / "home")))
    run = store.create(preset("tiny").changed(method=method, settings=settings), method)
    assert work(store, run).status == "finished"
    return Lab(store, run)


def withstands(lab: Lab, name: str, task: int, found: Result) -> None:
    """An answer is of its declared form, and nothing that a fault may put in an array's place is."""
    bound = known(lab.view.setup, task, None)
    check_answer(name, found, {}, bound)
    assert set(found) == set(ANALYSES.get(name).returns.arrays)
    for key, array in found.items():
        for what, odd in mutations(array):
            if not (odd.size or array.size):
                continue
            with pytest.raises(Malformed):
                check_answer(name, {**found, key: odd}, {}, bound)
                pytest.fail(f"{name}.{key}: {what}")
