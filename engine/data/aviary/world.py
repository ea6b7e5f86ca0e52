"""The Aviary as a dataset: species, individuals that vary, homes they keep to, and the truth about every picture."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.data.aviary.attributes import ATTRIBUTES, PARTS
from engine.data.aviary.bird import Bird
from engine.data.aviary.candidates import candidates_for
from engine.data.aviary.render import RENDERER_VERSION, render, render_with_parts
from engine.data.aviary.species import SPECIES_COUNT, Species, load_species, table_digest
from engine.data.chosen import ClassChoice
from engine.data.cuts import Cut, WholeRows, of_classes
from engine.data.dataset import ConceptCandidate, Images, RepeatedImages
from engine.params import Parameters, param
from engine.rng import numpy_stream

if TYPE_CHECKING:
    from engine.data.repeated import PixelDigests

Codes = Ints

HABITAT = len(ATTRIBUTES) - 1
"""Index of the habitat among the attributes."""
SETTING = ATTRIBUTES[HABITAT].name
"""The one attribute of a bird that is not the bird's: it can change and the species stays."""
_SIZES = np.array([len(attribute.values) for attribute in ATTRIBUTES])
_SEEDS = 2**31
_MAX_SEED = 2**31 - 1

TRUTH_NAMES = tuple(f"{a.name}:{value}" for a in ATTRIBUTES for value in a.values)
"""Keys of the 77 concepts, for example `"bill:hooked"`, attribute by attribute."""
TRUTH_GROUPS = tuple(a.name for a in ATTRIBUTES for _ in a.values)
"""Attribute of each of `TRUTH_NAMES`."""


@dataclass(frozen=True, eq=False)
class AviarySplit:
    """One split: who every bird is; pictures are drawn on demand. Class-major: all birds of class 0 come first.

    Attributes:
        codes: attribute codes [N, 13].
        seeds: the renderer's seed of every bird [N].
        labels: class index of every bird [N].
        digest: hex digest of everything the pictures depend on.
        kinds: of each class, its species' row in the table.
    """

    codes: Codes
    seeds: Ints
    labels: Ints
    digest: str
    kinds: tuple[int, ...] = ()
    origin: WholeRows | None = None

    def part(self, cut: Cut, kept: Sequence[int]) -> AviarySplit:
        """Some of its birds, those of the classes `kept`."""
        kinds = tuple(self.kinds[c] for c in kept)
        return AviarySplit(self.codes[cut.rows], self.seeds[cut.rows], cut.labels, cut.digest, kinds, cut.origin)

    @cached_property
    def truth(self) -> Bools:
        """Which concepts are true of each bird, [N, 77], columns as in `TRUTH_NAMES`; 13 are true of each."""
        offsets = np.cumsum(_SIZES) - _SIZES
        truth = np.zeros((len(self.codes), len(TRUTH_NAMES)), dtype=np.bool_)
        np.put_along_axis(truth, self.codes + offsets, True, axis=1)
        return truth

    def birds(self, index: int) -> Bird:
        """The bird of picture `index`, for `render`, `render_with_parts` and `edit`."""
        return Bird(tuple(self.codes[index].tolist()), int(self.seeds[index]))

    def images(self, indices: Sequence[int] | Ints, size: int) -> Images:
        """The pictures at `indices`, uint8 [n, size, size, 3].

        Raises:
            BadParameter: `size` is not what `render` allows.
        """
        drawn = [render(self.birds(int(i)), size) for i in indices]
        return np.stack(drawn) if drawn else np.zeros((0, size, size, 3), dtype=np.uint8)

    def picture_digest(self, index: int) -> str:
        """Empty: a picture that is drawn has no bytes of its own."""
        return ""

    @property
    def located(self) -> frozenset[str]:
        """Every attribute: it is about a part of the picture (`engine.data.regions.Located`)."""
        return frozenset(attribute.name for attribute in ATTRIBUTES)

    @property
    def outlined(self) -> bool:
        """Parts are drawn."""
        return True

    def where(self, indices: Sequence[int] | Ints, size: int) -> Mapping[str, Bools]:
        """By attribute, where its part is, [n, size, size]; raises as `parts`."""
        drawn = self.parts(indices, size)
        return {attribute.name: drawn == PARTS.index(attribute.part) for attribute in ATTRIBUTES}

    def parts(self, indices: Sequence[int] | Ints, size: int) -> npt.NDArray[np.uint8]:
        """The part maps at `indices`, uint8 [n, size, size]: index into `PARTS`, 255 for no part.

        Raises:
            BadParameter: `size` is not what `render` allows.
        """
        drawn = [render_with_parts(self.birds(int(i)), size)[1] for i in indices]
        return np.stack(drawn) if drawn else np.zeros((0, size, size), dtype=np.uint8)


