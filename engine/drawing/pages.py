"""Drawings as files: one SVG, one PNG, or a PDF of as many pages as there are drawings."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence

from engine.drawing.ink import PAPER, element, filled

_LOADED = re.compile(r"data:image/webp;base64,([A-Za-z0-9+/=]+)")


def document(wide: float, high: float, content: str, paper: str | None = PAPER) -> str:
    """A drawing as an SVG file.

    Args:
        content: what was drawn.
        paper: colour behind it, or None.
    """
    sheet = element("rect", x=0, y=0, width=wide, height=high, **filled(paper)) if paper else ""
    return element(
        "svg",
        sheet + content,
        xmlns="http://www.w3.org/2000/svg",
        width=wide,
        height=high,
        viewBox=f"0 0 {wide:g} {high:g}",
    )


def image(src: str, x: float, y: float, side: float) -> str:
    """A picture, given as a data address, in a square; as PNG where its own form is one that PDF has not."""
    return element("image", href=_LOADED.sub(_as_png, src), x=x, y=y, width=side, height=side)


def _as_png(found: re.Match[str]) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(found[1]))).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def pdf(drawings: Sequence[str], title: str) -> bytes:
    """SVG files as the pages of one PDF, with lines and letters as such.

    Args:
        title: of the document.
    """
    import vl_convert  # 90 MB of a JavaScript engine: only where there is something to convert
    from pypdf import PdfReader, PdfWriter

    whole = PdfWriter()
    for drawing in drawings:
        whole.append(PdfReader(io.BytesIO(vl_convert.svg_to_pdf(drawing))))
    whole.add_metadata({"/Title": title, "/Creator": "Plumage"})
    buffer = io.BytesIO()
    whole.write(buffer)
    return buffer.getvalue()


def png(drawing: str, sharp: float = 2.0) -> bytes:
    """An SVG file as PNG.

    Args:
        sharp: pixels for each of the drawing's.
    """
    import vl_convert

    return bytes(vl_convert.svg_to_png(drawing, scale=sharp))
