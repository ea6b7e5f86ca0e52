"""The runs of `bench photos`: trained once, attacked once, and found again by a bench that goes on.

They lie in one store, so that all of them share the cache of embeddings: `PLUMAGE_HOME/bench/photos/DIGEST`, where the
digest is of the source that decides a result. What another source made is removed.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.analyses.performing import perform
from engine.array_types import Bools
from engine.attacks.pgd import PGD
from engine.backbone.clip import load_backbone
from engine.backbone.photo_clip import classifier, make
from engine.backbone.presets import LOCAL, WEIGHTS_FILE
from engine.bench._robustness_runs import source_digest
from engine.bench.photoclip import DATA, FOLDERS, PROMPT, look
from engine.data.folder import open_folder
from engine.errors import NotApplicable
from engine.home import backbones_folder, home
from engine.jobs.analyses import Question, Result
from engine.jobs.training import work
from engine.params import Value
from engine.records.arrays import Array
from engine.records.identity import code_version
from engine.runs.catalog import catalog
from engine.runs.config import RunConfig, configure
from engine.session.lab import Lab
from engine.steps import finish
from engine.store.store import RunStore
from engine.store.unfinished import Piece, Pieces

if TYPE_CHECKING:
    from engine.analyses.under_attack import Picked

NAMES: Mapping[str, str] = {"clothing": "clothing", "cifar10": "photos"}
"""Data sets, and the folders of `DATA` that they lie in."""
EPS = (1.0, 4.0)
"""Strengths in 255ths of a pixel's range."""
STEPS, PER_CLASS, ATTACK_SEED = 20, 5, 1993
"""Of PGD: steps at most, as an image that is fooled is left alone; test images of each class; which, and its starts."""
_ANALYSES = ("analyses/random_words.py", "analyses/random_banks.py", "analyses/relearning.py", "bench/_photos_runs.py")
_MODEL = "photo-clip"
_AT_ONCE = 10  # images that are attacked together


@dataclass(frozen=True)
class Photos:
    """Everything that is kept, and made where it is not there yet.

    Attributes:
        seeds: of the runs.
        store: where they are.
        open: runs that were reopened, by id: each looks at every picture once.
    """

    seeds: tuple[int, ...]
    store: RunStore
    open: dict[str, Lab] = field(default_factory=dict)

    @staticmethod
    def opened(seeds: Sequence[int]) -> Photos:
        """What this source has made so far; what another one made is removed.

        Raises:
            NotApplicable: the photographs are not on this machine.
            MissingWeights: the packages of the photo tower are not.
        """
        missing = [str(DATA / name) for name in FOLDERS if not (DATA / name).is_dir()]
        if missing:
            raise NotApplicable("bench photos", f"no photographs at {', '.join(missing)}", "Put them there")
        classifier()  # else it would be noticed only after something was removed
        root, name = home() / "bench" / "photos", made_by()
        for other in root.iterdir() if root.is_dir() else ():
            if other.name != name:
                shutil.rmtree(other)
        (root / name).mkdir(parents=True, exist_ok=True)
        return Photos(tuple(seeds), RunStore(root / name))

    @cached_property
    def backbone(self) -> str:
        """The photo tower."""
        folder = backbones_folder(self.store.home) / _MODEL
        if not (folder / WEIGHTS_FILE).is_file():  # weights come last
            finish(make(folder))
        return f"{LOCAL}{folder}"

    def configured(self, dataset: str, method: str, seed: int) -> RunConfig:
        """Five tasks of two classes, whose order the seed draws too; concepts are of the built-in vocabulary."""
        sets = {
            "data": f"dir:{DATA / NAMES[dataset]}",
            "increment": "2",
            "order": "seed",
            "order_seed": str(seed),
            "concepts": "vocabulary",
            "prompt": PROMPT,
            "backbone": self.backbone,
        }
        return configure(None, sets, method=method, seed=seed)

    def labs(self, dataset: str, method: str) -> list[Lab]:
        """The finished run of every seed."""
        return [self.trained(self.configured(dataset, method, seed)) for seed in self.seeds]

    def trained(self, config: RunConfig) -> Lab:
        """The finished run of a config, or what is left of it trained here.

        Raises:
            NotApplicable: it failed; the message says why.
        """
        wanted = config.to_mapping()
        found = next((run.id for run in self.store.runs() if run.config == wanted), None)
        run_id = found or self.store.create(config)
        if self.store.status(run_id) != "finished":
            began = time.monotonic()
            outcome = work(self.store, run_id)
            if outcome.status != "finished":
                name = f"{config.method} of seed {config.seed} on {config.data}"
                raise NotApplicable(name, outcome.message or outcome.status, "Run the bench again, or it by hand")
            told(f"{config.method}, seed {config.seed}, trained in {time.monotonic() - began:.0f} s")
        if run_id not in self.open:
            self.open[run_id] = Lab(self.store, run_id)
        return self.open[run_id]

    def answered(self, lab: Lab, name: str, settings: Mapping[str, Value]) -> Result:
        """The answer of an analysis after the last task, stored or computed here."""
        return perform(self.store, Question(lab.view.id, last_of(lab), name, settings))

    def raw(self, dataset: str) -> Mapping[str, Array]:
        """The image tower's own features of a folder by split, [N, 1280], before any map."""
        kept = Pieces(self.store.home / "features")
        found: Piece | None = kept.get(dataset)
        if found is None:
            backbone, classes = load_backbone(self.backbone), classifier()
            splits = open_folder(DATA / NAMES[dataset]).splits
            found = {split: look(backbone, classes, images).features for split, images in splits.items()}
            kept.put(dataset, found)
        return found


