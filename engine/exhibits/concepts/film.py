"""A concept's heat map on a few images after every task, and why the task that broke it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.exhibits.concepts.story import Story
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.explain.history import Break
from engine.figures.heat import data_address, overlay
from engine.figures.look import MINUS
from engine.figures.tables import Table, cell
from engine.figures.timeline import signed
from engine.metrics.concepts import concept_auc
from engine.metrics.wording import points

if TYPE_CHECKING:
    from engine.session.lab import Lab


SPLIT = "test"
SIZE = 156
"""Pixels of a picture."""
_PLACES = ((0.8, "in the same place as"), (0.5, "nearly in the same place as"), (-np.inf, "in another place than"))
"""Agreement of two maps from which they are called so."""

FILM = kind(
    "concept-film",
    "concepts",
    Lesson(
        what="Where the model sees one concept on a picture, after every task. Blue speaks for the concept, orange "
        "against it. The first map is made with the words alone and never changes; the others follow the direction "
        "that the model has learnt by then.",
        why="A concept can keep its name and its score and still move to another part of the picture. The film shows "
        "the moment when that happens.",
        reading="Good: the blue stays on the same thing from task to task. Bad: it spreads over the picture "
        "or wanders to the background. The number below is the score: how strongly the concept is seen. The headline "
        "compares the first learnt map with the last: 1 is the same place.",
        caveats="Every map has a scale of its own, so colours of two maps cannot be compared, only places. Scores of "
        "two tasks cannot be compared either: directions grow as they are learnt. A map has a few patches a side, so "
        "its edges are soft. Few pictures prove nothing; choose others and look again.",
    ),
    ("heat_map",),
)


@dataclass(frozen=True)
class Reel:
    """One image through the tasks.

    Attributes:
        row: of the test split.
        name: of its class; any text.
        plain: the picture, as a data address.
        words: the heat map by the concept's words, and the score.
        frames: heat map and score after each task that knows the concept.
        agreement: correlation, over the patches, of the first learnt map and the last, -1..1; NaN for less than two.
    """

    row: int
    name: str
    plain: str
    words: tuple[str, float]
    frames: list[tuple[str, float]]
    agreement: float


def strongest(lab: Lab, concept: int, done: int, count: int) -> list[int]:
    """Rows of the test images on which the concept scores highest after the last of `done` tasks."""
    sample = lab.sample(SPLIT, done - 1)
    scores = (sample.features @ lab.snapshot(done - 1).bottleneck[concept]).numpy()
    return [int(row) for row in sample.rows[np.argsort(-scores, kind="stable")[:count]]]


def reels(lab: Lab, rows: Sequence[int], concept: int, done: int) -> list[Reel]:
    """Look at some images with every model up to the last of `done` tasks.

    Each map has a scale of its own: directions grow with the tasks, and where a concept is seen is the question.

    Raises:
        NotApplicable: the backbone keeps no patch tokens.
    """
    import torch

    from engine.explain.maps import concept_maps

    last = lab.snapshot(done - 1)
    first = last.bank.concepts[concept].task
    directions = [lab.snapshot(t).bottleneck[concept] for t in range(first, done)]
    both = torch.stack([last.bank.embeddings[concept], *directions])  # [1 + tasks, D]
    images = lab.dataset.splits[SPLIT]
    pixels = lab.pixels(SPLIT, rows)
    if lab.changes_backbone:  # each direction with the backbone of its task
        looks = [(row[None], t) for row, t in zip(both, (done - 1, *range(first, done)), strict=True)]
        seen = [(concept_maps(lab.patches(pixels, t), row), lab.embed(pixels, t) @ row.T) for row, t in looks]
        maps, scores = (torch.cat(parts, dim=1).numpy() for parts in zip(*seen, strict=True))
    else:
        maps = concept_maps(lab.patches(pixels), both).numpy()  # [n, 1 + tasks, g, g]
        scores = (lab.embed(pixels) @ both.T).numpy()  # [n, 1 + tasks]
    names = lab.dataset.class_names
    found = []
    for row, image, heats, each in zip(rows, images.images(np.array(rows, np.int64), SIZE), maps, scores, strict=True):
        drawn = [(data_address(overlay(image, h)), float(s)) for h, s in zip(heats, each, strict=True)]
        alike = _correlation(heats[1], heats[-1]) if len(heats) > 2 else float("nan")
        found.append(Reel(row, names[images.labels[row]], data_address(image), drawn[0], drawn[1:], alike))
    return found


def film(story: Story, found: Sequence[Reel], new_backbone: bool, taught: str = "") -> Exhibit:
    """The reels one after another.

    Args:
        new_backbone: whether every task has a backbone of its own.
        taught: what has to be said of maps of this backbone (`engine.backbone.presets.taught_parts`), or nothing.
    """
    return Exhibit(
        FILM,
        _told(story, found),
        _caption(story, new_backbone) + (f". {taught}" if taught else ""),
        tuple(plate for reel in found for plate in _plates(story, reel)),
        lambda: _table(story, found),
    )


def why(broke: Break, kept: float, new_backbone: bool = False) -> str:
    """The fall shared out, exactly: what the turn of its direction cost, and what the new classes' pictures did.

    Args:
        kept: AUC of the direction before the task on the pictures after it (`kept_auc`).
        new_backbone: whether the task changed how pictures are seen, too.
    """
    pictures = "the new classes' pictures and the hardened backbone" if new_backbone else "the new classes' pictures"
    turned, new = 100 * (kept - broke.after), 100 * (broke.before - kept)
    said = {True: "cost {:.1f} points", False: "gave {:.1f} points back"}
    one = said[turned >= 0].format(abs(turned))
    other = said[new >= 0].format(abs(new))
    return (
        f"Why it fell by {points(broke.fall, 1)} at task {broke.task + 1}: the turn of its direction {one}, "
        f"and {pictures}, judged by the old direction, {other}."
    )


def kept_auc(lab: Lab, concept: int, split: str, task: int) -> float:
    """AUC of the direction before a task on the test images after it."""
    sample, bank = lab.sample(split, task), lab.snapshot(task - 1).bank
    truth, _ = lab.truth(split, sample.rows, bank.select([concept]))
    scores = (sample.features @ lab.snapshot(task - 1).bottleneck[concept]).numpy()
    return float(concept_auc(scores[:, None], truth)[0])


def _plates(story: Story, reel: Reel) -> list[Plate]:
    words = Plate(reel.words[0], "by its words", f"{reel.name}, score {signed(reel.words[1])}")
    frames = [
        Plate(picture, f"after task {task}", f"score {signed(score)}")
        for task, (picture, score) in enumerate(reel.frames, story.born + 1)
    ]
    return [Plate(reel.plain, reel.name, "the picture"), words, *frames]


def _told(story: Story, found: Sequence[Reel]) -> str:
    """Whether it is still seen where it was seen at first."""
    alike = [reel.agreement for reel in found if np.isfinite(reel.agreement)]
    if not alike:
        return f"Where “{story.text}” is seen, task by task"
    mean = float(np.mean(alike))
    where = next(words for least, words in _PLACES if mean >= least)
    number = f"{mean:.2f}".replace("-", MINUS)
    return f"“{story.text}” is now seen {where} at first: its maps agree by {number}"


def _correlation(one: Floats, other: Floats) -> float:
    """Pearson's, over all patches; NaN where a map is flat."""
    a, b = (np.asarray(values, np.float64).ravel() - np.mean(values) for values in (one, other))
    sizes = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / sizes if sizes else float("nan")


def _caption(story: Story, new_backbone: bool) -> str:
    each = f"Where “{story.text}” is seen: blue speaks for it, orange against, each map on a scale of its own"
    if new_backbone:
        return (
            f"{each}; below it the score. Each is of the direction and the backbone after that task; the map by its "
            "words is of the newest backbone"
        )
    return (
        f"{each}; below it the score. The map by its words never changes, the others follow the direction learnt so far"
    )


def _table(story: Story, found: Sequence[Reel]) -> Table:
    table: Table = {
        "image": [f"{SPLIT}:{reel.row}" for reel in found],
        "class": [reel.name for reel in found],
        "score by its words": [cell(reel.words[1]) for reel in found],
    }
    for number in range(len(found[0].frames) if found else 0):
        table[f"after task {story.born + number + 1}"] = [cell(reel.frames[number][1]) for reel in found]
    return table
