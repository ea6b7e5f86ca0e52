"""Bars made of HTML: as quick as text, styled by `assets/style.css`, the same on pages, slides and in reports.

Charts are Plotly's and Altair's. These are for what stands among words, or must follow a handle at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.escaping import html as escape


@dataclass(frozen=True, slots=True)
class HtmlFigure:
    """A figure that is HTML already; all that came from people is escaped in it."""

    html: str


def bar(share: float, kind: str = "") -> str:
    """A bar that fills a share of its room, cut to 0..1.

    Args:
        kind: class that colours it.
    """
    named = f" class='{kind}'" if kind else ""
    return f"<i{named} style='width:{100 * min(max(float(share), 0.0), 1.0):.1f}%'></i>"


def progress(share: float, label: str = "Training") -> str:
    """How much is done; `label` is what screen readers call it."""
    done = 100 * min(max(share, 0.0), 1.0)
    return (
        f"<div class='pl-bar' role='progressbar' aria-label='{escape(label)}' aria-valuemin='0' aria-valuemax='100' "
        f"aria-valuenow='{done:.0f}'>{bar(share)}</div>"
    )
