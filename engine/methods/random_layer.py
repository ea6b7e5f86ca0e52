"""The random layer that ridge regressions use to tell classes apart that no plane divides. Registers nothing.

Its weights are drawn once, for the first task, and carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.errors import NotApplicable
from engine.methods.moments import CHUNK
from engine.rng import torch_stream

if TYPE_CHECKING:
    from engine.methods.base import TaskData
    from engine.model.snapshot import Snapshot


def normal(width: int, units: int, stream: torch.Generator) -> Tensor:
    """A layer [D, M] of N(0, 1): of a unit-length embedding each unit is the positive part of a standard normal."""
    return torch.randn(width, units, generator=stream)


def even(width: int, units: int, stream: torch.Generator) -> Tensor:
    """A layer [D, M] drawn evenly from +-1 / sqrt(D), as torch starts a linear layer."""
    reach = float(width) ** -0.5
    return torch.empty(width, units).uniform_(-reach, reach, generator=stream)


def layer_for(data: TaskData, units: int, draw: Callable[[int, int, torch.Generator], Tensor], name: str) -> Tensor:
    """The layer [D, M] of a run: that of the model before, or a new one.

    Args:
        units: M, as the settings ask for.
        draw: makes a new one.
        name: the method's, for the message.

    Raises:
        NotApplicable: the run began with another size.
    """
    if data.previous is None:
        return draw(data.features.shape[1], units, torch_stream(data.seed, "random-layer"))
    layer = layer_of(data.previous)
    found = 0 if layer is None else layer.shape[1]
    if layer is None or found != units:
        reason = f"the run so far has {found} random features, and its sums are of these"
        raise NotApplicable(f"{name}: random_features = {units}", reason, f"Set it to {found}, or start a new run")
    return layer


def layer_of(model: Snapshot) -> Tensor | None:
    """The random layer [D, M] of a model, or None if it has none."""
    from engine.model.side_channels.random_features import RandomFeatures

    return model.side.projection if isinstance(model.side, RandomFeatures) else None


def hidden(features: Tensor, layer: Tensor | None) -> Tensor:
    """What the layer makes of images, float64 [N, M]; the images themselves without one.

    In float64, because what was added for an image has to be what is taken away, however many are looked at together.
    """
    exact = features.double()
    return exact if layer is None else (exact @ layer.double()).relu()


def chunks(features: Tensor, labels: Tensor, layer: Tensor | None) -> Iterator[tuple[Tensor, Tensor]]:
    """What the layer makes of images, some at a time, with their labels."""
    for start in range(0, len(features), CHUNK):
        some = slice(start, start + CHUNK)
        yield hidden(features[some], layer), labels[some]
