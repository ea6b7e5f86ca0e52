"""The same attack on the same images after every task: what the model withstands, and where its attention goes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis
from engine.attacks import warnings
from engine.attacks.base import ATTACKS
from engine.interventions.evidence import LABELLED
from engine.metrics.attention_shift import GUIDES, NAMES
from engine.metrics.robustness import SEED, matrices, strengths
from engine.params import param, parameters_of
from engine.records.answers import Returns
from engine.records.forms import flag, index, number, optional, share, text, whole
from engine.steps import Step, told
from engine.store.unfinished import Piece

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import numpy.typing as npt
    from torch import Tensor

    from engine.analyses.base import Answering
    from engine.analyses.under_attack import Picked
    from engine.array_types import Bools, Floats
    from engine.attacks.base import Attack, Look
    from engine.interventions.evidence import Evidence
    from engine.jobs.analyses import Result
    from engine.records.answers import Arrays, Sizes
    from engine.session.lab import Lab

_PIXELS = 50 * 96 * 96
"""Of all images attacked together: 50 of the shipped backbone's, 9 of 224 px, so that gradients fit into memory."""

_FORMAT = 2
"""Part of the names of pieces: when what is in them changes, older ones are not taken up again."""

Key = tuple[int, int, int]
"""A piece of the work: task, first image of the batch, index of the strength."""
Pieces = dict[Key, Piece]


