"""Whether an attention map is right: it lies on the thing, the model really needs what it shows, and it holds still.

Where the data has part masks: the pointing game (`engine.metrics.pointing`) and `mask_iou`. Anywhere: what happens to a
score as patches are taken away in the map's order (`deletion`, `insertion`, `road`), and whether map and prediction
stay the same under a little noise (`stability`). Functions of arrays; a score is any function of images. It is always
given all N images in their order, so that each may have its own class or aim; cutting into batches is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.array_types import Bools, Floats, Ints
from engine.metrics.attention_shift import top
from engine.metrics.filling import blurred, imputed, mean_coloured
from engine.rng import numpy_stream

Score = Callable[[Tensor], Tensor]
"""Images [N, 3, S, S] in 0..1 to one number each, [N]."""
Predict = Callable[[Tensor], Tensor]
"""Images [N, 3, S, S] to probabilities, [N, C]."""
Look = Callable[[Tensor], Tensor]
"""Images [N, 3, S, S] to maps, [N, g, g]."""

STEPS = 16
"""Steps of a deletion or an insertion."""
SHARES = (0.1, 0.2, 0.3, 0.5, 0.7)
"""Shares of the patches that ROAD takes out, among those of Rong et al. 2022; larger holes take far longer to fill."""
ROAD_NOISE = 0.01
"""Standard deviation of the noise on filled-in pixels, of the range 0..1 (Rong et al. 2022)."""
NOISE = 4 / 255
"""Standard deviation of the noise under which maps should hold still. It can be seen: ten test pictures of the Aviary
move by 6.9 dE*ab (`engine.metrics.colour.visibility`), where 2.3 is just noticeable."""
DRAWS = 4


def mask_iou(heat: Tensor, masks: Bools) -> Floats:
    """Intersection over union of a map's top patches and its mask's patches, [N], 0..1; higher is better.

    A mask that covers a share of the image stands for that share of the patches, rounded, at least one: those with most
    of it. As many of the map's highest patches are held against them, so 1 can always be reached, whatever the size,
    and no threshold is chosen. Of patches that tie, those nearer the top left come first.

    Args:
        heat: [N, g, g].
        masks: [N, S, S], where the thing is; none is empty.

    Raises:
        ValueError: the counts differ, a mask is empty, or a map is not finite.
    """
    _check(heat, len(masks))
    if not masks.any((1, 2)).all():
        raise ValueError("a mask is empty")
    patches = heat[0].numel()
    inside = F.adaptive_avg_pool2d(torch.from_numpy(masks).float(), heat.shape[-1])  # [N, g, g]
    counts = np.maximum(1, np.floor(masks.mean((1, 2)) * patches + 0.5))[:, None]  # [N, 1]
    wanted, found = _places(inside) < counts, _places(heat) < counts  # [N, P]
    return np.asarray((wanted & found).sum(1) / (wanted | found).sum(1), np.float64)


# -- taking patches away -----------------------------------------------------------------------------------------------


def deletion(score: Score, images: Tensor, heat: Tensor, steps: int = STEPS) -> Floats:
    """The score as the most important patches are deleted, [N, steps + 1], the first being the whole image's.

    A deleted patch gets its image's mean colour. The lower the area under the curve (`area`), the better the map
    (Petsiuk et al. 2018, RISE).

    Raises:
        ValueError: the counts differ, or a map is not finite.
    """
    return _replacing(score, images, mean_coloured(images), heat, steps)


def insertion(score: Score, images: Tensor, heat: Tensor, steps: int = STEPS) -> Floats:
    """The score as the most important patches appear, [N, steps + 1], the last being the whole image's.

    They appear on the image blurred by half a patch (standard deviation), which shows no new edges. The higher the area
    under the curve (`area`), the better the map (Petsiuk et al. 2018, RISE).

    Raises:
        ValueError: the counts differ, or a map is not finite.
    """
    return _replacing(score, blurred(images, images.shape[-1] / heat.shape[-1] / 2), images, heat, steps)


def area(curves: Floats) -> Floats:
    """Area under curves [N, points] over evenly spaced shares from 0 to 1, by trapezoids, [N]."""
    return np.asarray(((curves[:, 1:] + curves[:, :-1]) / 2).mean(1), np.float64)


@dataclass(frozen=True, slots=True)
class Road:
    """What ROAD found, on N images and F shares of patches taken out.

    Attributes:
        shares: [F].
        most: [N, F], the score with the most relevant patches taken out.
        least: [N, F], the score with the least relevant ones taken out.
    """

    shares: Floats
    most: Floats
    least: Floats

    @property
    def gap(self) -> Floats:
        """[N], how much more the most relevant patches matter: mean over shares of `least` - `most`. Higher is better,
        a map without meaning gets 0 in the mean."""
        return np.asarray((self.least - self.most).mean(1), np.float64)


def road(score: Score, images: Tensor, heat: Tensor, seed: int, shares: Sequence[float] = SHARES) -> Road:
    """Remove and debias (Rong et al. 2022): the score with patches taken out and filled in so that no edge shows.

    Missing pixels become the weighted mean of their neighbours (`engine.metrics.filling.imputed`) plus a little noise.
    With `score` 1 where the model is right and else 0 the result is the paper's accuracy.

    Args:
        shares: above 0 and below 1; at least one patch is taken out and one stays.

    Raises:
        ValueError: the counts differ, a map is not finite, or a share is out of range.
    """
    _check(heat, len(images))
    if not all(0 < share < 1 for share in shares):
        raise ValueError("shares of patches must lie above 0 and below 1")
    places, patches = _places(heat), heat[0].numel()
    counts = [min(patches - 1, max(1, round(share * patches))) for share in shares]
    found = np.zeros((2, len(images), len(counts)))
    for column, count in enumerate(counts):
        for row, gone in enumerate((places < count, places >= patches - count)):  # [N, P]
            noise = numpy_stream(seed, "road", column, row)
            found[row, :, column] = _values(score, _filled(images, gone, noise))
    return Road(np.array(shares, np.float64), *found)


# -- holding still -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stability:
    """How still prediction and map hold under noise, means over draws; 1 is perfectly still.

    Attributes:
        prediction: [N], 1 - total variation between the class probabilities with and without noise.
        overlap: [N], share of the map's top 20 % of patches that are still among them.
    """

    prediction: Floats
    overlap: Floats


def stability(
    predict: Predict, look: Look, images: Tensor, seed: int, noise: float = NOISE, draws: int = DRAWS
) -> Stability:
    """Two criteria of faithful attention (Hu et al. 2024, FGAI): under small noise on the pixels the prediction stays
    similar and the top patches of the map stay the same.

    Args:
        images: [N, 3, S, S] in 0..1.
        noise: standard deviation of Gaussian noise on every pixel; the result is cut to 0..1.
        draws: how often noise is drawn.
    """
    clean, wanted = _values(predict, images), top(_values(look, images))  # [N, C], [N, g, g]
    similar, shared = np.zeros(len(images)), np.zeros(len(images))
    for draw in range(draws):
        sample = numpy_stream(seed, "stability", draw).standard_normal(tuple(images.shape), np.float32)
        noisy = (images + noise * torch.from_numpy(sample).to(images)).clamp(0, 1)
        similar += 1 - np.abs(_values(predict, noisy) - clean).sum(1) / 2
        shared += (top(_values(look, noisy)) & wanted).sum((1, 2)) / wanted.sum((1, 2))
    return Stability(similar / draws, shared / draws)


# -- how ---------------------------------------------------------------------------------------------------------------


def _check(heat: Tensor, count: int) -> None:
    if heat.ndim != 3 or len(heat) != count:
        raise ValueError(f"{count} maps [g, g] are needed, not {tuple(heat.shape)}")
    if not torch.isfinite(heat).all():
        raise ValueError("a map is not finite")


def _places(heat: Tensor) -> Ints:
    """[N, P]: at which place each patch of maps [N, g, g] stands, 0 for the highest; ties from the top left on."""
    order = np.argsort(-heat.flatten(1).cpu().numpy(), axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(order.shape[1])[None], 1)
    return np.asarray(places, np.int64)


def _replacing(score: Score, before: Tensor, after: Tensor, heat: Tensor, steps: int) -> Floats:
    """Scores [N, steps + 1] as patches of `before` are replaced by those of `after`, the most important first."""
    _check(heat, len(before))
    places, patches = _places(heat), heat[0].numel()
    found = []
    for step in range(steps + 1):
        gone = _on_pixels(places < round(step * patches / steps), before)  # [N, 1, S, S]
        found.append(_values(score, torch.where(gone, after, before)))
    return np.stack(found, 1)


def _filled(images: Tensor, gone: Bools, noise: np.random.Generator) -> Tensor:
    """Images [N, 3, S, S] with patches [N, P] filled in, as ROAD does."""
    holes = _on_pixels(gone, images)[:, 0].cpu().numpy()  # [N, S, S]
    wanted = [imputed(image, hole) for image, hole in zip(images.cpu().double().numpy(), holes, strict=True)]
    grain = ROAD_NOISE * noise.standard_normal(tuple(images.shape)) * holes[:, None]
    return torch.from_numpy((np.stack(wanted) + grain).clip(0, 1)).to(images)


def _on_pixels(patches: Bools, images: Tensor) -> Tensor:
    """Patches [N, P] as pixels of the images, bool [N, 1, S, S]."""
    side = round(patches.shape[1] ** 0.5)
    cells = torch.from_numpy(patches.astype(np.float32)).reshape(-1, 1, side, side)
    return (F.interpolate(cells, size=images.shape[-2:], mode="nearest") > 0).to(images.device)


def _values(function: Callable[[Tensor], Tensor], images: Tensor) -> Floats:
    """A function's values for images, float64, without gradients unless it takes some itself."""
    with torch.no_grad():
        return function(images).detach().cpu().double().numpy()
