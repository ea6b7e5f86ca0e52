"""Models small enough to work out by hand, and random ones."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from engine.concepts.bank import Concept, ConceptBank
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot


def model(
    rows: list[list[float]],
    head: list[list[float]],
    bias: list[float] | None = None,
    *,
    names: tuple[str, ...] = (),
    means: list[list[float]] | None = None,
    class_ids: tuple[int, ...] = (),
    task: int = 0,
    births: tuple[int, ...] = (),
) -> Snapshot:
    """A snapshot of the given numbers; concepts are called a, b, c, ... unless named."""
    bottleneck = torch.tensor(rows)
    weights = torch.tensor(head)
    named = names or tuple("abcdefgh"[: len(rows)])
    born = births or (0,) * len(rows)
    bank = ConceptBank(tuple(Concept(n, "", t) for n, t in zip(named, born, strict=True)), bottleneck.clone())
    centres = torch.tensor(means) if means else torch.zeros(len(head), bottleneck.shape[1])
    statistics = ClassStatistics(centres, no_covariances(len(head)), centres.clone())
    ids = class_ids or tuple(range(len(head)))
    return Snapshot(task, ids, bank, bottleneck, weights, torch.tensor(bias or [0.0] * len(head)), statistics)


def random_model(
    concepts: int, classes: int, width: int = 6, seed: int = 0, task: int = 0, previous: Snapshot | None = None
) -> Snapshot:
    """Random rows and weights; with `previous` its bank and classes come first, its numbers are drawn anew."""
    draw = torch.Generator().manual_seed(seed)
    bottleneck, head = (torch.randn(n, m, generator=draw) for n, m in ((concepts, width), (classes, concepts)))
    old = previous.bank.concepts if previous else ()
    bank = ConceptBank(
        (*old, *(Concept(f"concept {k}", "", task) for k in range(len(old), concepts))),
        normalize(torch.randn(concepts, width, generator=draw), dim=1),
    )
    means = normalize(torch.randn(classes, width, generator=draw), dim=1)
    statistics = ClassStatistics(means, no_covariances(classes), means)
    return Snapshot(
        task, tuple(range(classes)), bank, bottleneck, head, torch.randn(classes, generator=draw), statistics
    )


def images(count: int, width: int = 6, seed: int = 1) -> torch.Tensor:
    """Random unit-length embeddings [count, width]."""
    return normalize(torch.randn(count, width, generator=torch.Generator().manual_seed(seed)), dim=1)
