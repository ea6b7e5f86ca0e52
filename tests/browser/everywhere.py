"""Every page and every view of a page, by address."""

from __future__ import annotations

from typing import Any

from engine.bench._browser import ROOT, calm

PAGES = tuple(path.stem for path in sorted((ROOT / "pages").glob("*.py")))
_VIEWS = (
    *("concepts?view=timeline", "concepts?view=weights", "concepts?view=map"),
    *("intervene?view=model", "intervene?view=curves"),
    *("aviary?view=effects", "aviary?view=claims", "aviary?view=pairs"),
    *("robustness?view=twins", "robustness?view=defence"),
    *("compare?by=seeds", "compare?by=scenarios"),
    *("story?slide=forgets", "story?slide=mistake", "story?slide=fool"),
)
EVERYWHERE = (*PAGES, *_VIEWS)
_DRAWN_MS = 1200
"""How long a page must rest: charts and components draw themselves after the script has ended."""


def visit(page: Any, address: str, where: str) -> None:
    """Open a page and wait until all of it is drawn."""
    page.goto(f"{address}/{'' if where == 'home' else where}")
    page.wait_for_selector("h1")
    calm(page, _DRAWN_MS)