@ANALYSES.register
@dataclass(frozen=True)
class Robustness(Analysis):
    """Robustness and attention over the run.

    After each task the model is attacked on the same test images of all classes learnt by then, untargeted, away from
    the true class, at every strength anew. An image that is wrong without an attack counts as wrong at every strength
    and is not attacked: it has no shift. One that was fooled at any step is wrong; shifts and scores are those of the
    last step, so that all images were pushed equally long. Maps of attention are patch tokens times a direction (Yu et
    al., TGA-ZSR, NeurIPS 2024), and what is measured is how far they move (`engine.metrics.attention_shift`). Images
    depend on the seed and the class only, and starting points on the seed and the image: two runs that differ in the
    backbone are attacked alike.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "eps": number("E", low=0.0, high=255.0, dtype="f4"),
            "rows": index("images", "N"),
            "labels": index("C", "N"),
            "task_of": index("T", "N"),
            "outcome": whole("F", "T", "N", low=-1, high=1, dtype="i1"),
            "accuracy": share("F", "T", "T", nan=True, dtype="f4"),
            "margin": optional(number("T", "N", nan=True, dtype="f4")),
            "guides": text(len(GUIDES), among=GUIDES, exact=True),
            "shift": number("E", "T", "N", len(GUIDES), len(NAMES), nan=True, dtype="f4"),
            "groups": text("R"),
            "group_shift": number("E", "T", "R", len(NAMES), nan=True, dtype="f4"),
            "concepts": text("concepts"),
            "flips": share("E", "concepts", nan=True, dtype="f4"),
            "moved": number("E", "concepts", low=0.0, nan=True, dtype="f4"),
            "flat": share("E", "T", dtype="f4"),
            "rising": flag("E", "T"),
        },
        free={"R": (0, 10_000), "concepts": (0, 100_000)},
    )

    attack: str = param("pgd", choices=ATTACKS.names, help="Who attacks.")
    eps: str = param("1,2,4,8", high=80, help="Strengths in 255ths of a pixel's range, ascending, with commas between.")
    steps: int = param(10, low=1, high=1000, unit="steps", help="Steps of every attack; FGSM has one.")
    per_class: int = param(2, low=1, high=200, unit="images", help="Test images of each class.")
    seed: int = param(SEED, low=0, high=2**31 - 1, help="Which images, and where attacks start.")
    to_the_end: bool = param(
        True,
        help="Push images on that are already fooled, so that shifts compare; without it accuracy comes sooner and "
        "nothing else is measured.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        strengths(self.eps)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the thresholds are measured on that concepts are switched across."""
        return (LABELLED,)

    def why_not(self, lab: Lab) -> str | None:
        """Any run can be attacked; without patch tokens there is no attention to move, and its arrays are NaN."""
        return None

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """The strengths that were asked for, one outcome more than those, and images class by class."""
        if not np.array_equal(arrays["eps"], np.array(strengths(self.eps), np.float32)):
            yield "eps: these are not the strengths that were asked for"
        if sizes["F"] != sizes["E"] + 1:
            yield f"outcome: it must have a part for each of {sizes['E']} strengths, and one without"
        if (np.diff(arrays["task_of"]) < 0).any() or (np.diff(arrays["labels"]) < 0).any():
            yield "labels: images must come class by class, in the order of learning"

    def run(self, lab: Lab, task: int) -> Answering:
        """Arrays, for E strengths, F with none before them, N images and R groups:

        rows of the split "test", labels their positions, task_of tasks of their classes.
        outcome: 1 right, 0 wrong, -1 not learnt yet; accuracy: `matrices` of it.
        margin: logit of the true class minus the largest other one, without an attack (below 0 the answer is wrong);
            NaN where the class is not learnt yet.
        guides, shift: of the map of the true class, guided by its name or by what the model has learnt for it; NaN
            where an image was not attacked, the backbone does not know the name's words, or keeps no patch tokens.
        groups, group_shift: of the row-guided maps of the concepts of a group that are true of the image, mean over
            such pairs; where the data do not say what is true, of those that the model calls present on the clean
            image. NaN where there is none.
        concepts, flips, moved: at the last task, share of attacked images on which a concept's score crossed its
            threshold, and its mean absolute change in standard deviations of the score over validation images.
        flat, rising: signs of masked gradients (`engine.attacks.warnings`): the highest share of images, over steps,
            whose gradient is exactly 0; and whether more steps raise the mean loss, True where there are too few to say
            or nothing was attacked.
        Without `to_the_end` shifts, flips and moves are NaN, and there are no signs (0, True).
        """
        from engine.analyses.under_attack import AttackedModel, ReadyBatch, picked

        images, kept = picked(lab, task, self.per_class, self.seed), lab.kept(self, task)
        plan = self._plan(images, task, max(1, _PIXELS // lab.image_size**2))
        pieces = {key: piece for key in plan if (piece := kept.get(f"{_FORMAT}: {key}")) is not None}
        missing = [key for key in plan if key not in pieces]
        progress = _Progress(self._rounds * sum(map(plan.__getitem__, missing)))
        yield progress.step("opening images")
        texts, groups = _texts(lab, task), _groups(lab, task)
        for t, of_task in groupby(missing, lambda key: key[0]):
            model = AttackedModel.of(lab, t, texts, groups)
            for first, of_batch in groupby(of_task, lambda key: key[1]):
                batch = slice(first, first + plan[t, first, 0])
                ready = ReadyBatch(model, images.rows[batch], images.labels[batch])
                for key in of_batch:
                    eps = strengths(self.eps)[key[2]]
                    looks = ready.attack(self._attack(eps), self.seed, self.to_the_end)
                    word = f"task {t + 1}, eps {eps:g}/255"
                    pieces[key] = yield from progress.watching(looks, self._rounds * plan[key], word)
                    kept.put(f"{_FORMAT}: {key}", pieces[key])
        concepts = [concept.text for concept in lab.snapshot(task).bank.concepts]
        found = _result(images, task + 1, strengths(self.eps), groups, pieces)
        return {**found, "concepts": np.array(concepts, np.str_)}

    @property
    def who(self) -> str:
        """Who attacks, and for how long: `PGD, 10 steps`."""
        return f"{ATTACKS.short(self.attack)}, {f'{self._rounds} steps' if self._rounds > 1 else 'one step'}"

    @property
    def _rounds(self) -> int:
        """Gradients an image may cost."""
        return self.steps if "steps" in _settings_of(self.attack) else 1

    def _attack(self, eps: float) -> Attack:
        given = {"eps": eps, "steps": self.steps}
        return ATTACKS.get(self.attack).from_mapping({k: given[k] for k in _settings_of(self.attack) if k in given})

    def _plan(self, images: Picked, task: int, batch: int) -> dict[Key, int]:
        """Every piece and how many images it has, task by task, batch by batch."""
        return {
            (t, first, e): min(batch, images.learnt(t) - first)
            for t in range(task + 1)
            for first in range(0, images.learnt(t), batch)
            for e in range(len(strengths(self.eps)))
        }


class _Progress:
    """Progress of all pieces, counted in gradients of one image."""

    def __init__(self, total: int) -> None:
        self._done, self._total = 0, total

    def step(self, word: str, more: float = 0.0) -> Step:
        """Where the work is, `more` being what is done of the piece in hand."""
        return Step(self._done + int(more), self._total, word)

    def watching(self, looks: Generator[Look, None, Piece], weight: int, word: str) -> Generator[Step, None, Piece]:
        """A piece of the work, its looks told as steps."""
        piece = yield from told(looks, lambda look: self.step(word, weight * look.step / look.steps))
        self._done += weight
        return piece


def _settings_of(attack: str) -> list[str]:
    return [declared.name for declared in parameters_of(ATTACKS.get(attack))]


def _texts(lab: Lab, task: int) -> Tensor:
    """Embeddings of the names of the classes learnt, [C, D]; NaN where the backbone does not know the words."""
    import torch

    from engine.session.aims import aim_of_class

    snapshot = lab.snapshot(task)
    found = [aim_of_class(lab, task, position).text for position in range(len(snapshot.class_ids))]
    unknown = torch.full((snapshot.bottleneck.shape[1],), torch.nan)
    return torch.stack([unknown if text is None else text for text in found])


def _groups(lab: Lab, task: int) -> tuple[str, ...]:
    """Groups of the bank's concepts, in the order in which they first come; none for rows that are classes."""
    return tuple(dict.fromkeys(concept.group for concept in lab.snapshot(task).bank.concepts if concept.group))


# -- put together ------------------------------------------------------------------------------------------------------


def _result(images: Picked, tasks: int, eps: tuple[float, ...], groups: tuple[str, ...], pieces: Pieces) -> Result:
    """What `Robustness.run` returns, but for the names of the concepts."""
    outcome = np.full((len(eps) + 1, tasks, len(images.rows)), -1, np.int8)
    margin = np.full((tasks, len(images.rows)), np.nan, np.float32)
    shift = np.full((len(eps), tasks, len(images.rows), len(GUIDES), len(NAMES)), np.nan, np.float32)
    for (t, first, e), piece in pieces.items():
        rows = slice(first, first + len(piece["right"]))
        outcome[0, t, rows], outcome[e + 1, t, rows] = piece["right"], piece["held"]
        margin[t, rows], shift[e, t, rows] = piece["margin"], piece["shift"]
    last = {key: piece for key, piece in pieces.items() if key[0] == tasks - 1}
    attacked = _sums(last, "count")[:, :, None]  # [E, 1, 1]
    flat, rising = _signs(pieces, len(eps), tasks)
    return {
        "eps": np.array(eps, np.float32),
        "rows": images.rows,
        "task_of": images.task_of,
        "labels": images.labels,
        "outcome": outcome,
        "accuracy": matrices(outcome, images.task_of).astype(np.float32),
        "margin": margin,
        "guides": np.array(GUIDES, np.str_),
        "shift": shift,
        "groups": np.array(groups, np.str_),
        "group_shift": _share(_sums(pieces, "group_shift"), _sums(pieces, "group_count")[..., None]),
        "flips": _share(_sums(last, "crossed"), attacked)[:, 0],
        "moved": _share(_sums(last, "moved"), attacked)[:, 0],
        "flat": flat,
        "rising": rising,
    }


def _signs(pieces: Pieces, strengths_: int, tasks: int) -> tuple[npt.NDArray[np.float32], Bools]:
    """Signs of masked gradients (flat, rising), [E, T] each."""
    flat, rising = np.zeros((strengths_, tasks), np.float32), np.ones((strengths_, tasks), np.bool_)
    for e, t in np.ndindex(strengths_, tasks):
        mine = [piece for key, piece in pieces.items() if key[::2] == (t, e) and piece["count"]]
        count = sum(int(piece["count"]) for piece in mine)
        if count:
            shares, losses = (np.sum([piece[name] for piece in mine], axis=0) / count for name in ("flat", "losses"))
            flat[e, t], rising[e, t] = warnings.flat(shares.tolist()).value, not warnings.rising(losses.tolist()).fired
    return flat, rising


def _sums(pieces: Pieces, name: str) -> Floats:
    """One array of the pieces, added up over batches, [E, T, ...]; T counts the tasks that the pieces are of."""
    tasks, strengths_ = (sorted({key[place] for key in pieces}) for place in (0, 2))
    cells = [[[p[name] for key, p in pieces.items() if key[::2] == (t, e)] for t in tasks] for e in strengths_]
    return np.array([[np.sum(cell, axis=0) for cell in row] for row in cells], np.float64)


def _share(part: Floats, whole: Floats) -> npt.NDArray[np.float32]:
    """part / whole, NaN where there is nothing of it."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan).astype(np.float32)
