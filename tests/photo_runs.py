"""Runs on plain generated pictures in folders, of few classes and of many, with every analysis that they can have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from engine.analyses.base import ANALYSES
from engine.analyses.performing import answer
from engine.errors import NotApplicable
from engine.interventions.edits import SetWeight
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.runs.config import RunConfig
from engine.session.lab import Lab
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore

CHEAP = {
    "random_words": {"controls": 1},
    "robustness": {"attack": "fgsm", "eps": "2,4", "steps": 1},
}
"""Settings that make an analysis short; what it finds is kept under the default ones where its form allows that."""
_SIDE = 24
_TEXTS = (
    "red cloth",
    "blue cloth",
    "long sleeves",
    "round collar",
    "striped",
    "<b>dotted</b>",
    "shiny leather",
    "lace",
)
"""Concepts of pictures of clothes."""


def write_pictures(folder: Path, classes: int, train: int, test: int) -> Path:
    """A folder of pictures a hair's breadth apart from class to class, and three of eight concepts each."""
    rng = np.random.default_rng(classes)
    for number in range(classes):
        colour = rng.integers(0, 196, 3)
        for i in range(train + test):
            place = folder / ("train" if i < train else "test") / f"garment {number:03d}"
            place.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 60, (_SIDE, _SIDE, 3)) + colour
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{i}.png")
    listed = {f"garment {n:03d}": [_TEXTS[(n + k) % len(_TEXTS)] for k in range(3)] for n in range(classes)}
    (folder / "concepts.json").write_text(json.dumps(listed), encoding="utf-8")
    return folder


def trained(home: Path, config: Callable[..., RunConfig], classes: int, train: int, test: int) -> RunStore:
    """A store with a finished run of five tasks on such a folder."""
    pictures = write_pictures(home / "pictures", classes, train, test)
    store = RunStore(home)
    sets = {"dataset": "folder", "path": str(pictures), "increment": str(classes // 5)}
    run = store.create(config(epochs="2", search_epochs="1", **sets), "photographs")
    assert work(store, run).status == "finished"
    return store


def answer_all(store: RunStore) -> None:
    """Answer after its last task all that can be asked of a run, a kept edit of its model among it."""
    run = store.resolve("last")
    lab, analyses = Lab(store, run), Analyses(store)
    moment = lab.view.tasks_done - 1
    edit = to_mapping(SetWeight(lab.view.concept_metrics(moment).text[0], 0, 0.5))
    scenario = Scenarios(store).save(run, moment, "an edit", [edit], "")
    settings = CHEAP | {"replay": {"scenario": scenario.id}}
    for name in ANALYSES:
        question = Question(run, moment, name, settings.get(name, {}))
        try:
            result = answer(lab, question)
        except NotApplicable:  # it needs drawn birds, or the truth of concepts
            continue
        kept = Question(run, moment, name, {} if name == "random_words" else question.settings)
        analyses.keep(kept, result, 1.5)
