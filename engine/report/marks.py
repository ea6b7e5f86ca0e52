"""Text and data as they may stand in the report's HTML. Names of runs, classes and concepts may be anything."""

from __future__ import annotations

import base64
import hashlib
import json

from engine import escaping


def safe(text: object) -> str:
    """`text` between tags or in a quoted attribute."""
    return escaping.html(text)


def data(value: object, name: str) -> str:
    """JSON for the page's script, in an element that nobody runs. No text in it can end the element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{safe(name)}">{text}</script>'


def digest(script: str) -> str:
    """How a Content-Security-Policy names a script that may run."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
