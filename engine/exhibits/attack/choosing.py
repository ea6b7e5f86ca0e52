"""Which picture to attack where nobody has chosen one: one on which the attack has something to show, by a rule."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats
from engine.errors import PlumageError
from engine.exhibits.attack.aims import possible, sought
from engine.exhibits.attack.attempt import Attempt, label_of
from engine.exhibits.case import Case
from engine.exhibits.subjects import look
from engine.figures.attack import evenly
from engine.figures.attack_words import STILL
from engine.metrics.attention_shift import NAMES, shifts
from engine.session.facts import RunFacts, once
from engine.steps import finish

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Look
    from engine.session.lab import Lab

_TRIED = 12
"""Pictures that are attacked in search of one, all in one batch: about half a second with the shipped backbone."""
_DISPLACEMENT = NAMES.index("displacement")
MOVED, STAYS, TURNED, HELD = "moved", "stays", "turned", "held"
"""What is shown: attention moves; the answer turns and attention stays; it turns, and there is no map; it holds."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The picture to begin with.

    Attributes:
        ref: its name, as `engine.session.subjects` reads it.
        why: why this one, as the end of a sentence that goes on after “because”; empty where none could be attacked.
    """

    ref: str
    why: str


def first(lab: Lab, moment: int, class_id: int | None = None) -> Choice:
    """As `seeking`, without a pause."""
    return finish(seeking(lab, moment, class_id))


def seeking(lab: Lab, moment: int, class_id: int | None = None) -> Generator[Look, None, Choice]:
    """The picture to begin with; yields every look of the search, so that its progress can be shown.

    Twelve test images of the first task that the model gets right, evenly spaced by how sure it is, are attacked with
    the page's default attack. Of those that are turned it is the one whose attention moves furthest; where it moves on
    none (less than a quarter of a patch), the one that the model was surest of; where none is turned, the one that
    comes nearest to it. The same run, moment and class give the same picture.

    Args:
        class_id: look among images of this class, whichever its task.
    """
    rows = right(lab, moment, class_id, of_first_task=class_id is None)
    cases = [look(lab, moment, f"test:{rows[i]}") for i in evenly(len(rows) - 1, _TRIED)]
    try:
        fooled, moved, margins = yield from _attacked(cases)
    except PlumageError:  # an attack that is not possible here says so where the picture is shown
        return Choice(cases[len(cases) // 2].subject.ref, "")
    at, kind = best(fooled, moved, margins)
    return Choice(cases[at].subject.ref, _why(kind, int(fooled.sum()), cases))


@once
def chosen(facts: RunFacts) -> Choice:
    """The picture to begin with in a report or a story."""
    return first(facts.lab, facts.moment)


def best(fooled: Bools, moved: Floats, margins: Floats) -> tuple[int, str]:
    """Which of the attacked pictures to show, and what it shows.

    Args:
        fooled: [N], whether the attack turned the answer.
        moved: [N], how far attention moved, in patches; NaN where that is not known.
        margins: [2, N], lead of the true class before the attack and at its end, in logits.
    """
    if not fooled.any():
        return int(margins[1].argmin()), HELD
    far = np.where(fooled, np.nan_to_num(moved, nan=-1.0), -1.0)
    if far.max() >= STILL:
        return int(far.argmax()), MOVED
    surest = int(np.where(fooled, margins[0], -np.inf).argmax())
    return surest, TURNED if far.max() < 0 else STAYS


def right(lab: Lab, moment: int, class_id: int | None = None, of_first_task: bool = False) -> list[int]:
    """Rows of test images that the model gets right, by their margin; all, where it gets none.

    Args:
        of_first_task: only those whose class every model of the run knows.
    """
    sample = lab.sample("test", moment)
    labels = sample.labels.numpy()
    kept = lab.predicted("test", moment) == labels
    if class_id is not None:
        own = labels == lab.stream.class_order.index(class_id)
        kept = kept & own if (kept & own).any() else own
    early = kept & (lab.stream.task_of_position[labels] == 0) if of_first_task else kept
    kept = early if early.any() else kept
    at = np.flatnonzero(kept if kept.any() else np.ones(len(labels), np.bool_))
    top = lab.snapshot(moment).from_features(sample.features[at]).logits.sort(1, descending=True).values
    lead = (top[:, 0] - top[:, 1]).numpy() if top.shape[1] > 1 else np.zeros(len(at))
    rows: list[int] = sample.rows[at[np.argsort(lead, kind="stable")]].tolist()
    return rows


def _attacked(cases: Sequence[Case]) -> Generator[Look, None, tuple[Bools, Floats, Floats]]:
    """What the default attack does to pictures of one run, as `best` takes it.

    Raises:
        PlumageError: the attack is not possible here.
    """
    import torch

    from engine.attacks.objectives import Mislabel, margin

    lab, moment = cases[0].lab, cases[0].moment
    images = lab.tensor(np.stack([case.subject.pixels for case in cases]))
    labels = torch.tensor([label_of(case, Attempt()) for case in cases])
    aim, shown, ever, leads = Mislabel(labels), images, torch.zeros(len(cases), dtype=torch.bool), []
    for seen in Attempt().build().run(lab.victim(moment), images, aim, lab.config.seed, whole=True):
        won = aim.won(seen.answer)
        shown = torch.where((won | ~ever)[:, None, None, None], seen.images, shown)  # as a course: the last that won
        ever |= won
        leads.append(margin(seen.answer.logits, labels))
        yield seen
    pairs = torch.stack([images, shown], 1)  # [N, 2, 3, S, S]
    moved = [_moved(case, pairs[i]) if ever[i] else np.nan for i, case in enumerate(cases)]
    return ever.numpy(), np.array(moved), torch.stack([leads[0], leads[-1]]).numpy()


def _moved(case: Case, both: Tensor) -> float:
    """How far attention moved between a picture and the attacked one, [2, 3, S, S], in patches; NaN without a map."""
    aim = sought(case).aim
    maps, _ = possible(case, aim)
    if not maps:
        return float("nan")
    heat = np.asarray(next(iter(maps.values())).heat(case.lab.backbone(case.moment), both, aim).cpu().numpy())
    return float(shifts(heat[0], heat[1])[_DISPLACEMENT])


def _why(kind: str, turned: int, cases: Sequence[Case]) -> str:
    right = " right" if all(case.right for case in cases) else ""
    turns = f"of {len(cases)}{right} answer{'s'[: len(cases) != 1]} the attack turns {turned or 'none'}"
    return {
        MOVED: f"attention moves furthest; {turns}",
        STAYS: f"the model was surest here; {turns}, and moves attention on none",
        TURNED: f"the model was surest here; {turns}",
        HELD: f"it comes nearest to being turned here; {turns}",
    }[kind]
