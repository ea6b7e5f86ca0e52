"""What people marked on a run's pictures, as arrays beside the scores. Imports torch.

A mark holds as long as the picture that it names has the bytes that were marked: it is never taken for another's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Ints
from engine.concepts.bank import ConceptBank
from engine.data.streams import VAL
from engine.errors import BadInput
from engine.session.lab import Lab
from engine.store.marks import Mark


@dataclass(frozen=True, slots=True)
class Marked:
    """What is said of N pictures and K concepts.

    Attributes:
        truth: whether the concept is true of the picture, [N, K]; False where nothing is said.
        known: whether anything is said, [N, K].
        strayed: how many marks of the split are of pictures that have other bytes now, or are gone.
        rows: of the split, [N].
    """

    truth: Bools
    known: Bools
    strayed: int
    rows: Ints

    @property
    def said(self) -> dict[tuple[int, int], bool]:
        """Whether it is true, by the picture's row and the concept's number; only what is said."""
        return {(int(self.rows[n]), int(k)): bool(self.truth[n, k]) for n, k in np.argwhere(self.known)}


def marked(lab: Lab, split: str, rows: Ints, bank: ConceptBank, marks: Iterable[Mark]) -> Marked:
    """What marks say of rows of a split, and of the concepts of a model."""
    places, concepts = {int(row): n for n, row in enumerate(rows)}, _numbers(bank)
    truth, known = (np.zeros((len(rows), len(bank)), np.bool_) for _ in range(2))
    strayed = 0
    for mark in marks:
        own, _, row = mark.picture.partition(":")
        if own != split:
            continue
        if not _holds(lab, mark):
            strayed += 1
        elif int(row) in places:  # a picture of a task that comes later is no stray
            at = places[int(row)], concepts.get(mark.concept, [])
            truth[at], known[at] = bool(mark.present), True
    return Marked(truth, known, strayed, rows)


def of_picture(lab: Lab, ref: str, bank: ConceptBank, marks: Iterable[Mark]) -> dict[int, bool]:
    """What marks say of one picture: whether it is there, by the concept's number in the bank, ascending."""
    concepts = _numbers(bank)
    mine = [mark for mark in marks if mark.picture == ref and _holds(lab, mark)]
    return dict(sorted((k, bool(mark.present)) for mark in mine for k in concepts.get(mark.concept, [])))


def digest_of(lab: Lab, ref: str) -> str:
    """Hex sha256 of the bytes of a picture of the run's data.

    Raises:
        BadInput: it is none of those, or has no bytes because it is drawn.
    """
    split, _, row = ref.partition(":")
    found = ""
    if split in (VAL, *lab.splits) and row.isascii() and row.isdigit():
        own = lab.dataset.splits[lab.own(split)]
        found = own.picture_digest(int(row)) if int(row) < len(own.labels) else ""
    if not found:
        raise BadInput(f"picture {ref[:40]!r}", "marks are of pictures of the run's folder", "Choose one of them")
    return found


def _holds(lab: Lab, mark: Mark) -> bool:
    try:
        return digest_of(lab, mark.picture) == mark.digest
    except BadInput:
        return False


def _numbers(bank: ConceptBank) -> dict[str, list[int]]:
    """Numbers of the concepts of each text."""
    found: dict[str, list[int]] = {}
    for k, concept in enumerate(bank.concepts):
        found.setdefault(concept.text, []).append(k)
    return found
