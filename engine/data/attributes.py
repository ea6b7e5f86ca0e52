"""What somebody said is true of each image, attribute by attribute, as concepts and their truth.

A truth is known of every image or it is none: where an attribute was left out for some images, it is either no truth at
all, or its gaps take what most training images of their class show (Koh et al. 2020, Concept Bottleneck Models, give
every image of CUB its class's majority).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Ints
from engine.data.dataset import ConceptCandidate
from engine.data.folder_concepts import Concepts

UNKNOWN = -1
NOBODY_KNOWS, AS_THE_CLASS = "unknown", "class"
GAPS = (NOBODY_KNOWS, AS_THE_CLASS)
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class ImageAttributes:
    """Attributes of images.

    Attributes:
        groups: by name of each of the K attributes, its group, or `""`.
        values: int8 [N, K]: 1 where it is true of an image, 0 where it is not, `UNKNOWN` where nobody said.
    """

    groups: Mapping[str, str]
    values: npt.NDArray[np.int8]

    def filled(self, labels: Ints, learnt: Bools) -> ImageAttributes:
        """With every gap as most of the training images of its class that are known; as not true where none is.

        Args:
            labels: class index of each image, [N].
            learnt: which of them are training images, [N].
        """
        values = self.values.copy()
        for c in np.unique(labels):
            own = self.values[labels == c]
            known = own[learnt[labels == c]]
            with np.errstate(invalid="ignore"):
                share = (known == 1).sum(0) / (known != UNKNOWN).sum(0)  # [K], NaN where nothing is known
            values[labels == c] = np.where(own == UNKNOWN, share > _MOST, own)
        return ImageAttributes(self.groups, values)

    @property
    def complete(self) -> list[int]:
        """The attributes that are known of every image: their truth is one."""
        return np.flatnonzero((self.values != UNKNOWN).all(0)).tolist()

    def truth(self) -> tuple[dict[str, str], Bools]:
        """The complete attributes with their groups, and which of them are true of each image, [N, complete]."""
        names = list(self.groups)
        return {names[k]: self.groups[names[k]] for k in self.complete}, self.values[:, self.complete] == 1

    def concepts(self, labels: Ints, learnt: Bools, written: Concepts) -> Concepts:
        """What may describe each class: what a file says, then every attribute that a training image of it shows.

        Args:
            labels, learnt: as in `filled`.
            written: what the file says, by class.
        """
        column = {name: place for place, name in enumerate(self.truth()[0])}
        found = []
        for c, texts in enumerate(written.candidates):
            shown = (self.values[(labels == c) & learnt] == 1).any(0)  # [K]
            names = [name for name, here in zip(self.groups, shown, strict=True) if here or not shown.any()]
            every = dict.fromkeys([*(text.text for text in texts), *names])
            found.append(tuple(ConceptCandidate(name, self.groups.get(name, ""), column.get(name)) for name in every))
        said = repr(list(self.groups.items())).encode() + self.values.tobytes() + written.digest.encode()
        return Concepts(tuple(found), hashlib.sha256(said).hexdigest())


def named(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Attributes as people read them, (name, group): `bill colour: deep_red` is `deep red bill colour` of the group
    `bill colour`; one without a colon has no group."""
    found = []
    for column in columns:
        before, colon, after = (" ".join(part.replace("_", " ").split()) for part in column.partition(":"))
        found.append((f"{after} {before}", before) if colon else (before, ""))
    return found
