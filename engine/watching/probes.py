"""The pictures that are watched, opened once and kept: pixels, embedding and patch tokens, under each backbone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import tokens_why_not
from engine.data.dataset import Dataset, Images
from engine.data.images import decode_image, square
from engine.data.streams import TRAIN, TaskStream
from engine.device import device
from engine.errors import BadInput, PlumageError
from engine.runs.watch import Pin

VAL, OWN = "val:", "own:"
_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A watched picture.

    Attributes:
        name: `val:` and a row of the training split, or `own:` and a digest.
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
        self._arrived = {int(row): task.id for task in stream.tasks for row in task.val}
        self._position = {c: i for i, c in enumerate(stream.class_order)}
        self._seen: dict[str, Sight | str] = {}
        self._digest = ""

    def chosen(self, row: int, reason: str) -> Probe:
        """A validation picture, a row of the training split."""
        label = self._position[int(self._dataset.splits[TRAIN].labels[row])]
        return Probe(f"{VAL}{row}", self._arrived[row], reason, label)

    def pinned(self, pin: Pin) -> Probe:
        """What a person pinned, whatever it is: that it is nothing is found out when it is opened."""
        row = self._row(pin.what)
        return Probe(pin.what, -1, "pinned", -1, pin.data) if row is None else self.chosen(row, "pinned")

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

    def _row(self, name: str) -> int | None:
        text = name.removeprefix(VAL)
        row = int(text) if name.startswith(VAL) and text.isdecimal() and len(text) < 10 else -1
        return row if row in self._arrived else None

    def _pixels(self, probe: Probe, size: int) -> Images:
        if (row := self._row(probe.name)) is not None:
            image: Images = self._dataset.splits[TRAIN].images([row], size)[0]
            return image
        if not probe.data:
            raise BadInput(f"picture {probe.name}", "it is no validation picture of this run", "Pin another one")
        return np.asarray(square(decode_image(probe.data, probe.name), size), np.uint8)


@torch.no_grad()
def _seen(image: Images, backbone: Backbone) -> Sight:
    """One picture by itself, so that it is seen the same in whatever company."""
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1).to(device(), torch.float32) / _WHITE
    if tokens_why_not(backbone):
        return Sight(pixels, backbone.embed(pixels[None])[0], None)
    feature, patches = backbone.look(pixels[None])
    return Sight(pixels, feature[0], patches[0])
