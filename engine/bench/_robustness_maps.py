"""What each attention map is worth on the demo run after its last task: `robustness.maps.BACKBONE.MAP.*`.

Every test image of the sample is looked at for one concept that is true of it and shown by a part of over 2 % of the
image. `pointing` and `iou` hold the map against that part. `deletion`, `insertion` and `road` take patches away and
watch the concept's score, in standard deviations of that score over all test images: the first is better the lower, the
others the higher. `stability` is how much of the map's top fifth stays under small noise. `random` is a map of noise,
so that one sees what means nothing. `pointing_wrong` is the map of a wrong value of the same attribute, where the bank
has one, and `centre.pointing` the middle of the image. `seconds` is one image's map alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Bools, Ints
from engine.attacks.victim import Victim
from engine.bench._robustness_runs import BenchRun, each, trained
from engine.bench._robustness_speed import seconds
from engine.bench.figure import Figure, measured
from engine.data.aviary.attributes import ATTRIBUTES, PARTS
from engine.data.aviary.world import AviarySplit
from engine.errors import NotApplicable
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.metrics.attention_quality import area, deletion, insertion, mask_iou, road, stability
from engine.metrics.pointing import LARGE, centre_hits, pointing_hits, wrong_value
from engine.rng import numpy_stream, torch_stream
from engine.session.aims import aim_of_concept
from engine.session.lab import Lab

RANDOM = "random"
"""The map that is noise."""
_LOOKED_AT = 400
"""Test images among which the sample is sought."""
_PART_OF = {attribute.name: PARTS.index(attribute.part) for attribute in ATTRIBUTES}
_UNITS = {"deletion": "sd", "insertion": "sd", "road": "sd", "seconds": "s"}


@dataclass(frozen=True, slots=True)
class Pairs:
    """N images and a concept to look for in each.

    Attributes:
        images: [N, 3, S, S].
        concepts: [N], rows of the bank.
        masks: [N, S, S], where the concept's part is.
        aims: N of them.
        wrong: the same for a wrong value of the same attribute; None where the bank has none.
    """

    images: Tensor
    concepts: Ints
    masks: Bools
    aims: Sequence[Aim]
    wrong: Sequence[Aim | None]

    def of(self, rows: Sequence[int]) -> Pairs:
        """Some of them."""
        at = list(rows)
        aims, wrong = [self.aims[i] for i in at], [self.wrong[i] for i in at]
        return Pairs(self.images[at], self.concepts[at], self.masks[at], aims, wrong)


def figures(cases: Sequence[BenchRun], sample: int) -> Iterator[Figure]:
    """Every map that a backbone allows, on `sample` images a seed."""
    found: dict[str, list[float]] = {}
    for case, told in zip(cases, each(partial(of_case, sample=sample), cases), strict=True):
        for name, value in told.items():
            found.setdefault(f"{case.config.backbone}.{name}", []).append(value)
    for name, values in found.items():
        yield measured(f"robustness.maps.{name}", values, _UNITS.get(name.rpartition(".")[2], "share"))


def of_case(case: BenchRun, sample: int) -> dict[str, float]:
    """The qualities of every map that can be made, by `MAP.QUALITY`."""
    lab = trained(case)
    chosen = pairs(lab, sample)
    found = {name: _worth(lab, chosen, name) for name in (*ATTENTION.names(), RANDOM)}
    middle = {"centre.pointing": float(centre_hits(chosen.masks).mean())}
    return middle | {f"{name}.{quality}": value for name, told in found.items() for quality, value in told.items()}


def pairs(lab: Lab, sample: int) -> Pairs:
    """Images of the run's seed, spread over all classes, each with one of its concepts at random.

    Raises:
        NotApplicable: the data have no parts.
    """
    last, split = lab.view.tasks_done - 1, lab.dataset.splits["test"]
    if not isinstance(split, AviarySplit):
        raise NotApplicable("maps against parts", "only the Aviary knows where its parts are", "Choose such a run")
    rng = numpy_stream(lab.config.seed, "bench-maps")
    rows = rng.permutation(lab.sample("test", last).rows)[:_LOOKED_AT]
    bank = lab.snapshot(last).bank
    truth, known = lab.truth("test", rows, bank)
    parts = np.array([_PART_OF.get(concept.group, -1) for concept in bank.concepts])
    drawn = split.parts(rows, lab.image_size)  # [n, S, S]
    shares = np.stack([(drawn == part).mean((1, 2)) for part in range(len(PARTS))], 1)  # [n, parts]
    fits = truth & known & (parts >= 0) & (shares[:, parts] > LARGE)  # [n, K]
    chosen = np.flatnonzero(fits.any(1))[:sample]
    concepts = np.array([rng.choice(np.flatnonzero(fits[i])) for i in chosen], np.int64)
    images = lab.tensor(lab.pixels("test", rows[chosen]))
    groups = [concept.group for concept in bank.concepts]
    others = [wrong_value(int(k), groups, truth[i]) for i, k in zip(chosen, concepts, strict=True)]
    aims = [aim_of_concept(lab, last, int(k)) for k in concepts]
    wrong = [None if k is None else aim_of_concept(lab, last, k) for k in others]
    return Pairs(images, concepts, drawn[chosen] == parts[concepts][:, None, None], aims, wrong)


def _worth(lab: Lab, chosen: Pairs, name: str) -> dict[str, float]:
    """One map's qualities; empty where it cannot be made for any of the pairs."""
    if name == RANDOM:
        return worth(lab, chosen, None)
    attention = ATTENTION.get(name)()
    backbone = lab.embedder.backbone
    able = [i for i, aim in enumerate(chosen.aims) if attention.why_not(backbone, aim) is None]
    return worth(lab, chosen.of(able), attention) if able else {}


