"""The embedded Aviary: birds drawn by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_SEED, SOURCES, OnProgress, Source
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

SPECIES = 200


@SOURCES.register
@dataclass(frozen=True)
class AviarySource(Source):
    """The embedded Aviary."""

    scheme: ClassVar[str] = "aviary"
    tells_truth: ClassVar[bool] = True
    amounts: ClassVar[frozenset[str]] = frozenset({"train_per_class", "test_per_class"})

    classes: int = param(
        40, low=2, high=SPECIES, unit="species", group=GROUP, help="How many species of the Aviary to learn."
    )
    train_per_class: int = param(
        100, low=4, high=5000, unit="images", group=GROUP, help="Training images of each species, validation included."
    )
    test_per_class: int = param(40, low=1, high=5000, unit="images", group=GROUP, help="Test images of each species.")
    variation: float = param(
        0.2, low=0.0, high=0.5, group=GROUP, help="Chance that an attribute of a single bird differs from its species."
    )
    habitat_fidelity: float = param(
        0.95, low=0.0, high=1.0, group=GROUP, help="Share of images in which a species keeps to its habitat."
    )
    world_seed: int = param(1993, low=0, high=MAX_SEED, group=GROUP, help="Which individual birds are drawn.")

    @property
    def class_names(self) -> tuple[str, ...]:
        """Its species."""
        from engine.data.aviary.species import load_species

        return tuple(species.name for species in load_species(self.classes))

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Nothing need be checked: every picture is drawn when it is asked for."""
        from engine.data.aviary.world import Aviary

        return Aviary(
            species=self.classes,
            train_per_class=self.train_per_class,
            test_per_class=self.test_per_class,
            variation=self.variation,
            habitat_fidelity=self.habitat_fidelity,
            seed=self.world_seed,
        )
