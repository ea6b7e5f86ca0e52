"""Scripts and sheets of the pages' own components, which lie in `assets/ui/` under the component's name."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "ui"
HIDDEN = "<span hidden></span>"
"""What a component that draws nothing consists of."""


@cache
def text(file: str) -> str:
    """A file of the folder, read once."""
    return (_FOLDER / file).read_text(encoding="utf-8")


def component(name: str, html: str, isolate_styles: bool = True) -> ComponentRenderer:
    """A component of ours: its script is `NAME.js`, and its sheet `NAME.css` where there is one.

    Args:
        html: its elements before the script has filled them.
        isolate_styles: its sheet holds within it alone, and the page's does not reach into it.
    """
    sheet = f"{name}.css"
    css = text(sheet) if (_FOLDER / sheet).exists() else None
    return st.components.v2.component(
        f"plumage_{name}", html=html, css=css, js=text(f"{name}.js"), isolate_styles=isolate_styles
    )


def run(name: str, *given: str | int, once: object) -> None:
    """Have the browser call the function that `NAME.js` consists of.

    Args:
        given: what it is called with.
        once: as long as this is the same, a page that is drawn again does not call it again.
    """
    values = ", ".join(json.dumps(value).replace("<", "\\u003c") for value in given)
    mark = sha256(str(once).encode()).hexdigest()[:16]
    script = f"<script>/* {mark} */\n({text(f'{name}.js')})({values})</script>"
    st.html(script, unsafe_allow_javascript=True)
