"""The player of films: its script and its sheet, which lie in `assets/ui/film/`, the same for pages and for reports."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "ui" / "film"
_PARTS = ("base", "matrix", "lines", "weights", "maps", "attack", "changes", "bar", "player")
"""In the order in which they need each other; the last one is what a component calls."""
_EXPORT = "export default "
HTML = "<div class='film'></div>"
"""What it fills."""


@cache
def script() -> str:
    """The whole script, as a module whose default is the player's function."""
    return "\n".join((_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)


@cache
def plain_script() -> str:
    """The same for a page that stands alone: it declares the function `film`, with its sheet as `film.sheet`."""
    body = script().replace(_EXPORT, "")
    return f"const film = (() => {{\n{body}\nreturn Object.assign(film, {{ sheet: {json.dumps(sheet())} }})\n}})()"


@cache
def sheet() -> str:
    """Its sheet, for a shadow root."""
    return (_FOLDER / "film.css").read_text(encoding="utf-8")
