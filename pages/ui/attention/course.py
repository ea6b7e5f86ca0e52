"""One attack on one picture from the clean image to its last step, and the maps along the way."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from streamlit.delta_generator import DeltaGenerator

from engine.figures.attack import evenly
from pages.ui.attention.attempt import Attempt, label_of, objective
from pages.ui.attention.shelf import kept
from pages.ui.explain.case import Case

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Look
    from engine.attacks.traces import Trace
    from engine.explain.attention.base import Aim, AttentionMap

FRAMES = 11
"""Steps of which pictures are kept, besides the first that won and the one shown first."""
_PATIENCE = 0.7
"""Seconds after which an attack shows how far it is."""
_SLOW_MAP = 1.2
"""Seconds that the maps of one attack may take; a slow map is made at fewer steps."""
_FEWEST = 3
"""Steps at which even the slowest map is made."""

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Course:
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
    def pixels(self) -> npt.NDArray[np.float32]:
        """The pictures, [F, S, S, 3] in 0..1."""
        return np.asarray(self.images.permute(0, 2, 3, 1).cpu().numpy(), np.float32)

    def image(self, step: int) -> npt.NDArray[np.float32]:
        """The picture of a kept step, [S, S, 3] in 0..1."""
        return np.asarray(self.pixels[self.steps.index(step)])


def key(case: Case, attempt: Attempt) -> tuple[object, ...]:
    """What an attack's result depends on."""
    return "course", case.lab.view.id, case.moment, case.subject.ref, attempt


def course(case: Case, attempt: Attempt, slot: DeltaGenerator | None = None) -> Course:
    """The attack, run once.

    Args:
        slot: an `st.empty` for the progress of a long attack; it is left empty.

    Raises:
        PlumageError: the attack is not possible here.
    """
    return kept(key(case, attempt), lambda: _run(case, attempt, slot))


def _run(case: Case, attempt: Attempt, slot: DeltaGenerator | None) -> Course:
    began = time.perf_counter()
    lab, aim = case.lab, objective(case, attempt)
    images = lab.tensor(case.subject.pixels[None])
    notes = _Notes()
    for look in attempt.build().run(lab.victim(case.moment), images, aim, lab.config.seed, whole=True):
        notes.take(look, bool(aim.won(look.answer)[0]))
        if slot is not None and time.perf_counter() - began > _PATIENCE:
            slot.progress(min(look.step / max(look.steps, 1), 1.0), f"Attacking: step {look.step} of {look.steps}")
    if slot is not None:
        slot.empty()
    return notes.course(label_of(case, attempt), time.perf_counter() - began)


class _Notes:
    """What is noted down of the looks; of the pictures only those that will be shown."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self._won: list[bool] = []
        self._images: dict[int, Tensor] = {}
        self._last = self._winner = 0, None

    def take(self, look: Look, won: bool) -> None:
        """Note one look at the batch of one."""
        step = len(self._looks)
        self._looks.append(replace(look, images=look.images[..., :0, :0]))
        if step in evenly(look.steps, FRAMES) or (won and not any(self._won)):
            self._images[step] = look.images
        self._won.append(won)
        self._last = step, look.images
        self._winner = self._last if won else self._winner

    def course(self, label: int, seconds: float) -> Course:
        """All of it together."""
        import torch

        from engine.attacks.traces import traced

        shown, image = self._winner if any(self._won) else self._last
        images = {**self._images, self._last[0]: self._last[1], shown: image}
        steps = tuple(sorted(images))
        trace = traced(self._looks, torch.tensor([label]))
        return Course(trace, np.array(self._won), steps, torch.cat([images[s] for s in steps]), shown, seconds)


@dataclass(frozen=True)
class Seen:
    """A map along an attack.

    Attributes:
        steps: [F], at which it was made; the clean image and the step shown first are among them.
        maps: [F, g, g].
        seconds: what it took.
    """

    steps: tuple[int, ...]
    maps: npt.NDArray[np.float32]
    seconds: float

    def at(self, step: int) -> npt.NDArray[np.float32]:
        """The map of a step."""
        return np.asarray(self.maps[self.steps.index(step)])


def seen(case: Case, attempt: Attempt, found: Course, name: str, chosen: AttentionMap, aim: Aim) -> Seen:
    """The maps of an attack's pictures, made once.

    Args:
        name: what the aim is called in the address; with the map's name it stands for both.
    """
    return kept(("seen", *key(case, attempt), chosen, name), lambda: _maps(case, found, chosen, aim))


def ends(case: Case, attempt: Attempt, found: Course, name: str, chosen: AttentionMap, aim: Aim) -> Seen:
    """The maps of the clean picture and of the one shown first only, made once."""
    first = sorted({0, found.shown})
    return kept(("ends", *key(case, attempt), chosen, name), lambda: _ends(case, found, chosen, aim, first))


def _ends(case: Case, found: Course, chosen: AttentionMap, aim: Aim, steps: list[int]) -> Seen:
    began = time.perf_counter()
    maps = _heat(case.lab.backbone(case.moment), found, steps, chosen, aim)
    return Seen(tuple(steps), maps, time.perf_counter() - began)


def _maps(case: Case, found: Course, chosen: AttentionMap, aim: Aim) -> Seen:
    """The clean map and the one shown first tell how long one takes, and so at how many more steps it is made."""
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
    return Seen(steps, np.stack([made[s] for s in steps]), time.perf_counter() - began)


def _heat(backbone, found: Course, steps: list[int], chosen: AttentionMap, aim: Aim) -> npt.NDArray[np.float32]:
    images = found.images[[found.steps.index(s) for s in steps]]
    return np.asarray(chosen.heat(backbone, images, aim).cpu().numpy(), np.float32)
