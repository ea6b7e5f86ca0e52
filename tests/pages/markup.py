"""What a text becomes where it is shown: the links, images, code, formulas and icons that a reader would see.

Markdown is parsed by a real parser. What Streamlit 1.67 looks for in the words that are left (StreamlitMarkdown.js:
addresses and mail by mdast-util-gfm-autolink-literal, formulas by remark-math, `:material/...:` and `:emoji:`) is
looked for by the same patterns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

MARKED = frozenset({"body", "label", "help", "text", "caption", "options", "content", "delta"})
"""Fields of Streamlit's messages that it reads as Markdown, some of them only in part."""
_LISTS = frozenset({"selectbox", "multiselect", "select_slider"})
"""Widgets whose options are drawn as they are."""
_SAVED = "data:text/csv;charset=utf-8,"
"""A table to be saved: what stands in it is neither shown nor followed."""
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_ADDRESS = re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE)
_MAIL = re.compile(r"(?:(?<=^)|(?<=[\s\W]))([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)")
_ICON = re.compile(r":material[/_]\w+:|:[\w+-]+:")
_FORMULA = re.compile(r"(?<!\\)\$\$?[^$]+(?<!\\)\$")

Found = list[tuple[str, str]]
"""Kind and content of everything that is not plain text."""


def in_markdown(text: str) -> Found:
    """What Streamlit's Markdown makes of a text."""
    found: Found = [("formula", hit) for hit in _FORMULA.findall(text)]
    for token in _tokens(_PARSER.parse(text)):
        if token.type == "link_open":
            found.append(("link", str(token.attrs["href"])))
        elif token.type == "image":
            found.append(("image", str(token.attrs["src"])))
        elif token.type in ("code_inline", "code_block", "fence"):
            found.append(("code", token.content))
        elif token.type in ("heading_open", "bullet_list_open", "ordered_list_open", "hr", "blockquote_open"):
            found.append((token.type.removesuffix("_open"), text))
        elif token.type == "inline":
            plain = "".join(child.content for child in token.children or () if child.type == "text")
            found += [("link", hit[0]) for hit in _ADDRESS.finditer(plain)]
            found += [("link", hit[0]) for hit in _MAIL.finditer(plain)]
            found += [("icon", hit) for hit in _ICON.findall(plain)]
    return found


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Found = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside.append("data" if given.get("type") == "application/json" else tag)
        self.found += [("script", value) for name, value in given.items() if name.startswith("on")]
        if tag in ("a", "img", "iframe", "object", "embed", "link", "form"):
            aim = given.get("href", given.get("src", given.get("action", "")))
            self.found += [("image" if tag == "img" else "link", aim)] if not aim.startswith(_SAVED) else []

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() not in (tag, "data"):
            pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] in ("code", "script", "style"):
            self.found.append(("code", data))


def in_html(text: str) -> Found:
    """What a browser makes of HTML."""
    reader = _Html()
    reader.feed(text)
    reader.close()
    return reader.found


def in_plotly(spec: str) -> Found:
    """What Plotly makes of a figure: pseudo-HTML anywhere, and places to fill in where names stand in templates."""
    found: Found = []
    for text in strings(json.loads(spec)):
        found += [hit for hit in in_html(text) if hit[0] in ("link", "image", "script")]
        found += [("place", hit) for hit in re.findall(r"%\{[^}]*\}", text)]
    return found


def on_page(app: AppTest) -> Found:
    """Everything on a page that is not plain text."""
    found: Found = []
    for element in _elements(app._tree):
        proto = getattr(element, "proto", None)
        if element.type == "html":
            found += in_html(element.value)
        elif element.type == "plotly_chart":
            found += in_plotly(proto.spec)
        elif proto is not None:
            fields = MARKED - {"options"} if element.type in _LISTS else MARKED
            found += [hit for text in _marked(proto, fields) for hit in in_markdown(text)]
    return found


def _elements(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _elements(child)


def _marked(proto: Any, fields: frozenset[str]) -> Iterator[str]:
    """Texts of a message, and of the messages in it, that Streamlit reads as Markdown."""
    if not hasattr(proto, "ListFields"):
        return
    for field, value in proto.ListFields():
        for one in value if field.is_repeated else [value]:
            if field.message_type is not None:
                yield from _marked(one, fields)
            elif isinstance(one, str) and field.name in fields:
                yield one


def strings(value: Any) -> Iterator[str]:
    """Every text in a value that JSON gave."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def _tokens(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or ())
