"""A few images and one model, before and after an attack: what is counted over a run by the analysis `robustness`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.analyses.intervention_setup import levels_of
from engine.array_types import Bools, Floats, Ints
from engine.attacks.base import Attack, Attacking, Look
from engine.attacks.objectives import Mislabel, margin
from engine.attacks.victim import Victim
from engine.backbone.grid import as_grid
from engine.data.streams import VAL
from engine.metrics.attention_shift import GUIDES, NAMES, shifts
from engine.rng import numpy_stream
from engine.session.lab import Lab
from engine.steps import told
from engine.store.unfinished import Piece

SPLIT = "test"
"""Where the images come from."""
_LEAST = 1e-12  # a score that never differs between images is moved by so many of its standard deviations: none


@dataclass(frozen=True, slots=True)
class Picked:
    """The images that are attacked, class by class in the order of learning.

    Attributes:
        rows: [N], of the split "test".
        labels: [N], positions of their classes in the order of learning.
        task_of: [N], tasks of their classes.
    """

    rows: Ints
    labels: Ints
    task_of: Ints

    def learnt(self, task: int) -> int:
        """How many of them, from the first, show classes learnt by the end of a task."""
        return int((self.task_of <= task).sum())


def picked(lab: Lab, task: int, per_class: int, seed: int) -> Picked:
    """Some test images of every class learnt by `task`; who asks for more keeps those of fewer.

    A class's images depend on the seed and the class alone: runs on the same data attack the same images.
    """
    split, rows, labels, task_of = lab.dataset.splits[SPLIT].labels, [], [], []
    for each in lab.stream.tasks[: task + 1]:
        mine = np.sort(each.tests[SPLIT])
        for class_id in each.class_ids:
            chosen = numpy_stream(seed, "robustness", class_id).permutation(mine[split[mine] == class_id])[:per_class]
            rows.append(chosen)
            labels += [lab.stream.class_order.index(class_id)] * len(chosen)
            task_of += [each.id] * len(chosen)
    return Picked(np.concatenate(rows), np.array(labels, np.int64), np.array(task_of, np.int64))


@dataclass(frozen=True, slots=True)
class AttackedModel:
    """One model and what is measured of it.

    Attributes:
        lab: the run.
        victim: the model after a task.
        texts: [C, D], embeddings of the names of all classes; NaN where the backbone does not know the words.
        groups: the groups of concepts that are told apart, R names.
        threshold, spread: [K], above which a score means that the concept is present, and the score's standard
            deviation, on validation images.
    """

    lab: Lab
    victim: Victim
    texts: Tensor
    groups: tuple[str, ...]
    threshold: Floats
    spread: Floats

    @staticmethod
    def of(lab: Lab, task: int, texts: Tensor, groups: tuple[str, ...]) -> AttackedModel:
        """The model after `task`."""
        scores = lab.snapshot(task).from_features(lab.sample(VAL, task).features).scores.double().numpy()
        return AttackedModel(lab, lab.victim(task), texts, groups, levels_of(lab, task).threshold, scores.std(0))

    def directions(self, labels: Tensor) -> Tensor:
        """What guides the maps of the true classes, [b, G, D]."""
        snapshot = self.victim.snapshot
        rows = F.normalize(snapshot.directions, dim=1)  # [C, D]
        return torch.stack([self.texts.to(rows)[labels], rows[labels]], dim=1)

    def look(self, images: Tensor) -> Outputs:
        """What the model and its patch tokens say of images."""
        backbone = self.victim.backbone
        with torch.inference_mode():
            embedding, patches = backbone.look(images) if backbone.has_patches else (backbone.embed(images), None)
            output = self.victim.snapshot.from_features(embedding)
        return Outputs(output.scores.double().cpu().numpy(), output.logits.cpu(), patches)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Concept scores [b, K], logits [b, C], and patch tokens [b, P, D] or None where the backbone keeps none."""

    scores: Floats
    logits: Tensor
    patches: Tensor | None

    @property
    def predicted(self) -> Ints:
        """Positions of the classes that are said, [b]."""
        return np.asarray(self.logits.argmax(1).numpy(), np.int64)

    def margin(self, labels: Ints) -> Floats:
        """Logit of the true class minus the largest other one, [b]; below 0 the answer is wrong."""
        return np.asarray(margin(self.logits.double(), torch.from_numpy(labels)).numpy(), np.float64)

    def where(self, mask: Tensor) -> Outputs:
        """The images for which `mask` [b] holds."""
        kept = None if self.patches is None else self.patches[mask.to(self.patches.device)]
        return Outputs(self.scores[mask.numpy()], self.logits[mask], kept)


