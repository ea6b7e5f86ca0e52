"""What all attacks share: gradients to the pixels, and the books of what was reached for every image of the batch.

No context manager is ever held across a `yield`: an attack that is closed midway, or whose caller is in inference mode,
leaves every mode as it was. Gradients are asked of the pixels alone, so weights never collect any.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from engine.attacks.base import Attacked, Look
from engine.attacks.victim import VictimOutput
from engine.errors import BadInput, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from engine.attacks.objectives import Loss, Objective
    from engine.attacks.victim import Victim


class Hunt:
    """An attack on a batch of B images in progress.

    Args:
        name: of the attack, for messages.
        steps: how many there will be at most.
        whole: go on with images that are already won.
        rising: forget every evaluation that did not raise an image's loss, as searches without gradients do.

    Raises:
        BadInput: the images, or what the objective says of them, do not fit the victim.
    """

    @torch.inference_mode(False)
    @torch.no_grad()
    def __init__(
        self,
        name: str,
        victim: Victim,
        images: Tensor,
        objective: Objective,
        steps: int,
        whole: bool,
        rising: bool = False,
    ) -> None:
        check_images(images, victim)
        objective.check(victim.snapshot, len(images))
        self._name, self.steps, self._whole, self._rising = name, steps, whole, rising
        self._victim = _usable(victim)
        self._objective = objective
        self._step = 0
        self.clean = images.detach().clone()  # never an inference tensor, never the caller's
        count = len(images)
        self.now = self.best = self.clean
        self.loss = self.clean.new_full((count,), float("nan"))
        self.best_loss = self.clean.new_full((count,), float("-inf"))
        self.won = torch.zeros(count, dtype=torch.bool, device=images.device)
        self._answer: VictimOutput | None = None
        self._flat = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing is left to do: every image is won, and nobody wants to see how it goes on."""
        return not self._whole and bool(self.won.all())

    @property
    def rows(self) -> Tensor:
        """Indices of the images still worked on."""
        return torch.arange(len(self.won), device=self.won.device)[self.won.logical_not() | self._whole]

    @torch.inference_mode(False)
    @torch.no_grad()
    def see(self, images: Tensor) -> None:
        """Evaluate images [B, 3, S, S] without gradients, those still worked on, and keep the books."""
        rows = self.rows
        if not len(rows):
            return
        seen = images[rows].clone()
        answer = self._victim.answer(seen)
        self._record(rows, seen, self._objective.of(rows).loss(answer), answer)

    @torch.inference_mode(False)
    def climb(self, images: Tensor, last: bool = False) -> Tensor:
        """`see`, and the gradient of the loss to the pixels, [B, 3, S, S]: 0 for images no longer worked on.

        Args:
            last: no step follows, so that the gradient is not worth its time; all are 0.

        Raises:
            NotApplicable: a loss or a gradient is not finite.
        """
        rows = self.rows
        if last or not len(rows):
            self.see(images)
            return torch.zeros_like(self.clean)
        seen, answer, loss, slope = self._sloped(images[rows], rows)
        with torch.no_grad():
            self._record(rows, seen, loss, answer)
            open_ = ~self.won[rows]
            still = slope.flatten(1).abs().amax(1) == 0
            self._flat = float(still[open_].float().mean()) if bool(open_.any()) else 0.0
            wanted = (open_ | self._whole).view(-1, 1, 1, 1)
            return torch.zeros_like(self.clean).index_copy(0, rows, torch.where(wanted, slope, 0.0))

    @torch.inference_mode(False)
    def lead(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Loss [B] and its gradient [B, 3, S, S] at images that may lie outside the ball: the books are not kept. 0 for
        images no longer worked on.

        Raises:
            NotApplicable: as `climb`.
        """
        rows = self.rows
        losses, slopes = torch.zeros_like(self.loss), torch.zeros_like(self.clean)
        if not len(rows):
            return losses, slopes
        _, _, loss, slope = self._sloped(images[rows], rows)
        return losses.index_copy(0, rows, loss.to(losses.dtype)), slopes.index_copy(0, rows, slope)

    @torch.inference_mode(False)
    @torch.no_grad()
    def wins(self, images: Tensor) -> Tensor:
        """Whether the attacker would have what it wants, bool [B], were images outside the ball allowed; True for
        images no longer worked on. The books are not kept."""
        rows = self.rows
        found = torch.ones_like(self.won)
        if not len(rows):
            return found
        answer = self._victim.answer(images[rows].clone())
        return found.index_copy(0, rows, self._objective.of(rows).won(answer))

    @torch.inference_mode(False)
    @torch.no_grad()
    def rivals(self, most: int, kind: Loss) -> Sequence[Objective]:
        """What may be tried one after the other; see `Objective.rivals`.

        Raises:
            NotApplicable: the model knows too few classes for the loss.
        """
        found = self._objective.rivals(self._victim.answer(self.clean).logits, most, kind)
        for one in found:
            one.check(self._victim.snapshot, len(self.clean))
        return found

    def aim(self, objective: Objective) -> None:
        """Go on with another loss of the same aim."""
        self._objective = objective

    def look(self, step: int) -> Look:
        """The batch as it was last evaluated: images no longer worked on as they were when they were won."""
        self._step = step
        if self._answer is None:
            raise RuntimeError("nothing was evaluated yet")
        return Look(step, self.steps, self.now, self.loss, self._answer, self.won, self._flat)

    def result(self) -> Attacked:
        """What was found."""
        return Attacked(self.best, self.won, self.best_loss)

    def _sloped(self, images: Tensor, rows: Tensor) -> tuple[Tensor, VictimOutput, Tensor, Tensor]:
        """Images, answer, loss and gradient of some images, detached.

        Raises:
            NotApplicable: a loss or a gradient is not finite.
        """
        with torch.enable_grad():
            seen = images.detach().clone().requires_grad_(True)
            answer = self._victim.answer(seen)
            loss = self._objective.of(rows).loss(answer)
            slope = _slope(loss, seen)
        self._finite(loss, "loss")
        self._finite(slope, "gradient")
        return seen.detach(), answer.detached(), loss.detach(), slope

    def _record(self, rows: Tensor, images: Tensor, loss: Tensor, answer: VictimOutput) -> None:
        self._finite(loss, "loss")
        loss = loss.to(self.loss.dtype)  # thresholds of doubles make losses of doubles
        reached = self._objective.of(rows).won(answer)
        if self._rising and self._answer is not None:
            kept = reached & ~self.won[rows] | (loss > self.loss[rows])
            answer = _some(answer, kept)
            rows, images, loss, reached = (part[kept] for part in (rows, images, loss, reached))
        self.now = self.now.index_copy(0, rows, images)
        self.loss = self.loss.index_copy(0, rows, loss)
        self._answer = answer if self._answer is None else _merged(self._answer, answer, rows)
        better = ~self.won[rows] & (reached | (loss > self.best_loss[rows]))
        self.best = self.best.index_copy(0, rows[better], images[better])
        self.best_loss = self.best_loss.index_copy(0, rows[better], loss[better])
        self.won = self.won.index_copy(0, rows, self.won[rows] | reached)

    def _finite(self, values: Tensor, what: str) -> None:
        if not bool(values.isfinite().all()):
            raise NotApplicable(
                f"attack {self._name} after step {self._step}",
                f"the {what} is not finite, so there is no direction to go",
                "Check the run's head for huge weights, or choose the black-box attack square",
            )


def check_images(images: Tensor, victim: Victim) -> None:
    """Refuse what cannot be attacked.

    Raises:
        BadInput: no images, of another shape, size or type, or outside 0..1.
    """
    size = victim.backbone.image_size
    allowed = f"an attack takes a batch of images [B, 3, {size}, {size}], float32 in 0..1"
    if images.ndim != 4 or not len(images):
        raise BadInput(f"images of shape {list(images.shape)}", allowed, "Give at least one image")
    if images.dtype != torch.float32:
        raise BadInput(f"images of type {images.dtype}", allowed, "Convert them; uint8 pixels are divided by 255")
    if tuple(images.shape[1:]) != (3, size, size):
        given = "x".join(str(side) for side in images.shape[1:])
        raise BadInput(f"images of {given}", allowed, f"Make them RGB and resize them to {size} px")
    low, high = float(images.min()), float(images.max())
    if not (low >= 0.0 and high <= 1.0):
        raise BadInput(f"pixels from {low:g} to {high:g}", allowed, "Divide by 255; the backbone normalises by itself")


def _usable(victim: Victim) -> Victim:
    """The same victim, free of tensors made in inference mode, which autograd cannot use."""
    old = victim.snapshot
    bottleneck, head, bias = (_normal(part) for part in (old.bottleneck, old.head, old.bias))
    parts = {} if old.side is None else {name: _normal(part) for name, part in old.side.tensors.items()}
    side = replace(old.side, **parts) if old.side else None  # type: ignore[type-var]
    fresh = replace(old, bottleneck=bottleneck, head=head, bias=bias, side=side)
    return replace(victim, snapshot=fresh, watch=None if victim.watch is None else _normal(victim.watch))


def _normal(tensor: Tensor) -> Tensor:
    return tensor.detach().clone() if tensor.is_inference() else tensor.detach()


def _slope(loss: Tensor, images: Tensor) -> Tensor:
    """Gradient of every image's own loss; 0 where the loss does not depend on the pixels at all."""
    if not loss.requires_grad:
        return torch.zeros_like(images)
    (slope,) = torch.autograd.grad(loss.sum(), images, allow_unused=True)
    return torch.zeros_like(images) if slope is None else slope


def _some(answer: VictimOutput, rows: Tensor) -> VictimOutput:
    maps = None if answer.maps is None else answer.maps[rows]
    return VictimOutput(answer.scores[rows], answer.logits[rows], maps)


def _merged(old: VictimOutput, new: VictimOutput, rows: Tensor) -> VictimOutput:
    maps = None if old.maps is None or new.maps is None else old.maps.index_copy(0, rows, new.maps)
    scores = old.scores.index_copy(0, rows, new.scores)
    return VictimOutput(scores, old.logits.index_copy(0, rows, new.logits), maps)
