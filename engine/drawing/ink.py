"""Pieces of an SVG drawing: elements, colours, and text that is measured before it is set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape, unescape
from typing import Any

from PIL import ImageColor, ImageFont

FONT = "'Source Sans 3', 'Source Sans Pro', 'Liberation Sans', Arial, Helvetica, sans-serif"
SERIF = "'Source Serif 4', 'Source Serif Pro', 'Liberation Serif', Georgia, 'Liberation Sans', serif"
INK, SOFT, HAIR, PAPER = "#2a2823", "#5d594f", "#dcd7cb", "#fbf8f1"
"""Of text, of what is said beside it, of lines behind a chart, and of the page: those of the light theme."""
LINE_HEIGHT = 1.28
"""From one line of text to the next, in letters' sizes."""
_DROP = 0.35
"""From the middle of a line of text down to where its letters stand, in letters' sizes."""
_BOLD = 1.07
"""How much wider bold letters run."""
_MEASURED = 100
_TAG = re.compile(r"(<[^>]*>)")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow in a document at all."""
_RGB = re.compile(r"rgba?\(([^)]*)\)")

Run = tuple[str, bool]
"""Some words, and whether they are bold."""


def element(name: str, content: str = "", /, **given: Any) -> str:
    """An element of SVG; underlines in a name become hyphens, and what is None is left out.

    Args:
        content: SVG already.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in given.items() if value is not None
    )
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return escape(_ILLEGAL.sub("", value), quote=True)
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def paint(colour: str) -> tuple[str, float]:
    """A colour of CSS as `#rrggbb` and its opacity, 0..1: not every reader of SVG knows `rgba()`.

    Raises:
        ValueError: it is none.
    """
    found = _RGB.fullmatch(colour.strip())
    if found is None:
        red, green, blue, *rest = ImageColor.getrgb(colour)
        return f"#{red:02x}{green:02x}{blue:02x}", rest[0] / 255 if rest else 1.0
    parts = [float(part) for part in found[1].split(",")]
    red, green, blue = (round(part) for part in parts[:3])
    return f"#{red:02x}{green:02x}{blue:02x}", parts[3] if len(parts) > 3 else 1.0


def filled(colour: str, opacity: float = 1.0) -> dict[str, Any]:
    """How something is filled."""
    solid, alpha = paint(colour)
    return {"fill": solid, "fill_opacity": alpha * opacity if alpha * opacity < 1 else None}


def stroked(colour: str, width: float, dash: str = "solid", opacity: float = 1.0) -> dict[str, Any]:
    """How a line is drawn; `dash` is one of Plotly's words, or lengths in pixels."""
    solid, alpha = paint(colour)
    return {
        "fill": "none",
        "stroke": solid,
        "stroke_width": width,
        "stroke_opacity": alpha * opacity if alpha * opacity < 1 else None,
        "stroke_dasharray": _dashes(dash, width),
        "stroke_linejoin": "round",
    }


def _dashes(dash: str, width: float) -> str | None:
    w = max(width, 1.0)
    known = {"solid": "", "dot": f"{w} {w}", "dash": f"{3 * w} {3 * w}", "longdash": f"{5 * w} {5 * w}"}
    known["dashdot"] = f"{3 * w} {w} {w} {w}"
    return (known[dash] if dash in known else dash.replace("px", "")) or None


@cache
def _measure() -> Any:
    return ImageFont.load_default(_MEASURED)


def width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a line of text is, in pixels."""
    return float(_measure().getlength(text)) * size / _MEASURED * (_BOLD if bold else 1.0)


def lines(rich: str) -> list[list[Run]]:
    """The lines of a text with some of Plotly's tags: `<br>` and `<b>` count, of others only the words."""
    bold, found = False, [list[Run]()]
    for part in _TAG.split(rich):
        tag = part.lower().strip()
        if tag in ("<br>", "<br/>"):
            found.append([])
        elif tag in ("<b>", "</b>", "<strong>", "</strong>"):
            bold = "/" not in tag
        elif part and not _TAG.fullmatch(part):
            found[-1].append((unescape(part), bold))
    return found


def size_of(rich: str, size: float) -> tuple[float, float]:
    """Width and height of a text, in pixels."""
    told = lines(rich)
    wide = max(sum(width(words, size, bold) for words, bold in line) for line in told)
    return wide, len(told) * size * LINE_HEIGHT


def text(
    x: float,
    y: float,
    rich: str,
    size: float,
    colour: str = INK,
    *,
    across: float = 0.0,
    down: float = 0.5,
    angle: float = 0.0,
    font: str = FONT,
    bold: bool = False,
) -> str:
    """A text at a place.

    Args:
        rich: with some of Plotly's tags (see `lines`).
        across, down: the part of the text, from its left and its top, that stands at the place: 0, 0.5 or 1.
        angle: in degrees, clockwise, about the place.
    """
    told = lines(rich)
    step = size * LINE_HEIGHT
    top = y - down * step * len(told)
    anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[across]
    rows = "".join(
        element("tspan", _runs(line, bold), x=x, y=top + (number + 0.5) * step + _DROP * size)
        for number, line in enumerate(told)
        if line
    )
    turned = f"rotate({_value(angle)} {_value(x)} {_value(y)})" if angle else None
    return element(
        "text", rows, font_family=font, font_size=size, text_anchor=anchor, transform=turned, **filled(colour)
    )


def _runs(line: Sequence[Run], bold: bool) -> str:
    return "".join(
        element("tspan", escape(_ILLEGAL.sub("", words), quote=False), font_weight="bold" if heavy or bold else None)
        for words, heavy in line
    )


def wrapped(words: str, size: float, wide: float, bold: bool = False) -> list[str]:
    """A plain text in lines that are at most so wide, but for words that are wider alone."""
    told: list[str] = []
    for word in words.split():
        if told and width(f"{told[-1]} {word}", size, bold) <= wide:
            told[-1] += f" {word}"
        else:
            told.append(word)
    return told


def plain(words: str) -> str:
    """Anybody's words for `text`: nothing in them is a tag."""
    return words.replace("&", "&amp;").replace("<", "&lt;")
