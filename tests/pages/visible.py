"""Every word that can be read on a page under test, and the panels that have nothing in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.markup import strings

_NOT_READ = frozenset({"id", "spec", "config", "html", "css", "js", "url", "icon", "form_id", "url_path", "shortcut"})
"""Fields of Streamlit's messages that nobody reads: names, addresses, drawings, which are read on their own."""
_SAID = re.compile(r"\b(?:title|alt|aria-label|placeholder)=(\"[^\"]*\"|'[^']*')")
_HIDDEN = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_DATA = re.compile(r"data:[\w/+-]+[;,][^\s\"')]*")
_FILE = re.compile(r"\bplumage-[\w.-]+")
_LONG = 20_000
"""Characters of a text that is read; a longer one is a picture or a script."""


def in_html(source: str) -> str:
    """What a reader sees of HTML, and what is told to who cannot see it."""
    shown = _HIDDEN.sub(" ", source)
    said = " . ".join(hit[1:-1] for hit in _SAID.findall(shown))
    return unescape(f"{_TAG.sub(' ', re.sub(r'</(p|dd|dt|li|h[1-6]|figcaption|td|th)>', ' . ', shown))} . {said}")


def in_plotly(spec: str) -> str:
    """The words of a chart: titles, ticks, notes, hovers."""
    return " . ".join(in_html(text) for text in strings(json.loads(spec)) if not text.startswith("data:"))


def texts(app: AppTest) -> Iterator[str]:
    """Every text of a page."""
    for element in elements(app._tree):
        proto = getattr(element, "proto", None)
        if proto is None:
            continue
        if element.type == "html":
            yield in_html(element.value)
        elif element.type == "plotly_chart":
            yield in_plotly(proto.spec)
        elif element.type == "dataframe":
            yield " . ".join([*map(str, element.value.columns), *map(str, element.value.to_numpy().ravel())])
        else:
            yield from (in_html(text) for text in _fields(proto))


def words(text: str) -> str:
    """A text without pictures and names of files."""
    return _FILE.sub(" ", _DATA.sub(" ", text))


def empty_panels(app: AppTest) -> list[str]:
    """Panels in which nothing stands below the heading, and charts in which nothing is drawn."""
    found = [_key(block) for block in elements(app._tree) if _key(block).startswith("panel-") and _is_bare(block)]
    for chart in app.get("plotly_chart"):
        if not any(_drawn(trace) for trace in json.loads(chart.proto.spec)["data"]):
            found.append(chart.proto.id)
    return found


def elements(node: Any) -> Iterator[Any]:
    """A node of a page and all below it."""
    yield node
    for child in getattr(node, "children", {}).values():
        yield from elements(child)


def folded(app: AppTest) -> list[str]:
    """Keys of the popovers and folds of a page."""
    kinds = ("popover", "expander", "expandable")
    return [key for block in elements(app._tree) if block.type in kinds and (key := _key(block))]


def _key(node: Any) -> str:
    name = str(getattr(getattr(node, "proto", None), "id", "") or "")
    return name.split("-", 2)[2] if name.startswith("$$ID-") else ""


def _is_bare(panel: Any) -> bool:
    """Whether there is a heading with nothing below it, not even the reason."""
    heads = [child for child in getattr(panel, "children", {}).values() if _key(child).startswith("head-")]
    told = "".join(one.value for head in heads for one in elements(head) if one.type == "html")
    return bool(heads) and not any(_body(panel)) and "<p>" not in told.partition("pl-lesson")[0]


def _body(block: Any) -> Iterator[Any]:
    """What stands in a panel without its heading."""
    for child in getattr(block, "children", {}).values():
        if not _key(child).startswith("head-"):
            yield from (
                one for one in elements(child) if not getattr(one, "children", None) and one.type != "flex_container"
            )


def _drawn(trace: dict[str, Any]) -> bool:
    return any(trace.get(axis) not in (None, [], {}) for axis in ("x", "y", "z", "values"))


def _fields(proto: Any) -> Iterator[str]:
    if not hasattr(proto, "ListFields"):
        return
    for field, value in proto.ListFields():
        if field.name in _NOT_READ:
            continue
        if hasattr(value, "ListFields"):
            yield from _fields(value)
            continue
        for one in value if field.is_repeated and not isinstance(value, str) else [value]:
            if hasattr(one, "ListFields"):
                yield from _fields(one)
            elif isinstance(one, str) and len(one) < _LONG:
                yield one
