"""How much there is to read on a page before anybody scrolls, and how far it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.bench._browser import DESKTOP, calm, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WORDS = r"""() => {
  const CHARTS = "svg, canvas, table, [role=img], [role=grid], [role=figure][aria-label]"
  const LEFT = CHARTS + ", style, script, [data-testid=stIconMaterial]"
  const main = document.querySelector("[data-testid=stMain]"), texts = []
  const walk = (node) => {
    for (const one of node.childNodes) {
      if (one.nodeType === Node.TEXT_NODE) texts.push(one)
      else if (one.nodeType === Node.ELEMENT_NODE) {
        if (one.matches(LEFT)) continue
        walk(one)
        if (one.shadowRoot) walk(one.shadowRoot)
      }
    }
  }
  const seen = (text) => {
    const range = document.createRange()
    range.selectNode(text)
    const box = range.getBoundingClientRect()
    const own = text.parentElement.getBoundingClientRect()
    if (!box.width || own.width < 2 || own.height < 2 || box.bottom <= 0 || box.top >= innerHeight) return false
    return text.parentElement.checkVisibility({opacityProperty: true, visibilityProperty: true})
  }
  walk(main)
  return texts.filter(seen).reduce((sum, one) => sum + (one.textContent.match(/\p{L}[\p{L}’'-]*/gu) ?? []).length, 0)
}"""
PARTS: Mapping[str, Mapping[str, str]] = {
    "attack": {
        "tasks": "view=tasks",
        "answers": "view=answers",
        "attention": "view=attention",
        "concepts": "view=concepts",
        "twins": "view=twins",
        "twins-all": "view=twins&tab=all",
    },
    "concepts": {view: f"view={view}" for view in ("timeline", "weights", "map")},
    "picture": {
        "what": "tab=what",
        "bird": "tab=what&how=bird",
        "least": "tab=what&how=least",
        "time": "tab=time",
        "where": "tab=where",
    },
    "repair": {tab: f"tab={tab}" for tab in ("kept", "lost", "clicks", "effects", "claims", "pairs")},
    "tasks": {
        "compare": "tab=compare",
        "numbers": "tab=compare&detail=numbers",
        "seeds": "tab=compare&by=seeds",
        "scenarios": "tab=compare&by=scenarios",
    },
}
"""What the address asks for to open each part of a page but its first. A part shows what the home has for it: without a
second run there is nothing to compare, without a measurement nothing of all pictures under attack."""
_HEIGHT = "() => document.querySelector('[data-testid=stMain]').scrollHeight"


@dataclass(frozen=True, slots=True)
class PageText:
    """A page at rest, of a desktop's size.

    Attributes:
        words: on the first screen; not counted are numbers, what only screen readers say, and what stands in tables and
            charts: their axes and marks. What is a chart says so itself, as screen readers are told: it is drawn in
            `svg` or `canvas`, or has the role of an image, a grid, or a figure with a name.
        screens: its height, in screens.
    """

    words: int
    screens: float


def read(link: str) -> PageText:
    """Open a page, wait until it rests, and read it."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(link)
        calm(page)
        return measured(page)


def measured(page: Page) -> PageText:
    """What there is to read on a page that rests, in a window of a desktop's size."""
    return PageText(int(page.evaluate(_WORDS)), float(page.evaluate(_HEIGHT)) / DESKTOP[1])
