"""The beats of a film as lists for JSON, compact: numbers rounded, words once, maps one byte a patch."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.figures.film_cast import Cast
from engine.records.events import Watched
from engine.records.watched import SHIFTS

GUIDES = {"row": ("row_map", "attacked_row_map"), "text": ("text_map", "attacked_text_map")}
"""Arrays of the clean and the attacked map, by what guides both."""
_HALF = 127
"""Steps of a byte to each side of nothing, which is 128; 0 stands for not known."""
_CHANGED = 0.1
"""A weight has changed from one beat to the next if it did by this share of the scale."""
_SCALE = 99.0
"""Percentile of all weights' sizes at which the scale ends: one large weight does not make the others pale."""


class _Once:
    """Texts, each kept once; `at` gives the place of one."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}

    def at(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.texts)
            self.texts.append(text)
        return self._places[text]


def frames(beats: Sequence[Watched | None], cast: Cast) -> dict[str, Any]:
    """What the player takes of the beats, one a moment; None where there was none.

    A probe is [place, taken for, under attack taken for, probability of its class, under attack, margin, under attack,
    fooled, concepts that speak most, their parts, row map, attacked, text map, attacked, row shift, text shift, lost];
    maps and concepts are places in `maps` and `words`. A concept is [place, alignment, drift, accuracy, weights of
    `columns`].

    `limits` are the scales of the maps, each less its mean: one for each probe and guide, the largest size on any of
    its maps in the whole film, clean or attacked, so that a map that grows is seen to grow.
    """
    there = [beat for beat in beats if beat is not None]
    places = {probe.ref: i for i, probe in enumerate(cast.probes)}
    limits = {guide: _limits(there, places, guide) for guide in GUIDES}
    words, maps = _Once(), _Once()
    return {
        "frames": [None if beat is None else _frame(beat, cast, places, limits, words, maps) for beat in beats],
        "words": words.texts,
        "maps": maps.texts,
        "limits": {guide: [known(limit, 4) for limit in found] for guide, found in limits.items()},
        "scale": (scale := weight_scale(there)),
        "changed": round(_CHANGED * scale, 4),
    }


def known(value: float, digits: int) -> float | None:
    """A number for JSON; None where it is not known."""
    return round(float(value), digits) if math.isfinite(value) else None


def weight_scale(beats: Sequence[Watched]) -> float:
    """Where the scale of the weights ends, over all beats."""
    sizes = np.concatenate([np.abs(beat.arrays["weight"]).ravel() for beat in beats]) if beats else np.zeros(0)
    return round(float(np.percentile(sizes, _SCALE)), 4) if sizes.size and sizes.max() > 0 else 1.0


def _limits(beats: Sequence[Watched], places: dict[str, int], guide: str) -> Floats:
    """The largest size on any map of each probe."""
    found = np.zeros(len(places))
    for beat in beats:
        rows = [places[ref] for ref in beat.arrays["probe"].tolist()]
        for name in GUIDES[guide]:
            sizes = [np.nan_to_num(np.abs(centred(one))).max(initial=0.0) for one in beat.arrays[name]]
            np.maximum.at(found, rows, sizes)
    return np.where(found > 0, found, 1.0)


def _frame(
    beat: Watched, cast: Cast, places: dict[str, int], limits: dict[str, Floats], words: _Once, maps: _Once
) -> dict[str, Any]:
    found = beat.arrays
    return {
        "probes": [_probe(beat, i, places[ref], limits, words, maps) for i, ref in enumerate(found["probe"].tolist())],
        "concepts": _concepts(beat, cast),
        "moved": known(float(found["moved"]), 4),
        "why": {
            name: str(found[name]) for name in ("trouble", "no_map", "no_text", "no_attack", "text_fixed", "attack")
        },
    }


def _probe(beat: Watched, i: int, place: int, limits: dict[str, Floats], words: _Once, maps: _Once) -> list[Any]:
    found = beat.arrays
    aimed = int(found["aimed"][i])
    shares = (found[name][i, aimed] if aimed >= 0 else math.nan for name in ("probability", "attacked_probability"))
    drawings = [
        maps.at(code) if (code := coded(found[name][i], limits[guide][place])) else -1
        for guide, names in GUIDES.items()
        for name in names
    ]
    return [
        place,
        int(found["predicted"][i]),
        int(found["attacked"][i]),
        *(known(share, 4) for share in shares),
        known(found["margin"][i], 3),
        known(found["attacked_margin"][i], 3),
        bool(found["fooled"][i]),
        [words.at(text) for text in found["top"][i].tolist()],
        [known(part, 3) for part in found["part"][i]],
        *drawings,
        *([known(found[name][i, m], 4) for m in range(SHIFTS)] for name in ("row_shift", "text_shift")),
        str(found["lost"][i]),
    ]


def centred(scores: Floats) -> Floats:
    """A map less its mean: CLIP gives every patch a common part, which says nothing of where."""
    values = np.asarray(scores, np.float64)
    return values - values.mean() if values.size else values


def coded(scores: Floats, limit: float) -> str:
    """A map [g, g], centred, as base64 of a byte a patch, row by row; nothing for one without patches."""
    values = centred(scores).ravel()
    if not values.size or np.isnan(values).all():
        return ""
    steps = np.clip(np.nan_to_num(values) / limit, -1.0, 1.0) * _HALF
    codes = np.where(np.isnan(values), 0, np.rint(steps) + _HALF + 1).astype(np.uint8)
    return base64.b64encode(codes.tobytes()).decode()


def _concepts(beat: Watched, cast: Cast) -> list[list[Any]]:
    found, places = beat.arrays, {one.text: k for k, one in enumerate(cast.concepts)}
    weights = found["weight"]  # [W, C]
    return [
        [
            places[text],
            known(found["alignment"][k], 3),
            known(found["drift"][k], 3),
            known(found["accuracy"][k], 3),
            [known(weights[k, c], 3) if c < weights.shape[1] else None for c in cast.columns],
        ]
        for k, text in enumerate(found["concept"].tolist())
    ]
