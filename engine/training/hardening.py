"""The adversarial pass over a task's training images, before it is learnt: one tower a task, each from the one before.

The texts are the names of the task's classes, told apart among each other, and the candidate concepts of the task,
group by group. Which candidate of a group an image shows is not given in training, so it is what the run's starting
backbone says of the clean image: the pass asks that an attacked image keeps that answer. Neither validation nor test
images nor other tasks' are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Ints
from engine.backbone.clip import Backbone
from engine.backbone.denial import denied
from engine.data.dataset import ConceptCandidate, Dataset, Images
from engine.data.streams import TRAIN, Task
from engine.defences.base import DEFENCES, Defence
from engine.defences.hardening import harden
from engine.files import store_error
from engine.rng import numpy_stream
from engine.runs.config import RunConfig
from engine.runs.task_backbones import publish, tower, unfinished
from engine.steps import told
from engine.training.embedder import Embedder
from engine.training.material import Gatherer
from engine.training.task_embedders import TaskEmbedders

_BLOCK = 64  # images drawn between two looks at whether the run shall go on
_SEEDS = 2**31

Passing = Generator[int, None, None]
"""Yields how many steps are done."""


@dataclass(frozen=True, slots=True)
class TaskLessons:
    """What one pass is done on; see `engine.defences.base.Lessons`.

    Attributes:
        images: uint8 [N, S, S, 3], the task's training images.
        codes: [N, A]: which class, and of each group of candidates the text it shows.
        sizes: number of texts of each of the A groups.
        texts: all of them, group by group.
    """

    images: Images
    codes: Ints
    sizes: tuple[int, ...]
    texts: tuple[str, ...]

    def wordings(self, rng: np.random.Generator) -> list[str]:
        """The texts; always the same."""
        return list(self.texts)


def defence_of(config: RunConfig, task: int) -> Defence:
    """The defence with the run's steps and a seed of the task's own."""
    seed = int(numpy_stream(config.seed, "hardening", task).integers(_SEEDS))
    return DEFENCES.get(config.hardening)(steps=config.hardening_steps, seed=seed)


def why_not(config: RunConfig, backbone: Backbone, prompts: Sequence[str], alone: bool = False) -> str | None:
    """Why the run's backbone cannot be hardened with the names of its classes, or None; `alone` as `lonely` says."""
    defence = DEFENCES.get(config.hardening)
    if alone:
        return "a task has one class only and no candidate concepts, so a pass has no texts to tell apart"
    unknown = sorted(backbone.unknown_words(prompts))
    if unknown:
        return f"a pass needs the names of the classes, and the backbone was never trained on {', '.join(unknown[:8])}"
    if defence.needs_maps and not backbone.has_patches:
        return "it holds attention, and the backbone keeps no patch tokens in the joint space"
    if defence.needs_denials and any(denied(prompt, backbone.unknown_words) is None for prompt in prompts):
        return "it looks at denied texts, and the backbone knows no word to deny a text with"
    return None


def lonely(tasks: Sequence[Task], usable: Callable[[int], Sequence[ConceptCandidate]]) -> bool:
    """Whether a task has but one class and no candidates, so that a pass over it had no texts to tell apart."""
    return any(
        len(task.class_ids) == 1 and not groups_of([c for i in task.class_ids for c in usable(i)]) for task in tasks
    )


def harden_for(
    config: RunConfig, dataset: Dataset, task: Task, gatherer: Gatherer, embedders: TaskEmbedders
) -> Passing:
    """Make the tower that holds after a task, if it is not there yet. Closing the generator leaves nothing usable.

    Raises:
        NotApplicable, BadInput: the backbone cannot be hardened on these texts.
        StoreError: the tower cannot be written.
    """
    if tower(embedders.folder, task.id).exists():  # made before a worker was killed
        return
    lessons = yield from lessons_of(dataset, task, gatherer, embedders.first)
    before = embedders.after(task.id - 1).backbone
    folder = unfinished(embedders.folder, task.id)
    working = harden(defence_of(config, task.id), lessons, before, folder, embedders.first.backbone, report_every=1)
    try:
        for step in working:
            yield step.step
        publish(embedders.folder, task.id)
    except OSError as error:
        raise store_error(folder, error) from error
    finally:
        working.close()


def lessons_of(dataset: Dataset, task: Task, gatherer: Gatherer, first: Embedder) -> Generator[int, None, TaskLessons]:
    """The lessons of a task; yields 0 now and then.

    Args:
        first: the run's starting backbone, which says what the images show.
    """
    names = tuple(gatherer.prompts(task.class_ids))
    groups = [names, *groups_of([c for class_id in task.class_ids for c in gatherer.usable(class_id)])]
    looked = yield from told(first.images({TRAIN: np.sort(task.train)}), lambda _: 0)
    features = looked[TRAIN].numpy()[np.argsort(np.argsort(task.train))]  # [N, D]
    shown = [(features @ first.texts(texts).T).argmax(1) for texts in groups[1:]]
    split = dataset.splits[TRAIN]
    own = np.array([task.class_ids.index(int(c)) for c in split.labels[task.train]], np.int64)
    drawn = []
    for start in range(0, len(task.train), _BLOCK):
        yield 0
        drawn.append(split.images(task.train[start : start + _BLOCK], first.image_size))
    codes = np.stack([own, *shown], axis=1).astype(np.int64)  # [N, A]
    texts = tuple(text for group in groups for text in group)
    return TaskLessons(np.concatenate(drawn), codes, tuple(map(len, groups)), texts)


def groups_of(candidates: Sequence[ConceptCandidate]) -> list[tuple[str, ...]]:
    """The texts of each group, without repetition; a group of one text has nothing to tell apart."""
    found: dict[str, dict[str, None]] = {}
    for candidate in candidates:
        found.setdefault(candidate.group, {})[candidate.text] = None
    return [tuple(texts) for texts in found.values() if len(texts) > 1]
