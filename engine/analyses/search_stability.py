"""What the concept search chooses, and whether it would choose it again.

The search trains a gate from a random start and takes the candidates nearest to its rows. Another start takes others.
How many it keeps says how much a reader may make of a concept being in the bank, and the share of wrong, useless and
non-visual texts among the chosen says whether the search tells good texts from bad at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Bools, Ints
from engine.data.streams import TRAIN, Task
from engine.errors import NotApplicable
from engine.methods.base import METHODS, TaskData
from engine.methods.choosing import ConceptMethod
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import flag, index, text, whole
from engine.steps import Step, finish

if TYPE_CHECKING:
    from engine.concepts.bank import Concept
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

SEEDS = 20
"""How many search at most."""
HOLDS = 0.2
"""A text is true of the class it is listed for if so many of the class's training images show it: fewer than any of a
species' plumages has, more than individual variation makes."""
TRUE, WRONG, UNKNOWN = "true", "wrong", "not known"
NOTHING = ("useless", "non-visual")
"""Groups of candidates that say nothing that could be seen, as the data declare them."""


@ANALYSES.register
@dataclass(frozen=True)
class SearchStability(Analysis):
    """The concept search with other seeds.

    Repeats the run's search for every task, with the same images, the same candidates and the same concepts before it;
    only its seed differs (initial weights of the gate, and batches). The first seed is the run's own and chooses what
    the run has.

    Result:
        seeds, chosen: the run's own first; which seed chooses which candidate of all tasks up to the one asked for.
        text, task: of each candidate.
        kind: `true` or `wrong` of the class it is listed for (by the training images), `useless` or `non-visual` as the
            data declare it, or `not known`.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "seeds": whole("searches"),
            "chosen": flag("searches", "candidates"),
            "text": text("candidates"),
            "task": index("T", "candidates"),
            "kind": text("candidates", among=(TRUE, WRONG, *NOTHING, UNKNOWN)),
        },
        free={"searches": (2, SEEDS)},
    )

    seeds: int = param(5, low=2, high=SEEDS, unit="seeds", help="How many seeds search, the run's own among them.")

    def why_not(self, lab: Lab) -> str | None:
        """Needs a search."""
        method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)
        if not isinstance(method, ConceptMethod):
            return "its method learns no concepts, so nothing is searched"
        return "its method keeps all candidates, so nothing is searched" if method.search == "none" else None

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """Task by task, and every seed once."""
        if (np.diff(arrays["task"]) < 0).any():
            yield "task: candidates must come task by task"
        if len(set(arrays["seeds"].tolist())) != sizes["searches"]:
            yield "seeds: one is there twice"

    def run(self, lab: Lab, task: int) -> Answering:
        """Search every task anew.

        Raises:
            NotApplicable: a task lists no text that is new to the run.
        """
        seeds = [lab.config.seed + step for step in range(self.seeds)]
        method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)
        assert isinstance(method, ConceptMethod)  # see why_not
        searched = [_data(lab, method, each) for each in lab.stream.tasks[: task + 1]]  # before the first long search
        found: list[list[Bools]] = [[] for _ in seeds]
        texts: list[Concept] = []
        for number, data in enumerate(searched):
            texts += data.candidates.concepts
            for at, seed in enumerate(seeds):
                yield Step(number * len(seeds) + at, len(searched) * len(seeds), f"task {number + 1}, seed {seed}")
                bank = finish(method.choose(dataclasses.replace(data, seed=seed)))
                kept = {concept.text for concept in bank.concepts}
                found[at].append(np.array([concept.text in kept for concept in data.candidates.concepts], np.bool_))
        return {
            "seeds": np.array(seeds, np.int64),
            "chosen": np.stack([np.concatenate(each) for each in found]),
            "text": np.array([concept.text for concept in texts], np.str_),
            "task": np.array([concept.task for concept in texts], np.int64),
            "kind": np.array(kinds(lab, texts), np.str_),
        }


def kinds(lab: Lab, concepts: list[Concept]) -> list[str]:
    """Whether each text is true of the class it is listed for, wrong, says nothing, or nobody knows."""
    split = lab.dataset.splits[TRAIN]
    return [_kind(concept, split.truth, split.labels) for concept in concepts]


def _kind(concept: Concept, truth: Bools | None, labels: Ints) -> str:
    if concept.group in NOTHING:
        return concept.group
    if truth is None or concept.truth is None:
        return UNKNOWN
    return TRUE if truth[labels == concept.class_id, concept.truth].mean() >= HOLDS else WRONG


def _data(lab: Lab, method: ConceptMethod, task: Task) -> TaskData:
    """What the run's search had at a task, each text once and only those that were new.

    Raises:
        NotApplicable: none was.
    """
    from engine.analyses.relearning import task_data
    from engine.session.listed import candidates

    previous: Snapshot | None = lab.snapshot(task.id - 1) if task.id else None
    data = task_data(lab, method, task, candidates(lab, task), previous)
    free = method.free_candidates(data)
    if not len(free):
        raise NotApplicable(
            f"the search of task {task.id + 1}",
            "every text listed for its classes is in the bank already, from earlier tasks, so nothing was searched",
            f"Ask after task {task.id}, or train with more texts a class, or with share_concepts off",
        )
    return dataclasses.replace(data, candidates=free)