@dataclass(frozen=True)
class Aviary(Parameters):
    """The embedded dataset. Splits: `train`, `test`, and `moved`, the test birds away from home.

    A bird depends on the seed, its split, its class and its number within the class, and on nothing else: with more
    species or more pictures per class the first ones stay what they were.

    Raises:
        BadParameter: a parameter is out of range.
    """

    name: ClassVar[str] = "aviary"
    vectors: ClassVar[None] = None

    species: int = param(
        40, low=1, high=SPECIES_COUNT, unit="species", help="How many species, in the order of the table."
    )
    train_per_class: int = param(100, low=1, high=5000, unit="images", help="Training pictures of each species.")
    test_per_class: int = param(40, low=1, high=5000, unit="images", help="Test pictures of each species.")
    variation: float = param(
        0.2, low=0.0, high=1.0, help="Chance that an attribute of a single bird differs from its species."
    )
    habitat_fidelity: float = param(
        0.95, low=0.0, high=1.0, help="Share of training and test pictures that show a bird in its home habitat."
    )
    seed: int = param(1993, low=0, high=_MAX_SEED, help="Which individual birds there are.")
    choice: ClassChoice | None = None

    def __getstate__(self) -> Mapping[str, object]:
        """Its parameters: another process works the rest out again."""
        return {**self.to_mapping(), "choice": self.choice}

    @property
    def class_names(self) -> tuple[str, ...]:
        """The species' names, or what they are called instead."""
        return self.choice.names if self.choice else tuple(species.name for species in self.kinds)

    @property
    def kinds(self) -> tuple[Species, ...]:
        """The species of each class."""
        species = load_species(self.species)
        return tuple(species[c] for c in self.choice.kept) if self.choice else species

    def of_classes(self, choice: ClassChoice) -> Aviary:
        """The same birds, of some species only, under other names."""
        return replace(self, choice=choice)

    @property
    def truth_names(self) -> tuple[str, ...]:
        """Keys of the concepts, `"attribute:value"`."""
        return TRUTH_NAMES

    @property
    def truth_groups(self) -> tuple[str, ...]:
        """Attribute of each concept."""
        return TRUTH_GROUPS

    @cached_property
    def splits(self) -> Mapping[str, AviarySplit]:
        """`train`, `test` and `moved`; the birds of `moved` are those of `test` with only the habitat changed."""
        splits = {
            "train": self._split("train", "train", self.train_per_class),
            "test": self._split("test", "test", self.test_per_class),
            "moved": self._split("moved", "test", self.test_per_class),
        }
        if self.choice is not None:
            kept = self.choice.kept
            splits = {name: one.part(of_classes(one, kept, self.species), kept) for name, one in splits.items()}
        return MappingProxyType(splits)

    @cached_property
    def class_digests(self) -> Mapping[str, str]:
        """By species, a hex digest of its birds in all splits and of the version of the code that draws them."""
        return MappingProxyType({name: self._class_digest(i) for i, name in enumerate(self.class_names)})

    @cached_property
    def concepts_digest(self) -> str:
        """Hex digest of the candidate texts of all species, in their order."""
        listed = [(c.text, c.group, c.truth) for i in range(len(self.kinds)) for c in self.candidates(i)]
        return hashlib.sha256(repr(listed).encode()).hexdigest()

    def repeated(self, digests: PixelDigests) -> RepeatedImages:
        """None: each bird is an individual of its own, and no picture need be looked at."""
        return RepeatedImages()

    def candidates(self, class_index: int) -> tuple[ConceptCandidate, ...]:
        """Texts that may describe the species, good and bad mixed, in a fixed random order."""
        row = self.choice.kept[class_index] if self.choice else class_index
        return candidates_for(self.kinds[class_index], numpy_stream(self.seed, "candidates", row))

    def _split(self, name: str, birds: str, per_class: int) -> AviarySplit:
        drawn = [self._individuals(name, birds, i, per_class) for i in range(self.species)]
        return AviarySplit(
            codes=np.concatenate([codes for codes, _ in drawn]),
            seeds=np.concatenate([seeds for _, seeds in drawn]),
            labels=np.repeat(np.arange(self.species), per_class),
            digest=self._digest(name),
            kinds=tuple(range(self.species)),
        )

    def _individuals(self, split: str, birds: str, class_index: int, count: int) -> tuple[Codes, Ints]:
        """Codes [count, 13] and renderer seeds [count] of one species' birds.

        Each bird takes one row of uniform numbers, and every number has one use, so neither the number of birds nor a
        parameter disturbs the other birds or the other choices.
        """
        species = load_species(self.species)[class_index]
        rows = numpy_stream(self.seed, f"aviary {birds}", class_index).random((count, 2 * HABITAT + 5))
        varies, other, rest = np.split(rows, [HABITAT, 2 * HABITAT], axis=1)  # [count, 12], [count, 12], [count, 5]
        plumages = np.array(species.plumages)
        codes = plumages[(rest[:, 0] * len(plumages)).astype(np.int64)]
        codes[:, :HABITAT] = np.where(
            varies < self.variation, _another(codes[:, :HABITAT], _SIZES[:HABITAT], other), codes[:, :HABITAT]
        )
        away = rest[:, 1] >= self.habitat_fidelity
        if split == "moved":
            codes[:, HABITAT] = _another(codes[:, HABITAT], _SIZES[HABITAT], rest[:, 2])
        else:
            codes[away, HABITAT] = _another(codes[away, HABITAT], _SIZES[HABITAT], rest[away, 3])
        return codes, (rest[:, 4] * _SEEDS).astype(np.int64)

    def _class_digest(self, class_index: int) -> str:
        whole = hashlib.sha256(f"renderer {RENDERER_VERSION}".encode())
        for name, split in self.splits.items():
            own = split.labels == class_index
            whole.update(b"\0".join([name.encode(), split.codes[own].tobytes(), split.seeds[own].tobytes()]))
        return whole.hexdigest()

    def _digest(self, split: str) -> str:
        per_class = self.train_per_class if split == "train" else self.test_per_class
        made_from = (split, self.species, per_class, self.variation, self.habitat_fidelity, self.seed)
        return hashlib.sha256(repr((RENDERER_VERSION, table_digest(), made_from)).encode()).hexdigest()


def _another(codes: Codes, sizes: Codes, u: Floats) -> Codes:
    """A code other than `codes` below `sizes`, chosen uniformly by `u` in 0..1."""
    step = 1 + (u * (sizes - 1)).astype(np.int64)
    return np.asarray((codes + step) % sizes)
