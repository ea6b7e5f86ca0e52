"""What was found in data that were looked over. No torch here: pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.health.counts import Counts
from engine.health.labels import Suspect
from engine.health.pictures import Pictures
from engine.health.settings import HealthSettings
from engine.health.sizes import Sizes

Kind = Literal["bytes", "pixels", "near"]


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that are the same or nearly so.

    Attributes:
        kind: `"bytes"` where all are the same file, `"pixels"` where all show the same pixels, `"near"` otherwise.
        members: places in `Pictures`, ascending.
        distance: the largest between two that are linked, as a share of the median distance to a nearest neighbour; 0
            for equal ones.
        crosses_splits: whether it has pictures of several splits.
        crosses_classes: whether it has pictures of several classes.
    """

    kind: Kind
    members: tuple[int, ...]
    distance: float
    crosses_splits: bool
    crosses_classes: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What was found.

    Attributes:
        class_names: of the C classes.
        pictures: all of them; every other field points into these.
        counts: by class and split.
        sizes: odd ones.
        groups: pictures that are there more than once.
        suspects: likely wrong labels among the training pictures.
        known_right: share of the training pictures to which the classifier behind that gives their label: where it is
            low, its suspicions say little.
        skipped: files beside the pictures that do not look like any.
        settings: the rules.
    """

    class_names: tuple[str, ...]
    pictures: Pictures
    counts: Counts
    sizes: Sizes
    groups: tuple[Group, ...]
    suspects: tuple[Suspect, ...]
    known_right: float
    skipped: tuple[str, ...]
    settings: HealthSettings

    @property
    def uneven(self) -> bool:
        """Whether the largest class has too many times the pictures of the smallest."""
        return self.counts.ratio > self.settings.imbalance

    def spare(self) -> tuple[int, ...]:
        """Which pictures can be left out so that each is there once, as places in `pictures`.

        Of equal pictures the first stays, one for training where there is one. Those with several labels all stay,
        because nobody knows which is right, and so do pictures that are only nearly the same.
        """
        equal = (group for group in self.groups if group.kind != "near" and not group.crosses_classes)
        return tuple(sorted(index for group in equal for index in group.members[1:]))
