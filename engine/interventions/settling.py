"""Setting concepts of an energy-based bottleneck: the others and the class settle with what was said.

Xu et al., "Energy-Based Concept Bottleneck Models", ICLR 2024, section 3.3: the concepts that a person has set are
held, and the rest of the energy is minimised again. In their released code the others stay where they are; here they
move through E_cy (`engine.model.side_channels.energies`). Beside `Correlations`, which know how concepts go together
in general, this asks the model what goes with this image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.array_types import Bools, Floats
from engine.device import fixed_threads

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.side_channels.energies import Energies

_LEAST = 0.05
"""Log odds below which a concept counts as staying: its probability changes by little more than one in a hundred."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One image after some concepts were set.

    Attributes:
        concepts: expected value of each concept given what was set, [K] in 0..1; of the set ones what they were set to.
        classes: probabilities of the classes given the same, [C].
    """

    concepts: Floats
    classes: Floats


@dataclass(frozen=True, slots=True)
class Settling:
    """How one image's concepts settle.

    Attributes:
        side: the model's energies.
        features: the image's unit-length embedding, [D].
    """

    source: ClassVar[str] = "energies"
    """Where it is known from, beside the sources of `Correlations`."""

    side: Energies
    features: Tensor

    def expected(self, scores: Floats, changed: Bools, targets: Floats) -> Settled:
        """What the model expects once some scores are set.

        Args:
            scores, targets: [K], the image's own, and what the set ones are set to.
            changed: [K], which are set.
        """
        import torch

        with fixed_threads(1), torch.no_grad():
            concepts = self._odds(np.where(changed, targets, scores), changed).sigmoid()
            classes = self.side.answers(self._batch, concepts).softmax(1)
        return Settled(*(np.asarray(part[0].numpy(), np.float64) for part in (concepts, classes)))

    def moved(self, scores: Floats, changed: Bools, targets: Floats) -> Floats:
        """The scores after some were set and the others followed, [K]: each by as much as its log odds moved."""
        import torch

        with fixed_threads(1), torch.no_grad():
            before = self._odds(scores, np.zeros(len(scores), np.bool_))
            after = self._odds(np.where(changed, targets, scores), changed)
        shift = np.asarray((after - before)[0].double().numpy(), np.float64)
        return np.where(changed, targets, scores + np.where(np.abs(shift) >= _LEAST, shift, 0.0))

    @property
    def _batch(self) -> Tensor:
        return self.features.unsqueeze(0)

    def _odds(self, scores: Floats, held: Bools) -> Tensor:
        """[1, K]."""
        import torch

        rows = torch.from_numpy(scores).float().unsqueeze(0)
        return self.side.settled(self._batch, rows, torch.from_numpy(held))
