"""One image to be explained, named by a text short enough for an address.

test:123, moved:123, val:123     image 123 of a split ("val" counts in the training split)
bird:3.0.1.….2:77                a drawn bird: its 13 attribute codes and its seed
upload:0f3a…                     a picture somebody gave (see `engine.session.uploads`)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.array_types import Bools
from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.data.aviary.species import Species
from engine.data.aviary.world import Aviary, AviarySplit
from engine.data.dataset import Images
from engine.data.streams import VAL
from engine.errors import BadInput
from engine.session.lab import Lab
from engine.session.uploads import load

BIRD, UPLOAD = "bird", "upload"


@dataclass(frozen=True, slots=True)
class Subject:
    """An image and what is known of it.

    Attributes:
        ref: its name, as above.
        pixels: uint8 [S, S, 3], as the model sees it.
        feature: [D], unit length.
        class_id: the dataset's index of its class, or None where nobody knows.
        label: position of that class in the order of learning, or None.
        truth: the dataset's truth columns for it, or None.
        bird: how to draw it again, or None.
    """

    ref: str
    pixels: npt.NDArray[np.uint8]
    feature: Tensor
    class_id: int | None = None
    label: int | None = None
    truth: Bools | None = None
    bird: Bird | None = None


def subject(lab: Lab, ref: str, task: int | None = None) -> Subject:
    """The image named `ref`, embedded.

    Args:
        task: as it is seen after this task; after the last finished one if not given (see `Lab.embedder_after`).

    Raises:
        BadInput: nothing has this name.
    """
    kind, _, rest = ref.partition(":")
    if kind in lab.splits and (vectors := lab.dataset.vectors) is not None:
        given = _of_split(lab, ref, kind, rest)
        return dataclasses.replace(given, feature=torch.from_numpy(vectors.images[lab.own(kind)][int(rest)]))
    if kind == BIRD:
        found = _drawn(lab, ref, bird_of(ref))
    elif kind == UPLOAD:
        found = Subject(ref, load(lab.store, ref, lab.image_size), Tensor())
    else:
        found = _of_split(lab, ref, kind, rest)
    return dataclasses.replace(found, feature=lab.embed(found.pixels[None], task)[0])


def features(lab: Lab, found: Subject) -> Tensor:
    """The image as it is seen after every finished task, [T, D]; the same T times where the backbone stays."""
    tasks = range(lab.view.tasks_done)
    if not lab.changes_backbone:
        return found.feature.expand(len(tasks), -1)
    return torch.stack([lab.embed(found.pixels[None], task)[0] for task in tasks])


def picture(lab: Lab, ref: str, size: int) -> Images:
    """The image for people, uint8 [size, size, 3].

    Raises:
        BadInput: nothing has this name.
    """
    kind, _, rest = ref.partition(":")
    if kind == BIRD:
        return render(bird_of(ref), size)
    if kind == UPLOAD:
        return load(lab.store, ref, size)
    drawn: Images = lab.dataset.splits[lab.own(kind)].images([_row(lab, ref, kind, rest)], size)[0]
    return drawn


def ref_of(bird: Bird) -> str:
    """The name of a drawn bird."""
    return f"{BIRD}:{'.'.join(map(str, bird.values))}:{bird.seed}"


def bird_of(ref: str) -> Bird:
    """The bird of such a name.

    Raises:
        BadInput: the name is none.
    """
    try:
        _, codes, seed = ref.split(":")
        return Bird(tuple(int(code) for code in codes.split(".")), int(seed))
    except ValueError as error:
        raise BadInput(f"bird {ref[:80]!r}", "its name is not as Plumage writes it", "Choose a bird again") from error


def _drawn(lab: Lab, ref: str, bird: Bird) -> Subject:
    """A bird drawn to order: its truth is in its codes, and its class is the species it looks like, if it is one."""
    pixels = render(bird, lab.image_size)
    if not isinstance(lab.dataset, Aviary):
        return Subject(ref, pixels, Tensor(), bird=bird)
    alone = AviarySplit(np.array([bird.values]), np.array([bird.seed]), np.zeros(1, np.int64), "")
    class_id, order = _species(bird, lab.dataset.kinds), lab.stream.class_order
    label = order.index(class_id) if class_id in order else None
    return Subject(ref, pixels, Tensor(), class_id, label, alone.truth[0], bird)


def _species(bird: Bird, kinds: Sequence[Species]) -> int | None:
    """The class whose species has exactly this plumage, wherever it is drawn."""
    plumages = [{look[:-1] for look in species.plumages} for species in kinds]
    return next((i for i, looks in enumerate(plumages) if bird.values[:-1] in looks), None)


def _of_split(lab: Lab, ref: str, kind: str, rest: str) -> Subject:
    row = _row(lab, ref, kind, rest)
    split = lab.dataset.splits[lab.own(kind)]
    class_id = int(split.labels[row])
    order = lab.stream.class_order
    birds = getattr(split, "birds", None)  # only the Aviary can draw its images again
    return Subject(
        ref,
        split.images([row], lab.image_size)[0],
        Tensor(),
        class_id=class_id,
        label=order.index(class_id) if class_id in order else None,
        truth=None if split.truth is None else split.truth[row],
        bird=birds(row) if birds else None,
    )


def _row(lab: Lab, ref: str, kind: str, rest: str) -> int:
    size = len(lab.dataset.splits[lab.own(kind)].labels) if kind in lab.splits else 0
    if not rest.isascii() or not rest.isdigit() or int(rest) >= size:
        allowed = f"this run has images {', '.join(f'{name}:NUMBER' for name in (VAL, *lab.splits[1:]))}"
        raise BadInput(f"image {ref[:80]!r}", allowed, "Choose an image again")
    return int(rest)
