"""Every page and every view of a page, by address; and what axe and a ruler find there, looked at in one visit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.bench._browser import DESKTOP, ROOT, calm

PAGES = tuple(path.stem for path in sorted((ROOT / "pages").glob("*.py")))
_VIEWS = (
    *("concepts?view=timeline", "concepts?view=map", "picture?tab=what", "picture?tab=time", "picture?tab=where"),
    *("repair?tab=kept", "repair?tab=effects", "repair?tab=pairs", "attack?view=tasks", "attack?tab=all"),
    *("attack?tab=all&view=attention", "tasks?tab=compare", "tasks?tab=compare&by=seeds", "tasks?help=open"),
    *("story?slide=forgets", "story?slide=fool"),
)
"""Of each kind of view one: the others are drawn by the same parts."""
EVERYWHERE = (*PAGES, *_VIEWS)
_UPSTREAM = ("script error: Bad delta path index",)
"""Streamlit's own: what a fragment says may cross a run of the whole page; the next run mends it."""
_LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
_DRAWN_MS = 1200
"""How long a page must rest: charts and components draw themselves after the script has ended."""


def visit(page: Any, address: str, where: str) -> None:
    """Open a page and wait until all of it is drawn."""
    _begin(page, address, where)
    _drawn(page)


def _begin(page: Any, address: str, where: str) -> None:
    """Ask for a page and wait for nothing."""
    page.goto(f"{address}/{'' if where == 'home' else where}", wait_until="commit")


def _drawn(page: Any) -> None:
    page.wait_for_selector("h1")
    calm(page, _DRAWN_MS)


PHONE = (390, 844)
IN_THE_DARK = (*PAGES, "picture?tab=what", "story?slide=forgets")
"""The views of a page are drawn with the same parts, so that one of each kind is enough."""
FACTS = """() => {
  const READ = ["BUTTON", "A", "LABEL", "P", "LI", "TD", "DD"], CHARTS = ".stPlotlyChart, [data-testid=stVegaLiteChart]"
  const BESIDE = "button, a, tr, .pl-mistake, [role=listitem]"
  const main = document.querySelector("[data-testid=stMain]")
  const inside = (root) => [...root.querySelectorAll("*")]
    .flatMap((e) => [e, ...(e.shadowRoot ? inside(e.shadowRoot) : [])])
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden"
  const shown = inside(main).filter(seen)
  const size = (e) => parseFloat(getComputedStyle(e).fontSize)
  const small = (e) => READ.includes(e.tagName) && e.innerText?.trim() && size(e) < 10.5
  return {
    wide: main.scrollWidth - innerWidth,
    small: shown.filter(small).map((e) => e.outerHTML.slice(0, 120)),
    pictures: shown.filter((e) => e.tagName === "IMG")
      .map((e) => [e.getAttribute("alt"), e.closest(BESIDE)?.textContent.trim() ?? "", e.className]),
    charts: shown.filter((e) => e.matches(CHARTS)).map((e) => e.getAttribute("aria-label") ?? ""),
    moving: document.getAnimations().filter((a) => a.effect.getComputedTiming().activeDuration > 20)
      .map((a) => (a.effect.target?.className ?? "") + " " + (a.animationName ?? a.transitionProperty)),
  }
}"""
"""Measured in the page: pixels too wide; texts too small to read; every picture's alternative and the words that stand
with it; every chart's name; whatever moves."""


def found(page: Any, *rules: str) -> list[str]:
    """What axe has to say of a page, one line a rule and element.

    Args:
        rules: only these, if any are given.
    """
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, Any] = {"resultTypes": ["violations"]}  # what it finds in order is a megabyte a page
    options |= {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {(node['any'] or node['all'] or node['none'])[0]['message'][:160]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def watch(context: Any) -> Callable[[], list[str]]:
    """Watch a browser's every request: what it returns tells what left this machine, which dialogs came, and which
    scripts failed."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
    context.on("weberror", lambda error: asked.append(f"script error: {error.error}"))

    def strange() -> list[str]:
        assert asked, "nothing was requested"
        return [url for url in asked if not url.startswith(_LOCAL + _UPSTREAM)]

    return strange


class Surveyor:
    """Opens each page once, as a reader who asked for less motion, and then makes it as narrow as a phone. It has two
    tabs: while a page is looked at, the server and the other tab draw the next one."""

    def __init__(self, browser: Any, address: str) -> None:
        self._address = address
        self._strange, self._page, self._other = watch(browser), browser.new_page(), browser.new_page()
        for tab in (self._page, self._other):
            tab.emulate_media(reduced_motion="reduce")
        self._begun: str | None = None

    def look(self, where: str, then: str | None = None) -> dict[str, Any]:
        """What is found at a page: `"axe"`, by page and by page in the dark; `"facts"`, measured on a phone;
        `"strange"`, what `watch` saw up to now.

        Args:
            then: the page that will most likely be looked at next.
        """
        self._page, self._other = self._other, self._page
        self._page.bring_to_front()  # behind another, a tab draws nothing
        if self._begun != where:
            _begin(self._page, self._address, where)
        _drawn(self._page)
        if then is not None:
            _begin(self._other, self._address, then)
        self._begun = then
        axe = _problems(self._page, where)
        with _on_a_phone(self._page):
            facts = self._page.evaluate(FACTS)
        return {"axe": axe, "facts": facts, "strange": self._strange()}


def _problems(page: Any, where: str) -> dict[str, list[str]]:
    problems = {where: found(page)}
    if where in IN_THE_DARK:
        page.emulate_media(color_scheme="dark")  # all that a theme can break is contrast
        calm(page)
        problems[f"{where}, dark"] = found(page, "color-contrast")
        page.emulate_media(color_scheme="light")
    return problems


@contextmanager
def _on_a_phone(page: Any) -> Iterator[None]:
    page.set_viewport_size(dict(zip(("width", "height"), PHONE, strict=True)))
    calm(page)
    yield
    page.set_viewport_size(dict(zip(("width", "height"), DESKTOP, strict=True)))
