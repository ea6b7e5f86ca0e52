"""What a GPU saves: images a second embedded, attacked and mapped, on the CPU and on the GPU, and whether both agree.

The shipped tower, and open_clip's ViT-B/16 with random weights, each with a random bottleneck on top. Attacks are PGD
with all of its ten steps, away from the model's own answers. Embeddings agree where no number of theirs differs by more
than `_TOLERANCE`. Where there is no GPU only the CPU is measured, and that is said. Training is not in it: it works on
embeddings, on the CPU.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.attacks.base import PIXEL
from engine.attacks.objectives import Mislabel
from engine.attacks.pgd import PGD
from engine.attacks.victim import Victim
from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.presets import DEFAULT
from engine.bench._robustness_speed import ARCHITECTURE, STEPS, random_backbone, random_model, seconds
from engine.bench.figure import Figure, measured
from engine.explain.maps import concept_maps
from engine.rng import torch_stream
from engine.steps import finish

TITLE = "images a second embedded, attacked and mapped on the CPU and on the GPU, and whether they agree"
_TOLERANCE = 1e-3
"""Of a number of a unit-length embedding: reduced precision and other orders of sums, and no more."""
_REPEATS = 3


@dataclass(frozen=True, slots=True)
class MeasuredTower:
    """A tower and how many images it is measured on.

    Attributes:
        load: opens it on the CPU.
        images: embedded and mapped.
        attacked: of these, attacked.
    """

    load: Callable[[], Backbone]
    images: int
    attacked: int


TOWERS: Mapping[str, MeasuredTower] = {
    DEFAULT: MeasuredTower(lambda: load_backbone(DEFAULT), 256, 64),
    ARCHITECTURE: MeasuredTower(lambda: random_backbone(ARCHITECTURE), 32, 4),
}


@dataclass(frozen=True, slots=True)
class _OnDevice:
    """What came out on one device: images a second by what was done, embeddings [N, D], and which were fooled [B]."""

    rates: Mapping[str, float]
    embeddings: Tensor
    fooled: Tensor


def run(seeds: Sequence[int], only: str = "", devices: Sequence[str] = ()) -> Iterator[Figure]:
    """`device.TOWER.*`; spreads are over seeds, each of which draws images and the model on top.

    Args:
        devices: the CPU first; every one of this machine if not given.
    """
    found = devices or ("cpu", *(["cuda"] if torch.cuda.is_available() else []))
    if len(found) == 1:
        print("device: there is no GPU here; only the CPU is measured", file=sys.stderr, flush=True)
    for name, tower in TOWERS.items():
        prefix = f"device.{name}"
        if prefix.startswith(only) or only.startswith(prefix):
            yield from _compared(prefix, tower, seeds, found)


def _compared(prefix: str, tower: MeasuredTower, seeds: Sequence[int], devices: Sequence[str]) -> Iterator[Figure]:
    backbone = tower.load()  # once: its weights may be random
    done = [[_do(tower, backbone, torch.device(device), seed) for seed in seeds] for device in devices]
    for device, own in zip(devices, done, strict=True):
        for act in own[0].rates:
            yield measured(f"{prefix}.{act}.{device}", [one.rates[act] for one in own], "images/s")
    first = done[0]
    for device, own in zip(devices[1:], done[1:], strict=True):
        pairs = [*zip(own, first, strict=True)]
        for act in first[0].rates:
            times = [one.rates[act] / base.rates[act] for one, base in pairs]
            yield measured(f"{prefix}.{act}.{device}.over_{devices[0]}", times, "x")
        gaps = [float((one.embeddings - base.embeddings).abs().max()) for one, base in pairs]
        yield measured(f"{prefix}.embed.{device}.gap", gaps, "", most=_TOLERANCE)
        same = [100 * float((one.fooled == base.fooled).double().mean()) for one, base in pairs]
        yield measured(f"{prefix}.attack.{device}.equal", same, "%")


def _do(tower: MeasuredTower, backbone: Backbone, device: torch.device, seed: int) -> _OnDevice:
    backbone.model.to(device)
    rng = torch_stream(seed, "bench device")
    size = backbone.image_size
    pixels = torch.randint(0, 256, (tower.images, 3, size, size), generator=rng, dtype=torch.uint8)
    model = random_model(backbone.width, rng)
    victim = Victim(backbone, model.to(device))
    whole = pixels.to(device, torch.float32) / PIXEL
    attacked = whole[: tower.attacked]
    labels = victim.says(attacked).logits.argmax(1)
    directions = model.bottleneck.to(device)

    def embed() -> Tensor:
        with torch.inference_mode():
            return backbone.embed_images(pixels).cpu()  # what is on the CPU is done

    def attack() -> Tensor:
        pgd = replace(PGD(), steps=STEPS)
        return finish(pgd.run(victim, attacked, Mislabel(labels), seed, whole=True)).won.cpu()

    def see() -> Tensor:
        with torch.inference_mode():
            return concept_maps(backbone.patches(whole), directions).cpu()

    counts = {"embed": (embed, tower.images), "attack": (attack, tower.attacked), "map": (see, tower.images)}
    rates = {act: count / seconds(do, _REPEATS) for act, (do, count) in counts.items()}
    return _OnDevice(rates, embed(), attack())
