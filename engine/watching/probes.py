"""The pictures that are watched, opened once and kept: pixels, embedding and patch tokens, under each backbone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import patches_why_not
from engine.data.dataset import Dataset, Images
from engine.data.images import decode_image, square
from engine.data.streams import TRAIN, VAL, TaskStream
from engine.device import device
from engine.errors import BadInput, PlumageError

NOBODY = -1
_DIGITS = 9
_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A watched picture.

    Attributes:
        name: a split and a row of it (`val:17` of the training split), or `own:` and a digest.
        arrived: the task whose pictures it is of, -1 for a person's own.
        reason: why it is watched.
        label: position of its class in the order of learning, -1 where nobody knows.
        data: of a person's own picture its bytes.
    """

    name: str
    arrived: int
    reason: str
    label: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Sight:
    """A probe as a backbone sees it.

    Attributes:
        pixels: [3, S, S] in 0..1, on the backbone's device.
        feature: [D], unit length.
        patches: [P, D] in the joint space, or None where the backbone keeps none.
    """

    pixels: Tensor
    feature: Tensor
    patches: Tensor | None


class Probes:
    """Opens probes, and keeps what it opened as long as the backbone is the same."""

    def __init__(self, dataset: Dataset, stream: TaskStream) -> None:
        self._dataset = dataset
        self._task = stream.task_of_position
        self._position = {c: i for i, c in enumerate(stream.class_order)}
        self._seen: dict[str, Sight | str] = {}
        self._digest = ""

    def named(self, name: str, reason: str, data: bytes = b"") -> Probe:
        """A probe by its name, whatever that is: that it is nothing is found out when it is opened.

        Args:
            data: of a person's own picture its bytes.
        """
        place = self._place(name)
        if place is None:
            return Probe(name, NOBODY, reason, NOBODY, data)
        split, row = place
        label = self._position[int(self._dataset.splits[split].labels[row])]
        return Probe(name, int(self._task[label]), reason, label)

    def sight(self, probe: Probe, backbone: Backbone) -> Sight | str:
        """How it is seen, or why it cannot be looked at."""
        if backbone.digest != self._digest:
            self._seen, self._digest = {}, backbone.digest
        if probe.name not in self._seen:
            try:
                self._seen[probe.name] = _seen(self._pixels(probe, backbone.image_size), backbone)
            except (PlumageError, OSError) as error:
                self._seen[probe.name] = str(error)[:300]
        return self._seen[probe.name]

    def _place(self, name: str) -> tuple[str, int] | None:
        """Split and row of a picture of the data; None where the name is of none."""
        word, _, text = name.partition(":")
        split = TRAIN if word == VAL else word
        if split not in self._dataset.splits or not text.isdecimal() or len(text) > _DIGITS:
            return None
        row = int(text)
        return (split, row) if row < len(self._dataset.splits[split].labels) else None

    def _pixels(self, probe: Probe, size: int) -> Images:
        if (place := self._place(probe.name)) is not None:
            image: Images = self._dataset.splits[place[0]].images([place[1]], size)[0]
            return image
        if not probe.data:
            raise BadInput(f"picture {probe.name}", "it is no picture of this run's data", "Pin another one")
        return np.asarray(square(decode_image(probe.data, probe.name), size), np.uint8)


@torch.no_grad()
def _seen(image: Images, backbone: Backbone) -> Sight:
    """One picture by itself, so that it is seen the same in whatever company."""
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1).to(device(), torch.float32) / _WHITE
    if patches_why_not(backbone):
        return Sight(pixels, backbone.embed(pixels[None])[0], None)
    feature, patches = backbone.look(pixels[None])
    return Sight(pixels, feature[0], patches[0])
