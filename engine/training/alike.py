"""Texts that say nearly the same, by the text tower of a backbone: suggestions for whoever tidies a set."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.concepts.sifting import near_duplicates
from engine.data.dataset import Dataset
from engine.runs.config import RunConfig
from engine.runs.sources import concept_prompts
from engine.steps import Step
from engine.training.task_embedders import starting

_BLOCK = 512  # texts embedded between two signs of progress


@dataclass(frozen=True, slots=True)
class Alike:
    """Texts that could be one.

    Attributes:
        texts: the first stays, the others are like it, the likest first.
        cosines: of the others to the first, -1..1.
    """

    texts: tuple[str, ...]
    cosines: tuple[float, ...]


def alike(
    config: RunConfig, dataset: Dataset, cache: Path, texts: Sequence[str], limit: float
) -> Generator[Step, None, tuple[Alike, ...]]:
    """Group texts whose cosine to an earlier one is above a limit, in the run's sentence around concepts; groups with
    the likest texts first. Texts that the backbone cannot read are in none.

    Args:
        config: names the backbone.
        cache: folder for features.
        texts: distinct.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had.
    """
    yield Step(0, len(texts), "loading the text tower")
    embedder = starting(config, dataset, cache, helpers=0)
    known = [text for text in texts if not embedder.unknown_words(concept_prompts(config, [text]))]
    parts = [torch.zeros(0, embedder.width)]
    for start in range(0, len(known), _BLOCK):
        parts.append(torch.from_numpy(embedder.texts(concept_prompts(config, known[start : start + _BLOCK]))))
        yield Step(min(start + _BLOCK, len(known)), len(known), "reading texts")
    found: dict[int, list[tuple[float, int]]] = {}
    for row, (first, cosine) in near_duplicates(torch.cat(parts), limit).items():
        found.setdefault(first, []).append((cosine, row))
    groups = [(first, sorted(others, reverse=True)) for first, others in found.items()]
    groups.sort(key=lambda group: -group[1][0][0])
    return tuple(
        Alike((known[first], *(known[row] for _, row in others)), tuple(round(cosine, 4) for cosine, _ in others))
        for first, others in groups
    )
