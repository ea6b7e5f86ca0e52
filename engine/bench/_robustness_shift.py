"""Where attention goes under attack, and whether it goes further on the images that are fooled.

Shifts are those of the map of each image's true class, by its name and by its learnt row, after the last task, over
all images that were right before (`shift.BACKBONE.GUIDE.epsE.MEASURE`; l1, l2 and displacement grow with the shift,
cosine and IoU are 1 where nothing moved). `noiseE` is the same under random signs of that strength, which is what any
change of that size does.

The association asks among images that were right before the attack, pooled over the seeds: `auc` is the chance that a
fooled image's map moved further than that of one that held, `r` the correlation; the sign is always turned so that
larger is further. Beside it stands what needs no attack: `margin.auc`, the chance that the fooled image's clean margin
was the smaller one, and `MEASURE.adjusted`, the shift's AUC with the margin taken out by ranks
(`engine.metrics.shift_baseline`). What stands behind ± is half of the 95 % bootstrap interval, not a deviation over
seeds. Every image is pushed for the same number of steps: an attack that stops at its first success spares just the
maps of the images it fools.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.array_types import Bools, Floats
from engine.attacks.base import PIXEL
from engine.attacks.objectives import margin
from engine.attacks.victim import VictimOutput
from engine.bench.figure import Figure, measured
from engine.jobs.analyses import Result
from engine.metrics.attention_shift import GUIDES, NAMES, growing, shifts
from engine.metrics.robustness import Association, association, contest
from engine.metrics.shift_baseline import Baseline, baseline
from engine.rng import torch_stream
from engine.session.aims import aim_of_class
from engine.session.lab import Lab

_FEWEST = 10
"""Images fooled, and images that held, below which no association is told."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """What some strengths did to N images.

    Attributes:
        shift: [E, N, G, 5], raw measures; NaN where a map cannot be made, and of images that were wrong before.
        margin: [N], before the attack: logit of the true class minus the largest other one.
        contested, fooled: bool [E, N], right before the attack; and of those the ones that are wrong after it.
    """

    shift: Floats
    margin: Floats
    contested: Bools
    fooled: Bools


def figures(
    labs: Mapping[str, Sequence[Lab]], found: Mapping[str, Sequence[Result]], eps: Sequence[float]
) -> Iterator[Figure]:
    """`robustness.shift.*` of every backbone.

    Args:
        found: what the analysis says of every seed, all images pushed to the end.
    """
    for spec, results in found.items():
        pushed = [of_result(one) for one in results]
        yield from _means(spec, "eps", pushed, eps)
        noise = [disturbed(lab, one, eps) for lab, one in zip(labs[spec], results, strict=True)]
        yield from _means(spec, "noise", noise, eps)
        for e, strength in enumerate(eps):
            for g, guide in enumerate(GUIDES):
                yield from _associated(f"robustness.shift.{spec}.{guide}.eps{strength:g}", pushed, e, g)


def of_result(result: Result) -> Shifted:
    """What the analysis found after the last task."""
    order = [result["guides"].tolist().index(guide) for guide in GUIDES]
    contested, fooled = contest(result["outcome"][:, -1])
    shift, margin = result["shift"][:, -1][:, :, order], result["margin"][-1]
    return Shifted(np.asarray(shift, np.float64), np.asarray(margin, np.float64), contested, fooled)


def disturbed(lab: Lab, result: Result, eps: Sequence[float]) -> Shifted:
    """The same images with every channel of every pixel moved up or down at random."""
    images = lab.tensor(lab.pixels("test", result["rows"]))
    labels = torch.as_tensor(result["labels"]).to(images.device)
    rng = torch_stream(lab.config.seed, "bench-noise")
    signs = (torch.randint(0, 2, images.shape, generator=rng).to(images) * 2 - 1) / PIXEL
    last = lab.view.tasks_done - 1
    watch = directions(lab, last).to(images)  # [G, C, D]
    victim = lab.victim(last, watch.flatten(0, 1))
    says = [victim.says((images + one * signs).clamp(0, 1)) for one in (0.0, *eps)]
    maps = [_own(one, labels, watch.shape[1]) for one in says]  # [N, G, g, g] each
    right = np.stack([(one.logits.argmax(1) == labels).cpu().numpy() for one in says])  # [E + 1, N]
    moved = np.stack([shifts(maps[0], one) for one in maps[1:]])
    lead = margin(says[0].logits.double(), labels).cpu().numpy()
    return Shifted(np.where(right[0, :, None, None], moved, np.nan), lead, *contest(right.astype(np.int8)))


def directions(lab: Lab, task: int) -> Tensor:
    """What the maps of the classes look for, [G, C, D], unit length: name and row; NaN for a name nobody knows."""
    aims = [aim_of_class(lab, task, position) for position in range(len(lab.snapshot(task).class_ids))]
    rows = [normalize(aim.row, dim=0) for aim in aims if aim.row is not None]
    texts = [
        torch.full_like(row, torch.nan) if aim.text is None else aim.text for aim, row in zip(aims, rows, strict=True)
    ]
    return torch.stack([torch.stack(texts), torch.stack(rows)])


def _own(answer: VictimOutput, labels: Tensor, classes: int) -> npt.NDArray[np.float32]:
    """Each image's maps of its own class, [N, G, g, g]."""
    if answer.maps is None:
        raise ValueError("the victim watches nothing")
    apart = answer.maps.reshape(len(labels), len(GUIDES), classes, *answer.maps.shape[2:])  # [N, G, C, g, g]
    return np.asarray(apart[torch.arange(len(labels)), :, labels].cpu().numpy(), np.float32)


