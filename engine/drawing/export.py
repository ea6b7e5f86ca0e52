"""One chart as a file: Plotly's drawn here, Altair's by vl-convert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.drawing import pages
from engine.drawing.chart import chart

WIDTH, HEIGHT = 760.0, 360.0
"""Of a file, in pixels, where the chart does not say."""
WHITE = "#ffffff"
"""Behind a chart in a file: it goes into a paper."""


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of file.

    Attributes:
        ending: of its name, without the dot.
        mime: its media type.
    """

    ending: str
    mime: str


FORMS: Mapping[str, FileForm] = MappingProxyType(
    {
        form.ending: form
        for form in (FileForm("svg", "image/svg+xml"), FileForm("pdf", "application/pdf"), FileForm("png", "image/png"))
    }
)
"""Every form by its ending."""


def can_be_drawn(figure: Any) -> bool:
    """Whether it is a chart: of Plotly, or of Altair."""
    return hasattr(figure, "to_plotly_json") or hasattr(figure, "to_dict")


def drawing(figure: Any, wide: float = WIDTH) -> str:
    """A chart as an SVG file.

    Raises:
        NotApplicable: it has what is not drawn (see `engine.drawing.chart`).
    """
    if hasattr(figure, "to_plotly_json"):
        high = float(figure.layout.height or HEIGHT)
        return pages.document(wide, high, chart(figure, wide, high), WHITE)
    import vl_convert  # 90 MB of a JavaScript engine: only where there is something to draw

    return str(vl_convert.vegalite_to_svg({**figure.to_dict(), "width": wide}))


def exported(drawn: str, ending: str, title: str) -> bytes:
    """An SVG file in one of `FORMS`.

    Args:
        title: of the document.
    """
    if ending == "svg":
        return drawn.encode()
    return pages.pdf([drawn], title) if ending == "pdf" else pages.png(drawn)
