"""Which of a task's candidate concepts become rows of the bottleneck.

`learned` is the published search (Yan et al., "Learning Concise and Descriptive Attributes for Visual Recognition",
ICCV 2023, as used by Yu et al., CVPR 2025): train Linear(D -> N) - BatchNorm - Linear(N -> classes) on the task's
images with

    CE + |mean squared Mahalanobis distance of the unit rows - m| / m^p

and let each learned row take the nearest candidate that is still free. The distance is that to the candidates' mean
under their covariance and m is the candidates' own mean. Two traps:

- with N candidates and N <= D the covariance is singular; the pseudo-inverse is used, so that distances are measured
  within the candidates' span;
- m is close to min(D, N), so with p = 5 the term's weight m^-p is 1e-8 and less: it is there because it was published.
  Where it is so small that float32 loses its gradient, the gradient is not computed.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.concepts.adam import Adam
from engine.concepts.gate import Gate, Mahalanobis
from engine.concepts.separation import separation
from engine.rng import torch_stream

_CHECK_EVERY = 10  # epochs between looks at the validation set, as published


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How the search trains.

    Attributes:
        epochs, learning_rate, batch_size: of the gate's training.
        mahalanobis: whether the Mahalanobis term is in the loss.
        power: p, to which the term's divisor is raised.
        freeze_statistics: whether batch normalisation keeps to its running statistics after the first epoch.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    mahalanobis: bool
    power: float
    freeze_statistics: bool = False


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled features of the task: [N, D] with labels [N] in 0..classes-1, and the same for validation."""

    features: Tensor
    labels: Tensor
    val_features: Tensor
    val_labels: Tensor


@dataclass(frozen=True, slots=True)
class SearchEpoch:
    """One finished epoch: number from 1, mean loss, training accuracy, validation accuracy where it was computed."""

    number: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None


def learned_search(
    candidates: Tensor, keep: int, examples: Examples, settings: SearchSettings, seed: int, task: int
) -> Generator[SearchEpoch, None, list[int]]:
    """The published search; yields its epochs and returns `keep` positions of `candidates` [N, D], best row first.

    The gate's epoch is chosen on validation; training stops when ten epochs brought nothing, as published.
    """
    rows = yield from _train_gate(candidates, examples, settings, seed, task)
    return nearest_free(rows, candidates, keep)


def nearest_free(rows: Tensor, candidates: Tensor, keep: int) -> list[int]:
    """For each of the first `keep` rows [R, D], in order, the nearest candidate [N, D] that no row before it took."""
    unit = normalize(rows[:keep], dim=1)
    closest = torch.cdist(unit, candidates).argsort(dim=1, stable=True)  # [keep, N]
    taken: list[int] = []
    free = set(range(len(candidates)))
    for order in closest.tolist():
        first = next(position for position in order if position in free)
        free.discard(first)
        taken.append(first)
    return taken


def similarity_search(candidates: Tensor, per_class: int, examples: Examples) -> list[int]:
    """The candidates that tell the task's classes apart best, taken in turn by each class.

    A candidate's worth for a class is how far the class's mean score lies above (or below) the other classes' mean
    (`engine.concepts.separation`). No training; positions in 0..N-1, distinct.

    Args:
        candidates: [N, D].
        per_class: how many each class takes.
        examples: the task's images; only the training part is read.
    """
    worth = separation(examples.features, examples.labels, candidates).worth.abs()  # [C, N]
    order = worth.argsort(dim=1, descending=True, stable=True).tolist()
    taken: list[int] = []
    free = set(range(len(candidates)))
    for _ in range(per_class):
        for preference in order:
            first = next((position for position in preference if position in free), None)
            if first is not None:
                free.discard(first)
                taken.append(first)
    return taken


def _train_gate(
    candidates: Tensor, examples: Examples, settings: SearchSettings, seed: int, task: int
) -> Generator[SearchEpoch, None, Tensor]:
    gate = Gate(candidates.shape[1], len(candidates), int(examples.labels.max()) + 1, torch_stream(seed, "gate", task))
    term = Mahalanobis(candidates, settings.power) if settings.mahalanobis else None
    optimiser = Adam(gate.weights)
    best, kept = -1.0, None
    for epoch in range(settings.epochs):
        stream = torch_stream(seed, "search-shuffle", task, epoch)
        loss, train_accuracy = _gate_epoch(gate, examples, term, optimiser, settings, stream)
        if settings.freeze_statistics:
            gate.freeze()
        checked = epoch % _CHECK_EVERY == 0 or epoch == settings.epochs - 1
        val_accuracy = _gate_accuracy(gate, examples) if checked and len(examples.val_labels) else None
        yield SearchEpoch(epoch + 1, loss, train_accuracy, val_accuracy)
        if val_accuracy is None:
            continue
        if val_accuracy <= best:
            break
        best, kept = val_accuracy, gate.rows.clone()
    return gate.rows if kept is None else kept


def _gate_epoch(
    gate: Gate,
    examples: Examples,
    term: Mahalanobis | None,
    optimiser: Adam,
    settings: SearchSettings,
    stream: torch.Generator,
) -> tuple[float, float]:
    order = torch.randperm(len(examples.labels), generator=stream)
    chunks = [chunk for chunk in torch.split(order, settings.batch_size) if len(chunk) > 1]
    losses, hits = [torch.zeros(())], [torch.zeros(())]
    for chosen in chunks:  # a single sample has no batch statistics
        loss, correct, gradients = gate.step(examples.features[chosen], examples.labels[chosen])
        if term is not None and term.counts:
            gradients[0].add_(term.gradient(gate.rows))
        optimiser.step(gradients, settings.learning_rate)
        losses.append(loss)
        hits.append(correct)
    count = max(1, len(chunks))
    penalty = term.penalty(gate.rows).item() if term else 0.0
    return torch.stack(losses).sum().item() / count + penalty, torch.stack(hits).sum().item() / count


def _gate_accuracy(gate: Gate, examples: Examples) -> float:
    return (gate.logits(examples.val_features).argmax(1) == examples.val_labels).float().mean().item()