def _means(spec: str, word: str, moved: Sequence[Shifted], eps: Sequence[float]) -> Iterator[Figure]:
    for e, strength in enumerate(eps):
        for g, guide in enumerate(GUIDES):
            for m, measure in enumerate(NAMES):
                values = [float(np.nanmean(one.shift[e, :, g, m])) for one in moved]
                name = f"robustness.shift.{spec}.{guide}.{word}{strength:g}.{measure}"
                yield measured(name, values, "patches" if measure == "displacement" else "")


def _associated(name: str, moved: Sequence[Shifted], e: int, g: int) -> Iterator[Figure]:
    for m, measure in enumerate(NAMES):
        found, beyond = pooled(moved, e, g, m), beyond_margin(moved, e, g, m)
        if found is None:
            continue
        if m == 0:
            yield _told(f"{name}.margin.auc", beyond.margin, beyond.margin_low, beyond.margin_high)
        yield _told(f"{name}.{measure}.auc", found.auc, found.low, found.high)
        yield _told(f"{name}.{measure}.adjusted", beyond.adjusted, beyond.adjusted_low, beyond.adjusted_high)
        yield _told(f"{name}.{measure}.r", found.r, found.r_low, found.r_high)


def _told(name: str, value: float, low: float, high: float) -> Figure:
    return Figure(name, value, (high - low) / 2, "", "", None)


def pooled(moved: Sequence[Shifted], e: int, g: int, m: int) -> Association | None:
    """Shift and fooling over the contested images of all seeds; None where too few were fooled, or held."""
    shift, _, fooled = _contested(moved, e, g, m)
    found = association(shift, fooled, seed=0)
    return found if min(found.fooled, found.count - found.fooled) >= _FEWEST else None


def beyond_margin(moved: Sequence[Shifted], e: int, g: int, m: int) -> Baseline:
    """What the clean margin says of the same images, and the shift beyond it."""
    return baseline(*_contested(moved, e, g, m), seed=0)


def _contested(moved: Sequence[Shifted], e: int, g: int, m: int) -> tuple[Floats, Floats, Bools]:
    """Shift, clean margin and fooling of the contested images of all seeds."""
    shift = [growing(one.shift[e, :, g])[one.contested[e], m] for one in moved]
    lead = [one.margin[one.contested[e]] for one in moved]
    fooled = [one.fooled[e][one.contested[e]] for one in moved]
    return np.concatenate(shift), np.concatenate(lead), np.concatenate(fooled)
