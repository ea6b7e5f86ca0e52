"""The rules that look at embeddings: which of a task's candidates are left out, why, and which words are chosen.

In this order: near-duplicates, nothing like it in the images, not separating; then, of the vocabulary, per class, among
the words that fit it best, those that separate it best, one after the other, without those too like one chosen already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.concepts.rules import VOCABULARY, ConceptRules, Removed
from engine.concepts.separation import Separation, separation


@dataclass(frozen=True, slots=True)
class Seen:
    """What a task's images say.

    Attributes:
        features, labels: its training images, [n, D] of unit length and [n] in 0..C-1.
        earlier: mean features of the classes learnt before, [E, D].
    """

    features: Tensor
    labels: Tensor
    earlier: Tensor


@dataclass(frozen=True, slots=True)
class ForClass:
    """A text listed for a class.

    Attributes:
        class_id: the dataset's index of the class.
        place: which of the task's classes that is, 0..C-1.
        row: which of the task's distinct texts.
    """

    class_id: int
    place: int
    row: int


def sift(
    rules: ConceptRules, texts: Sequence[str], vectors: Tensor, pairs: Sequence[ForClass], seen: Seen | None
) -> tuple[list[ForClass], list[Removed]]:
    """Which of a task's candidates stay, and what left the others out.

    A word of the vocabulary that no rule removed and that was not chosen is in neither.

    Args:
        texts: N distinct texts.
        vectors: their embeddings [N, D], unit length.
        pairs: what is listed for which class.
        seen: needed where `rules.needs_images`.
    """
    sifting = _Sifting(rules, texts, list(pairs), [])
    if rules.filter_alike < 1:
        sifting.drop_alike(vectors)
    if seen is not None and rules.needs_images:
        found = separation(seen.features, seen.labels, vectors, seen.earlier)
        sifting.drop_by_images(found)
        if rules.concepts == VOCABULARY:
            sifting.pairs = chosen(rules, sifting.pairs, found, vectors)
    return sifting.pairs, sifting.removed


@dataclass(slots=True)
class _Sifting:
    """What is left so far."""

    rules: ConceptRules
    texts: Sequence[str]
    pairs: list[ForClass]
    removed: list[Removed]

    def drop_alike(self, vectors: Tensor) -> None:
        limit = self.rules.filter_alike
        doubles = near_duplicates(vectors, limit)
        for pair in self.pairs:
            if pair.row in doubles:
                first, cosine = doubles[pair.row]
                text = self.texts[pair.row]
                self.removed.append(
                    Removed(text, pair.class_id, "filter_alike", round(cosine, 4), limit, self.texts[first])
                )
        self.pairs = [pair for pair in self.pairs if pair.row not in doubles]

    def drop_by_images(self, found: Separation) -> None:
        top, worth = found.top.tolist(), found.worth.tolist()
        kept = []
        for pair in self.pairs:
            for rule, value in (
                ("filter_activation", top[pair.row]),
                ("filter_separation", worth[pair.place][pair.row]),
            ):
                limit = getattr(self.rules, rule)
                if limit > 0 and value < limit:
                    removed = Removed(self.texts[pair.row], pair.class_id, rule, round(value, 4), limit)
                    self.removed.append(removed)
                    break
            else:
                kept.append(pair)
        self.pairs = kept


def near_duplicates(vectors: Tensor, limit: float) -> dict[int, tuple[int, float]]:
    """Rows too like an earlier one that stays: by row, that earlier row, the most like it, and the cosine of both.

    Args:
        vectors: [N, D], unit length.
        limit: cosine above which two are too alike.
    """
    found: dict[int, tuple[int, float]] = {}
    free = torch.ones(len(vectors), dtype=torch.bool)
    for row in range(len(vectors)):
        cosines = (vectors[:row] @ vectors[row]).masked_fill(~free[:row], -2.0) if row else vectors.new_zeros(0)
        if len(cosines) and cosines.max() > limit:
            found[row] = int(cosines.argmax()), float(cosines.max())
            free[row] = False
    return found


def chosen(rules: ConceptRules, pairs: Sequence[ForClass], found: Separation, vectors: Tensor) -> list[ForClass]:
    """For each class its words of the vocabulary, those that separate it best first.

    A class considers the share of its words that fits it best; none that it gets is too like another one.

    Args:
        found: the N texts on the task's images.
        vectors: [N, D], unit length.
    """
    own: dict[int, list[ForClass]] = {}
    for pair in pairs:
        own.setdefault(pair.place, []).append(pair)
    kept: list[ForClass] = []
    for place in sorted(own):
        rows = torch.tensor([pair.row for pair in own[place]])
        considered = min(len(rows), max(2 * rules.vocabulary_size, round(rules.vocabulary_share * len(rows))))
        fitting = found.means[place, rows].argsort(descending=True, stable=True)[:considered].sort().values
        order = fitting[found.worth[place, rows[fitting]].argsort(descending=True, stable=True)]
        kept += _apart([own[place][at] for at in order.tolist()], vectors, rules)
    return kept


def _apart(ordered: Sequence[ForClass], vectors: Tensor, rules: ConceptRules) -> list[ForClass]:
    """As many of them as a class gets, from the first, without those too like one before."""
    taken: list[ForClass] = []
    for pair in ordered:
        if len(taken) == rules.vocabulary_size:
            break
        before = vectors[[one.row for one in taken]]
        if not taken or (before @ vectors[pair.row]).max() <= rules.vocabulary_alike:
            taken.append(pair)
    return taken