class ReadyBatch:
    """A batch of images before one model, ready to be attacked at several strengths.

    Only images that the model gets right are attacked. Shifts are measured only where each is pushed to the attack's
    last step, also after it was fooled: they compare images only if all were pushed equally long. (Stopped when fooled,
    those that fall first have been moved least, and attention seems to move where the model *holds*.)

    Args:
        model: the model.
        rows: [b], of the split "test".
        labels: [b], positions of the true classes, all learnt.
    """

    def __init__(self, model: AttackedModel, rows: Ints, labels: Ints) -> None:
        images = model.lab.tensor(model.lab.pixels(SPLIT, rows))
        seen = model.look(images)
        self.right: Bools = seen.predicted == labels
        self._margin = seen.margin(labels)
        chosen = torch.from_numpy(self.right)
        self._model, self._images, self._clean = model, images[chosen.to(images.device)], seen.where(chosen)
        self._labels = torch.from_numpy(labels)[chosen].to(images.device)
        self._directions = model.directions(self._labels)
        shown = _shown(model, rows[self.right], self._clean.scores)
        bank = model.victim.snapshot.bank.concepts
        group_of = np.array([model.groups.index(c.group) if c.group in model.groups else -1 for c in bank], np.int64)
        self._of_image, self._of_concept = np.nonzero(shown & (group_of >= 0))
        self._group_of_pair = group_of[self._of_concept]

    def attack(self, attack: Attack, seed: int, to_the_end: bool = True) -> Generator[Look, None, Piece]:
        """Attack the images, untargeted, and measure what that did.

        Args:
            to_the_end: push on what is fooled; else only who was fooled is measured.

        Returns:
            Arrays over the batch: `right` and `held` bool [b], right before and after; `margin` [b], before the attack;
            `shift` [b, G, 5], NaN for images not attacked. Sums over the attacked images, of which there are `count`:
            `group_shift` [R, 5] over `group_count` [R] pairs of an image and a concept of it; `crossed` and `moved`
            [K]; and after every step `flat` (images without a gradient) and `losses`, one step of zeros if nothing was
            pushed to the end.
        """
        diary, held, last = _Diary(), self.right.copy(), self._images
        if held.any():
            looks = attack.run(self._model.victim, self._images, Mislabel(self._labels), seed, whole=to_the_end)
            last, won = yield from diary.keep(looks)
            held[self.right] = ~won.cpu().numpy()
        told = to_the_end and bool(diary.flat)  # stopped when all are fooled, batches end at different steps
        return {
            "right": self.right,
            "held": held,
            "margin": self._margin,
            "count": np.array(len(self._labels), np.int64),
            **self._nothing(),
            **(self._measured(self._model.look(last)) if told else {}),
            "flat": np.array(diary.flat if told else [0.0], np.float64),
            "losses": np.array(diary.losses if told else [0.0], np.float64),
        }

    def _nothing(self) -> Piece:
        """The measures where nothing was measured."""
        size = len(self._model.groups)
        unknown = np.full(len(self._model.threshold), np.nan if len(self._labels) else 0.0)
        return {
            "shift": np.full((len(self.right), len(GUIDES), len(NAMES)), np.nan),
            "group_shift": np.zeros((size, len(NAMES))),
            "group_count": np.zeros(size, np.int64),
            "crossed": unknown,
            "moved": unknown,
        }

    def _measured(self, after: Outputs) -> Piece:
        """What changed from the clean images; of maps only where the backbone has patch tokens."""
        model, found = self._model, self._nothing()
        found["crossed"] = ((self._clean.scores > model.threshold) != (after.scores > model.threshold)).sum(0)
        change = np.abs(after.scores - self._clean.scores)
        found["moved"] = (change / np.where(model.spread > _LEAST, model.spread, np.inf)).sum(0)
        if self._clean.patches is not None and after.patches is not None:
            both, rows = (self._clean.patches, after.patches), model.victim.snapshot.bottleneck
            found["shift"][self.right] = shifts(*(_maps(patches, self._directions) for patches in both))
            moved = shifts(*(_maps_of(patches, rows, self._of_image, self._of_concept) for patches in both))
            np.add.at(found["group_shift"], self._group_of_pair, moved)
            np.add.at(found["group_count"], self._group_of_pair, 1)
        return found


class _Diary:
    """What an attack's looks say of masked gradients, step by step, as sums over the images.

    Attributes:
        flat: how many images not yet fooled had no gradient at all.
        losses: the attack's losses.
    """

    def __init__(self) -> None:
        self.flat: list[float] = []
        self.losses: list[float] = []

    def keep(self, looks: Attacking) -> Generator[Look, None, tuple[Tensor, Tensor]]:
        """The same looks, noted on their way; returns the images at the last step and which were ever fooled."""
        last: list[Look] = []

        def noted(look: Look) -> Look:
            self.flat.append(look.flat * float((~look.won).sum()))
            self.losses.append(float(look.loss.double().sum()))
            last[:] = [look]
            return look

        attacked = yield from told(looks, noted)
        return last[0].images if last else attacked.images, attacked.won


def _shown(model: AttackedModel, rows: Ints, scores: Floats) -> Bools:
    """Which concepts are true of images, [b, K]; where nobody knows, those that the model calls present."""
    truth, known = model.lab.truth(SPLIT, rows, model.victim.snapshot.bank)
    return np.where(known, truth, scores > model.threshold)


def _maps(patches: Tensor, directions: Tensor) -> Floats:
    """Maps [b, G, g, g] of directions [b, G, D], each image's own."""
    return _array(as_grid(directions @ patches.transpose(1, 2)))


def _maps_of(patches: Tensor, rows: Tensor, images: Ints, concepts: Ints) -> Floats:
    """Maps [n, g, g] of pairs of an image and one of the directions `rows` [K, D]."""
    scores = rows @ patches.transpose(1, 2)  # [b, K, P]
    return _array(as_grid(scores[torch.from_numpy(images), torch.from_numpy(concepts)]))


def _array(tensor: Tensor) -> Floats:
    return np.asarray(tensor.double().cpu().numpy(), np.float64)
