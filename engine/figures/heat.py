"""A heat map laid over its picture, and pictures as addresses a page can show without asking anybody."""

from __future__ import annotations

import base64
import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from engine.array_types import Floats
from engine.figures.look import AGAINST, FOR

Picture = npt.NDArray[np.uint8]

_FADED = 0.55  # how much of the picture's colour is taken out under the map
_STRONGEST = 0.78  # opacity of the map at its limit
_QUALITY = 84
_GREY = np.array([0.299, 0.587, 0.114])
_FOR, _AGAINST = (np.array(ImageColor.getrgb(colour), np.float64) for colour in (FOR, AGAINST))


def overlay(picture: Picture, heat: Floats, limit: float | None = None) -> Picture:
    """The picture with its heat map on it: blue where the score is above zero, orange where below.

    Args:
        picture: uint8 [S, S, 3].
        heat: [g, g], scores of the patches.
        limit: score that is drawn strongest; the map's own largest size if not given. Give the same limit to maps that
            are to be compared.

    Returns:
        uint8 [S, S, 3].
    """
    size = len(picture)
    bound = limit or float(np.abs(heat).max()) or 1.0
    smooth = Image.fromarray(np.asarray(heat, np.float32), "F").resize((size, size), Image.Resampling.BICUBIC)
    signed = np.clip(np.asarray(smooth, np.float64) / bound, -1.0, 1.0)[..., None]  # [S, S, 1]
    grey = (picture @ _GREY)[..., None]
    faded = (1 - _FADED) * picture + _FADED * grey
    colour = np.where(signed >= 0, _FOR, _AGAINST)
    opacity = _STRONGEST * np.abs(signed)
    return np.asarray(((1 - opacity) * faded + opacity * colour).round().clip(0, 255), np.uint8)


def data_address(picture: Picture) -> str:
    """The picture, with or without transparency, as a `data:` address, for an `<img>` or a chart."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "WEBP", quality=_QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
