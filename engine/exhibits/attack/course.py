"""One attack on one picture from the clean image to its last step, and the maps along the way."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats
from engine.exhibits.attack.attempt import Attempt, label_of, objective
from engine.exhibits.case import Case
from engine.figures.attack import evenly

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Look
    from engine.attacks.traces import Trace
    from engine.backbone.clip import Backbone
    from engine.explain.attention.base import Aim, AttentionMap

FRAMES = 11
"""Steps of which pictures are kept, besides the first that won and the one shown first."""
_SLOW_MAP = 1.2
"""Seconds that the maps of one attack may take; a slow map is made at fewer steps."""
_FEWEST = 3
"""Steps at which even the slowest map is made."""

Maps = npt.NDArray[np.float32]
Parts = dict[str, Maps]


@dataclass(frozen=True)
class AttackCourse:
    """The attack's way; a trace of one picture, the clean one first.

    Attributes:
        trace: what was said at every step.
        won: bool [N], whether the attacker has what it wants at that very step.
        steps: [F], at which pictures were kept.
        images: [F, 3, S, S] in 0..1 of those steps.
        shown: the step that is shown first: the last one at which it won, else the last.
        seconds: what it took.
    """

    trace: Trace
    won: Bools
    steps: tuple[int, ...]
    images: Tensor
    shown: int
    seconds: float

    @property
    def loss(self) -> Floats:
        """The objective's at every step, [N]; higher is better for the attacker."""
        return self.trace.loss[:, 0]

    @property
    def margins(self) -> Floats:
        """Of the class that is worked against, at every step, [N]."""
        return self.trace.margin[:, 0]

    @property
    def logits(self) -> Floats:
        """At every step, [N, C]."""
        return self.trace.logits[:, 0]

    @property
    def scores(self) -> Floats:
        """Concept scores at every step, [N, K]."""
        return self.trace.scores[:, 0]

    @property
    def nbytes(self) -> int:
        """Bytes that the pictures take."""
        return self.images.numel() * self.images.element_size()

    @property
    def last(self) -> int:
        """The last step."""
        return len(self.won) - 1

    @property
    def pixels(self) -> Maps:
        """The pictures, [F, S, S, 3] in 0..1."""
        return np.asarray(self.images.permute(0, 2, 3, 1).cpu().numpy(), np.float32)

    def image(self, step: int) -> Maps:
        """The picture of a kept step, [S, S, 3] in 0..1."""
        return np.asarray(self.pixels[self.steps.index(step)])


def running(case: Case, attempt: Attempt) -> Generator[Look, None, AttackCourse]:
    """Run an attack; yields every look, so that its progress can be shown.

    Raises:
        PlumageError: the attack is not possible here.
    """
    began = time.perf_counter()
    lab, aim = case.lab, objective(case, attempt)
    images = lab.tensor(case.subject.pixels[None])
    notes = _Notes()
    for look in attempt.build().run(lab.victim(case.moment), images, aim, lab.config.seed, whole=True):
        notes.take(look, bool(aim.won(look.answer)[0]))
        yield look
    return notes.course(label_of(case, attempt), time.perf_counter() - began)


class _Notes:
    """What is noted down of the looks; of the pictures only those that will be shown."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self._won: list[bool] = []
        self._images: dict[int, Tensor] = {}
        self._ends: dict[str, tuple[int, Tensor]] = {}

    def take(self, look: Look, won: bool) -> None:
        """Note one look at the batch of one."""
        step = len(self._looks)
        self._looks.append(replace(look, images=look.images[..., :0, :0]))
        if step in evenly(look.steps, FRAMES) or (won and not any(self._won)):
            self._images[step] = look.images
        self._won.append(won)
        self._ends["last"] = step, look.images
        if won:
            self._ends["won"] = step, look.images

    def course(self, label: int, seconds: float) -> AttackCourse:
        """All of it together."""
        import torch

        from engine.attacks.traces import traced

        shown, _ = self._ends.get("won", self._ends["last"])
        images = {**self._images, **dict(self._ends.values())}
        steps = tuple(sorted(images))
        trace = traced(self._looks, torch.tensor([label]))
        return AttackCourse(trace, np.array(self._won), steps, torch.cat([images[s] for s in steps]), shown, seconds)


@dataclass(frozen=True)
class MapCourse:
    """A map along an attack.

    Attributes:
        steps: [F], at which it was made; the clean image and the step shown first are among them.
        maps: [F, g, g].
        seconds: what it took.
    """

    steps: tuple[int, ...]
    maps: Maps
    seconds: float

    def at(self, step: int) -> Maps:
        """The map of a step."""
        return np.asarray(self.maps[self.steps.index(step)])


def seen_at_ends(case: Case, found: AttackCourse, chosen: AttentionMap, aim: Aim) -> MapCourse:
    """The maps of the clean picture and of the one shown first only."""
    began, steps = time.perf_counter(), sorted({0, found.shown})
    maps = _heat(case.lab.backbone(case.moment), found, steps, chosen, aim)
    return MapCourse(tuple(steps), maps, time.perf_counter() - began)


def parts_at_ends(case: Case, found: AttackCourse, chosen: AttentionMap, aim: Aim) -> Parts:
    """What a map is made of, by title, each clean and at the step shown first, [2, g, g]; empty if of one piece."""
    images = found.images[[0, found.steps.index(found.shown)]]
    made = chosen.parts(case.lab.backbone(case.moment), images, aim)
    return {name: np.asarray(maps.cpu().numpy(), np.float32) for name, maps in made.items()}


def seen_along(case: Case, found: AttackCourse, chosen: AttentionMap, aim: Aim) -> MapCourse:
    """The maps of an attack's pictures. The clean map and the one shown first tell how long one takes, and so at how
    many more steps it is made."""
    began, backbone = time.perf_counter(), case.lab.backbone(case.moment)
    first = sorted({0, found.shown})
    made = dict(zip(first, _heat(backbone, found, first, chosen, aim), strict=True))
    each = (time.perf_counter() - began) / len(first)
    room = max(_FEWEST, int(_SLOW_MAP / max(each, 1e-9)))
    picked = evenly(len(found.steps) - 1, room)
    rest = [found.steps[i] for i in picked if found.steps[i] not in made]
    if rest:
        made |= dict(zip(rest, _heat(backbone, found, rest, chosen, aim), strict=True))
    steps = tuple(sorted(made))
    return MapCourse(steps, np.stack([made[s] for s in steps]), time.perf_counter() - began)


def _heat(backbone: Backbone, found: AttackCourse, steps: Sequence[int], chosen: AttentionMap, aim: Aim) -> Maps:
    images = found.images[[found.steps.index(s) for s in steps]]
    return np.asarray(chosen.heat(backbone, images, aim).cpu().numpy(), np.float32)
