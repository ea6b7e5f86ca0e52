"""Make docs/screenshots/*.webp: a plate of birds, every view of a run, one in the dark and one on a phone.

    make screenshots                                 # all of them
    .venv/bin/python docs/screenshots.py attention   # only views of these names

Needs Chromium and playwright. Uses the newest finished demo run of `PLUMAGE_HOME`; without one it trains one first.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.analyses.performing import perform  # noqa: E402
from engine.backbone.presets import HARDENED  # noqa: E402
from engine.bench._browser import DESKTOP, calm, chromium, dashboard  # noqa: E402
from engine.bench.page import finished_run  # noqa: E402
from engine.data.aviary.bird import edit  # noqa: E402
from engine.data.aviary.render import render  # noqa: E402
from engine.data.aviary.world import Aviary  # noqa: E402
from engine.home import home  # noqa: E402
from engine.jobs.analyses import Analyses, Question  # noqa: E402
from engine.jobs.training import work  # noqa: E402
from engine.session.backbone_pairs import twins  # noqa: E402
from engine.store.store import RunStore  # noqa: E402
from engine.store.view import RunView  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUT = ROOT / "docs" / "screenshots"
PHONE = (390, 844)
QUALITY = 80
TALLEST = 4500
"""Pixels of a page that are pictured."""
PLATE = 8, 3
"""Columns and rows of the plate of birds."""
BIRD = 144
"""Side of one of its pictures, in pixels."""
SPECIES = 40
EDITS = (
    ("crown", "red"),
    ("bill", "straight"),
    ("tail", "fanned"),
    ("breast_pattern", "barred"),
    ("crest", "spiky"),
    ("face", "masked"),
    ("wing", "yellow"),
    ("habitat", "snow"),
)
"""What the last row changes, one attribute a picture, on the plate's first bird."""
VIEWS = {
    "home": "/?run={run}",
    "run": "/run?run={run}",
    "tasks": "/tasks?run={run}&split=moved",
    "concepts": "/concepts?run={run}",
    "timeline": "/concepts?run={run}&view=timeline&concept=grey+breast",
    "weights": "/concepts?run={run}&view=weights",
    "map": "/concepts?run={run}&view=map",
    "picture": "/picture?run={run}",
    "what-if": "/picture?run={run}&tab=what",
    "surgery": "/picture?run={run}&tab=what&how=bird",
    "over-time": "/picture?run={run}&tab=time",
    "where": "/picture?run={run}&tab=where",
    "repair": "/repair?run={run}",
    "clicks": "/repair?run={run}&tab=clicks",
    "effects": "/repair?run={run}&tab=effects",
    "claims": "/repair?run={run}&tab=claims",
    "pairs": "/repair?run={run}&tab=pairs",
    "attack": "/attack?run={run}",
    "attack-tasks": "/attack?run={run}&view=tasks",
    "attack-all": "/attack?run={run}&tab=all",
    "attack-attention": "/attack?run={run}&tab=all&view=attention",
    "backbones": "/attack?run={run}&tab=all&view=twins",
    "compare": "/tasks?run={run}&tab=compare",
    "help": "/tasks?run={run}&help=open&term=forgetting",
    "story": "/story?run={run}",
    "story-forgets": "/story?run={run}&deck=forgetting&slide=forgets",
    "story-fix": "/story?run={run}&deck=fix&slide=fix",
    "story-fool": "/story?run={run}&deck=fool&slide=fool",
}
"""Every page and view of a finished run."""
UNDER_ATTACK = {"attack-all", "attack-attention", "backbones"}
"""Views of what an analysis takes long to find."""
IN_THE_DARK = ("home",)
ON_A_PHONE = ("tasks",)
DRAWN = "[data-testid=stMain] h1"
"""What every page has; then it is left to rest."""
COMPUTED_MS = 300_000
"""Longest wait for what a page has computed in the background."""
DRAWN_MS = 2500
"""Time for charts to draw themselves after the script has ended."""


def main(names: Sequence[str]) -> None:
    """Make all pictures, or those of some views."""
    OUT.mkdir(parents=True, exist_ok=True)
    run = finished_run(RunStore())
    wanted = {name: path.format(run=run) for name, path in VIEWS.items() if name in names or not names}
    if UNDER_ATTACK & set(wanted):
        _attack(run)
    if not names:
        _plate()
        _first_visit()
    with dashboard(home()) as address:
        _take(address, wanted, DRAWN, DESKTOP)
        _take(address, {f"{name}-dark": wanted[name] for name in IN_THE_DARK if name in wanted}, DRAWN, DESKTOP, "dark")
        _take(address, {f"{name}-phone": wanted[name] for name in ON_A_PHONE if name in wanted}, DRAWN, PHONE)


def _first_visit() -> None:
    with tempfile.TemporaryDirectory() as empty, dashboard(Path(empty)) as address:
        _take(address, {"first-visit": "/"}, ".hm-flock img", DESKTOP)


def _attack(run: str) -> None:
    """See to it that the run has a twin on the hardened backbone, and that both were attacked."""
    store = RunStore()
    found = [twin.run_id for twin in twins(store, RunView(store, run)) if twin.backbone == HARDENED]
    if not found:
        found = [store.create(RunView(store, run).config.changed(backbone=HARDENED))]
        work(store, found[0])
    for each in (run, *found):
        question = Question(each, store.tasks_done(each) - 1, "robustness", {})
        Analyses(store).claim(question)
        perform(store, question)


def _plate() -> None:
    """One bird of each of the demo's first species, and the same bird after eight edits."""
    split = Aviary().splits["train"]
    first = [split.birds(label * (len(split.labels) // SPECIES)) for label in range(PLATE[0] * (PLATE[1] - 1))]
    edited = [edit(first[0], attribute, value) for attribute, value in EDITS]
    sheet = Image.new("RGB", (PLATE[0] * BIRD, PLATE[1] * BIRD))
    for i, bird in enumerate([*first, *edited]):
        sheet.paste(Image.fromarray(render(bird, BIRD)), (i % PLATE[0] * BIRD, i // PLATE[0] * BIRD))
    _save(sheet, OUT / "aviary.webp")


def _take(address: str, views: dict[str, str], drawn: str, size: tuple[int, int], scheme: str = "light") -> None:
    with chromium(scheme, size=size) as browser:
        page = browser.new_page()
        for name, path in views.items():
            page.goto(address + path)
            page.wait_for_selector(drawn, timeout=COMPUTED_MS)
            calm(page)  # only now does a page say what it waits for
            page.wait_for_function("!document.querySelector('[class*=st-key-waiting-]')", timeout=COMPUTED_MS)
            calm(page)
            page.wait_for_timeout(DRAWN_MS)
            _save(Image.open(io.BytesIO(_whole(page, size))), OUT / f"{name}.webp")


def _whole(page: Page, size: tuple[int, int]) -> bytes:
    """The page from top to bottom: it scrolls inside, so the window grows until nothing is left to scroll."""
    for _ in range(2):
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": size[0], "height": min(max(size[1], int(height)), TALLEST)})
        page.wait_for_timeout(DRAWN_MS // 2)
    picture = page.screenshot()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return picture


def _save(picture: Image.Image, path: Path) -> None:
    picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    print(
        f"{path.relative_to(ROOT)}  {picture.width} x {picture.height}  {path.stat().st_size // 1024} KiB", flush=True
    )


if __name__ == "__main__":
    main(sys.argv[1:])
