"""Five small runs, trained once: three that learn as they should and two that forget everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.runs.config import preset
from engine.session.lab import Lab
from engine.store.store import RunStore
from tests.shared import own_copy

SEEDS = (1, 2, 3, 4, 5)
FORGETFUL = (4, 5)
"""Seeds trained by the method that does nothing against forgetting."""
ANALYSED = 1
"""The seed that was attacked, compared with random words, and put into rules."""
ATTACK = {"attack": "fgsm", "eps": "4", "steps": 1, "per_class": 10}


@pytest.fixture(scope="session")
def five_labs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Lab]:
    """Finished runs by seed, on one set of birds: each with its own order of classes, validation split and weights."""
    store = RunStore(own_copy(tmp_path_factory, "findings", _train))
    return {run.seed: Lab(store, run.id) for run in store.runs()}


def _train(home: Path) -> None:
    store = RunStore(home)
    for seed in SEEDS:
        method = "finetune" if seed in FORGETFUL else "clg_cbm"
        small = preset("tiny").changed(seed=seed, order="seed", order_seed=seed, method=method, test_per_class=20)
        run = store.create(small.changed(settings={"epochs": 25}))
        assert work(store, run).status == "finished"
        if seed == ANALYSED:
            _analyse(Lab(store, run), "robustness", ATTACK)
            _analyse(Lab(store, run), "random_words", {"controls": 1, "others": 1})
            _analyse(Lab(store, run), "rules", {})


def _analyse(lab: Lab, name: str, settings: dict[str, object]) -> None:
    """Compute with cheap settings; the control is kept where pages and rules look for it, under the default ones."""
    from engine.analyses.performing import answer

    last = lab.view.tasks_done - 1
    result = answer(lab, Question(lab.view.id, last, name, settings))
    question = Question(lab.view.id, last, name, settings if name == "robustness" else {})
    Analyses(lab.store).keep(question, result, 1.0)
