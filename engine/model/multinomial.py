"""Multinomial logistic regression under an elastic net: proximal Newton steps over the few weights that matter.

    minimise  (1/N) sum_i CE(softmax(W z_i + b), y_i)  +  s (r |W|_1 + (1 - r)/2 |W|^2)            bias free of penalty

Each step puts a quadratic in the place of the cross-entropy, class by class (weights p (1 - p); the coupling of the
classes is left out), solves it by coordinate descent over a working set (Friedman, Hastie and Tibshirani,
"Regularization Paths for Generalized Linear Models via Coordinate Descent", 2010, section 4), and goes as far as the
true objective falls. Working sets grow by the worst offenders only (Massias et al., "Celer", ICML 2018).

Why our own: of the well-kept solvers only scikit-learn's SAGA solves this problem, and it is the measure of the tests;
at 400 concepts, 40 classes and 3,600 images it is far slower to the same objective. celer and skglm have no multinomial
loss, and adelie wants NumPy 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Floats

_STEPS = 200  # most Newton steps
_PASSES = 20  # most passes of coordinate descent over a working set in one step
_GROWTH = 10  # least number of weights that a class's working set may grow by in one step
_LEAST_SHARE = 0.01  # images that carry less than this share of the mean curvature are left out of the quadratic
_HALVINGS = 20  # of a step before it is given up
_DESCENT = 1e-3  # share of the promised descent that a step must bring (Armijo)
_BOUND = 0.5  # of the curvature anywhere (Böhning, 1992); of images that are surely wrong p (1 - p) is 0
_FLOOR = 1e-9  # curvature of a weight that no image moves


@dataclass(frozen=True, slots=True)
class Penalty:
    """The elastic net: `absolute` |W|_1 + `square` / 2 |W|^2."""

    absolute: float
    square: float

    def of(self, weights: Tensor) -> float:
        """Its value."""
        return self.absolute * weights.abs().sum().item() + self.square / 2 * weights.square().sum().item()

    def shifted(self, weights: Tensor) -> Tensor:
        """The weights [C, K] less, for each concept, what makes the penalty smallest when taken off all classes.

        No probability changes by that, so that the quadratics do not see it: without this step the way along it is
        endless. What is taken off is the median of the weights and the roots between them (Li and Osher, 2009).
        """
        classes = len(weights)
        between = torch.arange(classes, -classes - 1, -2, dtype=weights.dtype)[
            :, None
        ]  # signs left over, C + 1 of them
        roots = weights.mean(0) + between * (self.absolute / (classes * max(self.square, _FLOOR)))
        return weights - torch.cat([weights, roots]).median(0).values  # the median of 2 C + 1 values


@dataclass(frozen=True, slots=True)
class _Point:
    """A candidate solution: weights W [C, K], bias [C], logits and probabilities [N, C], and the objective there."""

    weights: Tensor
    bias: Tensor
    logits: Tensor
    chances: Tensor
    value: float


@dataclass(frozen=True, slots=True)
class _Slope:
    """Gradient of the cross-entropy by weights [C, K] and bias [C], and by how much each weight is off its optimum."""

    weights: Tensor
    bias: Tensor
    off: Tensor

    @property
    def worst(self) -> float:
        """The largest violation of the conditions of optimality."""
        return max(self.off.max().item() if self.off.numel() else 0.0, self.bias.abs().max().item())


@dataclass(frozen=True, slots=True)
class Logistic:
    """The data of one problem.

    Attributes:
        scores: Z, float64 [N, K], each column of mean 0 and standard deviation about 1.
        labels: y, [N].
        penalty: the elastic net.
    """

    scores: Tensor
    labels: Tensor
    penalty: Penalty

    def solve(self, weights: Tensor, bias: Tensor, accuracy: float) -> tuple[Tensor, Tensor]:
        """The optimum near enough, from a start of float64 weights [C, K] and bias [C] that is left alone.

        Args:
            weights, bias: where to start.
            accuracy: no derivative may miss its optimality by more than this.
        """
        point = self._at(weights, bias, (self.scores @ weights.T).add_(bias))
        for _ in range(_STEPS):
            slope = self._slope(point)
            if slope.worst <= accuracy:
                break
            moved = self._moved(point, slope, accuracy) or self._moved(point, slope, accuracy, _BOUND)
            if moved is None:
                break
            point = moved
        return point.weights, point.bias

    def _at(self, weights: Tensor, bias: Tensor, logits: Tensor) -> _Point:
        likely = torch.log_softmax(logits, 1)  # [N, C]
        loss = -likely.gather(1, self.labels[:, None]).mean().item()
        return _Point(weights, bias, logits, likely.exp_(), loss + self.penalty.of(weights))

    def _slope(self, point: _Point) -> _Slope:
        errors = point.chances.clone()
        errors[torch.arange(len(errors)), self.labels] -= 1
        errors /= len(errors)
        gradient = errors.T @ self.scores  # [C, K]
        full = gradient + self.penalty.square * point.weights
        held = (full.abs() - self.penalty.absolute).clamp_min_(0)
        free = (full + self.penalty.absolute * point.weights.sign()).abs_()
        return _Slope(gradient, errors.sum(0), torch.where(point.weights == 0, held, free))

    def _moved(self, point: _Point, slope: _Slope, accuracy: float, least: float = 0.0) -> _Point | None:
        """The next point, or None if no part of the step makes the objective fall.

        Args:
            least: curvature of an image, at least.
        """
        sets = [_working_set(w, off, accuracy) for w, off in zip(point.weights, slope.off, strict=True)]
        quadratic = self._quadratic(point, slope, sets, least)
        found = _descended(quadratic, self.penalty, accuracy)  # [C, A]
        weights, step = point.weights.clone(), torch.zeros_like(point.weights)
        for row, (own, values) in enumerate(zip(sets, torch.from_numpy(found), strict=True)):
            weights[row, own] = values[: len(own)]
            step[row, own] = weights[row, own] - point.weights[row, own]
        bias_step = torch.from_numpy(quadratic.bias_step(found))
        promised = (slope.weights * step).sum().item() + slope.bias.dot(bias_step).item()
        promised += self.penalty.of(weights) - self.penalty.of(point.weights)
        change = (self.scores @ step.T).add_(bias_step)  # [N, C]
        share = 1.0
        for _ in range(_HALVINGS):
            # A whole step takes the found weights themselves, so that zeros are zeros.
            now = weights if share == 1 else point.weights + share * step
            new = self._at(now, point.bias + share * bias_step, point.logits + share * change)
            if new.value < point.value + _DESCENT * share * promised:
                return self._centred(new)
            share /= 2
        return None

    def _centred(self, point: _Point) -> _Point:
        weights = self.penalty.shifted(point.weights)
        logits = point.logits + self.scores @ (weights[0] - point.weights[0])[:, None]
        return _Point(
            weights,
            point.bias,
            logits,
            point.chances,
            point.value + self.penalty.of(weights) - self.penalty.of(point.weights),
        )

    def _quadratic(self, point: _Point, slope: _Slope, sets: list[Tensor], least: float) -> _Quadratic:
        """Curvature and gradient over the working sets, padded with zeros to the largest; bias eliminated."""
        rows, widest = len(sets), max(1, max(len(own) for own in sets))
        made = _Quadratic.empty(rows, widest, slope.bias.numpy())
        chances = point.chances.T.contiguous()  # [C, N]
        curvatures = (1 - chances).mul_(chances).clamp_min_(least).div_(len(self.labels))
        for row, (own, curvature) in enumerate(zip(sets, curvatures, strict=True)):
            size, images = len(own), (curvature > _LEAST_SHARE * curvature.mean()).nonzero().flatten()
            part = self.scores.index_select(0, images).index_select(1, own)  # [n, A]
            weighted = part * curvature[images, None]
            made.curvature[row, :size, :size] = (weighted.T @ part).numpy()
            made.shared[row, :size] = weighted.sum(0).numpy()
            made.bias_curvature[row] = curvature[images].sum().item() + _FLOOR
            made.gradient[row, :size] = slope.weights[row, own].numpy()
            made.weights[row, :size] = point.weights[row, own].numpy()
        made.eliminate_bias()
        return made


@dataclass(frozen=True, slots=True)
class _Quadratic:
    """What stands for the cross-entropy of each of C classes near a point, over A weights each.

    Attributes:
        curvature: [C, A, A].
        gradient: [C, A].
        weights: [C, A], where the point is.
        shared: [C, A], second derivatives by weight and bias.
        bias_curvature, bias_gradient: [C].
    """

    curvature: Floats
    gradient: Floats
    weights: Floats
    shared: Floats
    bias_curvature: Floats
    bias_gradient: Floats

    @staticmethod
    def empty(classes: int, width: int, bias_gradient: Floats) -> _Quadratic:
        """One of zeros but for the gradient by the bias."""
        shapes: list[tuple[int, ...]] = [(width, width), (width,), (width,), (width,), ()]
        curvature, gradient, weights, shared, bias = (np.zeros((classes, *shape)) for shape in shapes)
        return _Quadratic(curvature, gradient, weights, shared, bias, bias_gradient)

    def eliminate_bias(self) -> None:
        """Let the bias follow the weights to its own optimum."""
        share = self.shared / self.bias_curvature[:, None]
        np.subtract(self.curvature, share[:, :, None] * self.shared[:, None, :], out=self.curvature)
        np.subtract(self.gradient, share * self.bias_gradient[:, None], out=self.gradient)

    def bias_step(self, weights: Floats) -> Floats:
        """How the bias moves when the weights become `weights`, [C]."""
        follows = (self.shared * (weights - self.weights)).sum(1)
        return np.asarray(-(self.bias_gradient + follows) / self.bias_curvature)


def _working_set(weights: Tensor, off: Tensor, accuracy: float) -> Tensor:
    """Positions of a class's weights [K] that take part: those that are not zero, and the worst of the others."""
    active = weights.nonzero().flatten()
    waiting = ((weights == 0) & (off > accuracy / 2)).nonzero().flatten()
    room = max(_GROWTH, len(active) // 2)
    if len(waiting) > room:
        waiting = waiting[off[waiting].argsort(descending=True, stable=True)[:room]]
    return torch.cat([active, waiting])


def _descended(quadratic: _Quadratic, penalty: Penalty, accuracy: float) -> Floats:
    """Coordinate descent on all classes at once: the weights [C, A] after it."""
    weights, gradient = quadratic.weights.copy(), quadratic.gradient.copy()
    columns = np.ascontiguousarray(quadratic.curvature.transpose(1, 0, 2))  # [A, C, A]
    own: Any = np.einsum("caa->ac", quadratic.curvature) + _FLOOR  # [A, C]
    for _ in range(_PASSES):
        largest = 0.0
        for position, column in enumerate(columns):
            before = weights[:, position]
            pull = own[position] * before - gradient[:, position]
            shrunk = np.sign(pull) * np.maximum(np.abs(pull) - penalty.absolute, 0)
            change = shrunk / (own[position] + penalty.square) - before  # [C]
            moved = float(np.abs(change * own[position]).max())
            if moved > 0:
                weights[:, position] = before + change
                weights[shrunk == 0, position] = 0  # not 1e-17
                gradient += change[:, None] * column
                largest = max(largest, moved)
        if largest < accuracy / 3:
            break
    return weights
