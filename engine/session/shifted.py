"""Validation images somewhere else: what a model that leans on the surroundings would get wrong.

Plain validation cannot show such a leaning, because its birds are at home like the training birds, and nothing may be
chosen on test images. So the validation birds are moved: where the data can draw, each is drawn again in another
habitat; elsewhere the part of its embedding that lies along the group's words is swapped with that of another class's
image. The swap is a stand-in: a repair that takes out just that part is bound to do well on it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird, edit
from engine.data.aviary.render import render
from engine.data.aviary.world import HABITAT, SETTING, AviarySplit
from engine.data.streams import VAL
from engine.errors import NotApplicable
from engine.interventions.evidence import DRAWN, SWAPPED
from engine.interventions.repair import directions
from engine.model.gaussian_samples import RIDGE
from engine.model.snapshot import Snapshot
from engine.rng import numpy_stream, torch_stream
from engine.session.lab import Lab
from engine.training.material import Sample

_IMAGINED = 100
"""Embeddings drawn of each class."""
_BLOCK = 16  # images drawn and embedded together


@dataclass(frozen=True, slots=True)
class Moved:
    """Validation images moved elsewhere.

    Attributes:
        features: [N, D], aligned with `lab.sample("val", task)`.
        how: `DRAWN` or `SWAPPED`.
    """

    features: Tensor
    how: str


def moved_validation(lab: Lab, task: int, group: str) -> Generator[tuple[int, int], None, Moved]:
    """Move the validation images of tasks 0 to `task`; yields (images done, images in all).

    Args:
        group: what they shall be moved away from, for example `"habitat"`.
    """
    sample = lab.sample(VAL, task)
    split = lab.dataset.splits[lab.own(VAL)]
    if isinstance(split, AviarySplit) and group == SETTING:
        features = yield from _drawn(lab, split, sample, task)
        return Moved(features, DRAWN)
    return Moved(swapped(sample.features, sample.labels, lab.snapshot(task), group, lab.config.seed), SWAPPED)


def away(split: AviarySplit, row: int) -> Bird:
    """The bird of a picture in a habitat other than the one it is in; always the same one."""
    bird = split.birds(row)
    values = ATTRIBUTES[HABITAT].values
    step = 1 + int(numpy_stream(bird.seed, "elsewhere").integers(len(values) - 1))
    return edit(bird, SETTING, values[(bird.values[HABITAT] + step) % len(values)])


def swapped(features: Tensor, labels: Tensor, snapshot: Snapshot, group: str, seed: int) -> Tensor:
    """Each embedding [N, D] with its part along the group's words taken from an image of another class.

    Where all images are of one class they stay as they are.
    """
    stream = numpy_stream(seed, "swapped")
    classes = labels.numpy()
    other = np.arange(len(classes))
    for place, label in enumerate(classes):
        strangers = np.flatnonzero(classes != label)
        if len(strangers):
            other[place] = stream.choice(strangers)
    basis = directions(snapshot, group)  # [r, D]
    part = features @ basis.T  # [N, r]
    return F.normalize(features + (part[torch.from_numpy(other)] - part) @ basis, dim=1)


def imagined(snapshot: Snapshot, seed: int) -> tuple[Tensor, Tensor]:
    """Embeddings [C * 100, D] of images that nobody has, and their labels: normal draws from the class statistics.

    What a learner that keeps no images can look at instead of them. Unit length, as embeddings are.

    Raises:
        NotApplicable: the run's method kept no covariances.
    """
    kept = snapshot.classes
    if not kept.covariances.kept:
        raise NotApplicable("embeddings drawn from class statistics", "no covariances were kept", "Use images")
    stream = torch_stream(seed, "imagined")
    shape = len(kept.means), _IMAGINED, kept.covariances.normals
    normal = torch.randn(*shape, generator=stream, dtype=torch.float64)
    roots = kept.covariances.roots(RIDGE, torch.float64)
    drawn = torch.stack([mean + root(own) for mean, root, own in zip(kept.means.double(), roots, normal, strict=True)])
    labels = torch.arange(len(kept.means)).repeat_interleave(_IMAGINED)
    return F.normalize(drawn.flatten(0, 1), dim=1).float(), labels


def _drawn(lab: Lab, split: AviarySplit, sample: Sample, task: int) -> Generator[tuple[int, int], None, Tensor]:
    found = []
    for start in range(0, len(sample.rows), _BLOCK):
        yield start, len(sample.rows)
        birds = [away(split, int(row)) for row in sample.rows[start : start + _BLOCK]]
        found.append(lab.embed(np.stack([render(bird, lab.image_size) for bird in birds]), task))
    return torch.cat(found) if found else sample.features