def worth(lab: Lab, given: Pairs, attention: AttentionMap | None) -> dict[str, float]:
    """The qualities of one map, means over the pairs; of noise where there is no map."""
    last, seed = lab.view.tasks_done - 1, lab.config.seed
    victim, backbone = lab.victim(last), lab.embedder.backbone
    noise = torch_stream(seed, "bench-random-map")

    def look(images: Tensor) -> Tensor:
        if attention is None:
            return torch.rand(len(images), lab.grid, lab.grid, generator=noise)
        heats = [attention.heat(backbone, image[None], aim) for image, aim in zip(images, given.aims, strict=True)]
        return torch.cat(heats)

    score = _Score(victim, given.concepts, *_level(lab, last))
    heat = look(given.images)
    still = stability(lambda images: victim.says(images).logits.softmax(1), look, given.images, seed)
    found = {
        "pointing": float(pointing_hits(heat.cpu(), given.masks).mean()),
        "iou": float(mask_iou(heat.cpu(), given.masks).mean()),
        "deletion": float(area(deletion(score, given.images, heat)).mean()),
        "insertion": float(area(insertion(score, given.images, heat)).mean()),
        "road": float(road(score, given.images, heat, seed).gap.mean()),
        "stability": float(still.overlap.mean()),
    }
    if attention is None:
        return found
    falsely = [i for i, aim in enumerate(given.wrong) if aim is not None and not attention.why_not(backbone, aim)]
    if falsely:
        part = given.of(falsely)
        heats = [attention.heat(backbone, i[None], a) for i, a in zip(part.images, part.wrong, strict=True) if a]
        found["pointing_wrong"] = float(pointing_hits(torch.cat(heats).cpu(), part.masks).mean())
    return {**found, "seconds": seconds(lambda: attention.heat(backbone, given.images[:1], given.aims[0]))}


@dataclass(frozen=True, slots=True)
class _Score:
    """Each image's score of its own concept, in standard deviations; images always come all together."""

    victim: Victim
    concepts: Ints
    middle: Tensor
    spread: Tensor

    def __call__(self, images: Tensor) -> Tensor:
        """Images [N, 3, S, S] to [N]."""
        if len(images) != len(self.concepts):
            raise ValueError(f"{len(images)} images for {len(self.concepts)} concepts")
        scores = (self.victim.says(images).scores.cpu() - self.middle) / self.spread  # [N, K]
        return scores[torch.arange(len(images)), torch.from_numpy(self.concepts)]


def _level(lab: Lab, task: int) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of every concept's score over all test images, [K] each."""
    scores = lab.snapshot(task).from_features(lab.sample("test", task).features).scores
    return scores.mean(0), scores.std(0)
