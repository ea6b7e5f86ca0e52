"""Who plays in a film: every probe, concept and class that any beat speaks of, each with a place of its own that it
keeps, so that nothing jumps while the film runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.records.events import Watched

MOST_COLUMNS = 24
"""Classes shown beside each other."""


@dataclass(frozen=True, slots=True)
class ProbeSeen:
    """A watched picture: its name, the class it shows (a position of learning, -1 where nobody knows), the task whose
    pictures it is of (-1 for a person's own), and why it is watched."""

    ref: str
    label: int
    arrived: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConceptSeen:
    """A watched concept: its words, what they are about, why it is watched, and the task that brought it."""

    text: str
    group: str
    why: str
    born: int


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays.

    Attributes:
        probes, concepts: in the order in which they came to be watched.
        columns: the watched classes, positions in the order of learning.
    """

    probes: tuple[ProbeSeen, ...]
    concepts: tuple[ConceptSeen, ...]
    columns: tuple[int, ...]


def cast(beats: Sequence[Watched]) -> Cast:
    """Everybody in these beats."""
    probes: dict[str, ProbeSeen] = {}
    concepts: dict[str, ConceptSeen] = {}
    for beat in beats:
        found = beat.arrays
        for i, ref in enumerate(found["probe"].tolist()):
            seen = ProbeSeen(ref, int(found["label"][i]), int(found["arrived"][i]), str(found["reason"][i]))
            probes.setdefault(ref, seen)
        for k, text in enumerate(found["concept"].tolist()):
            about = ConceptSeen(text, str(found["group"][k]), str(found["why"][k]), int(found["born"][k]))
            concepts.setdefault(text, about)
    return Cast(tuple(probes.values()), tuple(concepts.values()), columns(beats))


def columns(beats: Sequence[Watched]) -> tuple[int, ...]:
    """The watched classes: those of the probes, then what a probe was taken for, clean or attacked, the most frequent
    first; at most `MOST_COLUMNS`, in the order of learning."""
    own, mixed = Counter[int](), Counter[int]()
    for beat in beats:
        own.update(beat.arrays["aimed"].tolist())
        mixed.update([*beat.arrays["predicted"].tolist(), *beat.arrays["attacked"].tolist()])
    ranked = [position for position, _ in own.most_common()]
    ranked += [position for position, _ in mixed.most_common() if position not in own]
    return tuple(sorted([position for position in ranked if position >= 0][:MOST_COLUMNS]))