def made_by() -> str:
    """Short digest of all that decides a result, that which training holds an unfinished run against among it."""
    return hashlib.sha256(f"{code_version()}, {source_digest(*_ANALYSES)}".encode()).hexdigest()[:16]


def last_of(lab: Lab) -> int:
    """The run's last task."""
    return lab.view.tasks_done - 1


def held(lab: Lab) -> Mapping[str, Bools]:
    """Which of the attacked images the model after the last task gets right, [N]: `clean`, and `eps1`, ... after PGD.

    The images depend on the data alone, so all methods and seeds are attacked on the same ones.
    """
    from engine.analyses.under_attack import picked

    task, found = last_of(lab), dict[str, Bools]()
    images = picked(lab, task, PER_CLASS, ATTACK_SEED)
    for eps in EPS:
        attack, name = PGD(eps=eps, steps=STEPS), f"{PER_CLASS} a class"
        kept = lab.kept(attack, task)
        if (piece := kept.get(name)) is None:
            piece = _attacked(lab, attack, images)
            kept.put(name, piece)
        found |= {"clean": piece["right"], f"eps{eps:g}": piece["held"]}
    return found


def _attacked(lab: Lab, attack: PGD, images: Picked) -> Piece:
    """Whether each image is right before and after, a few at a time: gradients take much memory."""
    from engine.analyses.under_attack import AttackedModel, ReadyBatch

    names = lab.texts([lab.dataset.class_names[c] for c in lab.stream.class_order])
    model, parts = AttackedModel.of(lab, last_of(lab), names, ()), []
    for first in range(0, len(images.rows), _AT_ONCE):
        batch = slice(first, first + _AT_ONCE)
        ready = ReadyBatch(model, images.rows[batch], images.labels[batch])
        parts.append(finish(ready.attack(attack, ATTACK_SEED, to_the_end=False)))
    return {name: np.concatenate([part[name] for part in parts]) for name in ("right", "held")}


def methods() -> list[str]:
    """All methods of this project."""
    return sorted(catalog())


def told(words: str) -> None:
    """Say on stderr how far the bench is."""
    print(f"photos: {words}", file=sys.stderr, flush=True)
