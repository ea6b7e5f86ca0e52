"""What the shipped CLIP knows: zero-shot accuracy, pointing game and agreement of wordings on held-out species."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.array_types import Ints
from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.presets import DEFAULT
from engine.bench.figure import Figure, measured
from engine.data.aviary.attributes import ATTRIBUTES, PARTS, Attribute
from engine.data.aviary.bird import Bird
from engine.data.aviary.phrases import held_out_texts, phrase
from engine.data.aviary.render import render_with_parts
from engine.data.aviary.world import Aviary
from engine.explain.maps import concept_maps
from engine.metrics.pointing import LARGE, centre_hits, pointing_hits, random_hits

TITLE = "the shipped CLIP on held-out species"
_SPECIES = 200
_PER_SPECIES = 5
_BATCH = 128


def run(seeds: Sequence[int], backbone: Backbone | None = None) -> Iterator[Figure]:
    """Measure `clip.*` on birds of all 200 species, drawn once per seed; spread is the deviation over seeds."""
    clip = backbone or load_backbone(DEFAULT)
    found = [measure(clip, seed) for seed in seeds]
    for name in dict.fromkeys(name for one in found for name in one):  # a part may be large for some seeds only
        unit = "share" if not name.startswith("wording") else "rank correlation"
        yield measured(f"clip.{name}", [one[name] for one in found if name in one], unit, least=_target(name))


def measure(clip: Backbone, seed: int, per_species: int = _PER_SPECIES) -> dict[str, float]:
    """All figures of one seed, by name without the `clip.` in front."""
    birds = _birds(seed, per_species)
    codes = np.array([bird.values for bird in birds])
    tokens, parts = _tokens(clip, birds)
    embeddings = tokens.mean(dim=1)  # [N, D], unit length
    result: dict[str, float] = {}
    for i, attribute in enumerate(ATTRIBUTES):
        result[f"zero_shot.{attribute.name}"] = _zero_shot(clip, attribute, embeddings, codes[:, i])
    result["zero_shot.mean"] = mean(result.values())
    for i, attribute in enumerate(ATTRIBUTES):
        for name, share in _pointing(clip, attribute, tokens, parts, codes[:, i]).items():
            result[f"{name}.{attribute.name}"] = share
    result["wording_agreement"] = mean(_agreement(clip, a, v, embeddings) for a in ATTRIBUTES for v in a.values)
    return result


def _target(name: str) -> float | None:
    if name == "zero_shot.mean":
        return 0.95
    if name.startswith("pointing_"):  # controls of the pointing game
        return None
    return 0.90 if name.startswith("zero_shot") else 0.80


def _birds(seed: int, per_species: int) -> list[Bird]:
    split = Aviary(species=_SPECIES, train_per_class=1, test_per_class=per_species, seed=seed).splits["test"]
    return [split.birds(i) for i in range(len(split.labels))]


def _tokens(clip: Backbone, birds: list[Bird]) -> tuple[Tensor, npt.NDArray[np.uint8]]:
    """Patch tokens [N, P, D] and part maps [N, H, W]."""
    tokens, maps = [], []
    for start in range(0, len(birds), _BATCH):
        drawn = [render_with_parts(bird, clip.image_size) for bird in birds[start : start + _BATCH]]
        pixels = torch.from_numpy(np.stack([image for image, _ in drawn])).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            tokens.append(clip.patches(pixels))
        maps.append(np.stack([parts for _, parts in drawn]))
    return torch.cat(tokens), np.concatenate(maps)


def _zero_shot(clip: Backbone, attribute: Attribute, embeddings: Tensor, codes: Ints) -> float:
    texts = clip.embed_texts([phrase(attribute.name, value) for value in attribute.values])
    return float((np.asarray((embeddings @ texts.T).argmax(dim=1)) == codes).mean())


def _pointing(
    clip: Backbone, attribute: Attribute, tokens: Tensor, parts: npt.NDArray[np.uint8], codes: Ints
) -> dict[str, float]:
    """Share of large parts on which the true phrase's map is highest, `pointing`, with its controls; none if no part is
    large. `pointing_wrong` is the map of another value of the attribute, the next one.
    """
    masks = parts == PARTS.index(attribute.part)
    large = np.flatnonzero(masks.mean(axis=(1, 2)) > LARGE)
    if not len(large):
        return {}
    texts = clip.embed_texts([phrase(attribute.name, value) for value in attribute.values])
    true, wrong = (
        torch.cat([concept_maps(tokens[[i]], texts[[(codes[i] + step) % len(texts)]])[:, 0] for i in large])
        for step in (0, 1)
    )
    return {
        "pointing": float(pointing_hits(true, masks[large]).mean()),
        "pointing_wrong": float(pointing_hits(wrong, masks[large]).mean()),
        "pointing_centre": float(centre_hits(masks[large]).mean()),
        "pointing_random": float(random_hits(masks[large]).mean()),
    }


def _agreement(clip: Backbone, attribute: Attribute, value: str, embeddings: Tensor) -> float:
    """Mean rank correlation (Spearman) over images between the canonical phrase and its other unseen wordings."""
    scores = embeddings @ clip.embed_texts(list(held_out_texts(attribute.name, value))).T  # [N, wordings]
    ranks = scores.argsort(dim=0).argsort(dim=0).float()
    correlation = torch.corrcoef(ranks.T)
    return float(correlation[0, 1:].mean())
