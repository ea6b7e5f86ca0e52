"""Text from people (names, notes, concepts, file names) as it may stand where something else would read it as markup.

One function a reader: HTML, Markdown as Streamlit renders it, and Plotly's labels. Altair draws text as it is, so a
name may be a value there, never a field, a title or an expression.
"""

from __future__ import annotations

import re
from html import escape

_JOINER = "\N{WORD JOINER}"
"""Takes no room, breaks no line, and keeps apart what a pattern would read as one."""
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#$~|:])")
_STARTS = re.compile(r"^([-+=]|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
_INDENTS = re.compile(r"^[ \t]+", re.MULTILINE)
_LATE = re.compile(r"(?<=:)(?=//|[\w+/-]+:)|(?<=://)|(?<=www)(?=\.)|(?<=@)(?=[-\w])", re.IGNORECASE)
"""What Streamlit looks for after Markdown's own escapes are resolved, so that no backslash helps: addresses and mail
(mdast-util-gfm-autolink-literal), icons and emoji between colons."""
_PLACE = re.compile(r"%(?=\{)")


def html(text: object) -> str:
    """`text` between tags or in a quoted attribute of HTML."""
    return escape(str(text), quote=True)


def markdown(text: object) -> str:
    """`text` inside Markdown: no link, image, icon, emoji, formula, code, heading, list or rule comes of it."""
    apart = _LATE.sub(_JOINER, _INDENTS.sub("", str(text)))
    return _STARTS.sub(_not_a_start, _SIGNS.sub(r"\\\1", apart))


def plotly(text: object) -> str:
    """`text` in a label, hover text or template of Plotly, which renders some HTML and fills in `%{...}`."""
    return _PLACE.sub("%" + _JOINER, escape(str(text), quote=False))


def _not_a_start(found: re.Match[str]) -> str:
    """A list or a rule begins with a sign or a number at the start of a line."""
    sign = found[1]
    return f"{sign}{_JOINER}" if sign.isdigit() else f"\\{sign}"
