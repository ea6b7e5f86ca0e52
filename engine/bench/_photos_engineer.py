"""The path of an engineer with a zip of photographs: from an empty store to the first picture explained.

The packages of the photo tower are installed; the tower itself is made on the way. Everything else is left as the page
begins it.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bench._browser import chromium, dashboard
from engine.bench._newcomer import Click, Look, Steps, follow, menu
from engine.bench._photos_runs import NAMES
from engine.bench.figure import Figure, measured
from engine.bench.photoclip import DATA

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAITED_FOR = ("model", "picture")
"""Steps whose work is long and shows how far it is; all others are the pages' own."""
_LONG_MS = 1_800_000.0


def figures(seeds: Sequence[int]) -> Iterator[Figure]:
    """`photos.engineer.*`: clicks, seconds by step, and how many of them are waiting; each seed is one repetition."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        archive = packed(Path(folder) / "clothing.zip", DATA / NAMES["clothing"])
        walks = [_walked(Path(folder) / f"home-{number}", archive) for number in range(len(seeds))]
    yield measured("photos.engineer.clicks", [len(steps) for steps in walks], "clicks")
    yield measured("photos.engineer.seconds", [sum(step.seconds for step in steps) for steps in walks], "s")
    waits = [sum(step.seconds for step in steps if step.name in WAITED_FOR) for steps in walks]
    yield measured("photos.engineer.waiting_seconds", waits, "s")
    for place, step in enumerate(walks[0]):
        yield measured(f"photos.engineer.{step.name}_seconds", [steps[place].seconds for steps in walks], "s")


def packed(archive: Path, folder: Path) -> Path:
    """A zip of a folder; photographs do not get smaller, so they are stored as they are."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
        for path in sorted(folder.rglob("*")):
            zipped.write(path, path.relative_to(folder.parent))
    return archive


def _walked(home: Path, archive: Path) -> list[Click]:
    home.mkdir()
    with dashboard(home) as address, chromium() as browser:
        return list(walk(browser.new_page(), address, archive))


def walk(page: Page, address: str, archive: Path, look: Look = lambda words: None) -> Iterator[Click]:
    """Go the path. Each step clicks once, or drops the archive."""
    return follow(page, address, _path(page, archive), look)


def _path(page: Page, archive: Path) -> Steps:
    step = page.locator
    yield (
        "own",
        "Your own pictures",
        step(".st-key-own-pictures button").first.click,
        step(".st-key-bring-kind button").first.wait_for,
    )
    yield (
        "kind",
        "They are in an archive",
        step(".st-key-bring-kind button", has_text=re.compile("zip|archive", re.IGNORECASE)).first.click,
        lambda: step("[data-testid=stFileUploaderDropzoneInput]").first.wait_for(state="attached"),
    )
    yield (
        "drop",
        "Drop the zip",
        lambda: step("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files(archive),
        lambda: step(".st-key-bring-step-data button", has_text="pictures").wait_for(timeout=_LONG_MS),
    )
    yield (
        "backbone",
        "Look at the backbone",
        step(".st-key-bring-step-backbone button").click,
        step(".st-key-bring-make-photo-clip button").wait_for,
    )
    yield (
        "model",
        "Make the model for photographs",
        step(".st-key-bring-make-photo-clip button").click,
        lambda: step(".st-key-bring-step-backbone button", has_text="photo-clip").wait_for(timeout=_LONG_MS),
    )
    yield (
        "start",
        "Start training",
        step(".st-key-bring-start button").click,
        lambda: page.wait_for_url(re.compile("/run"), timeout=_LONG_MS),
    )
    yield (
        "picture",
        "Open Picture, which explains one as soon as a task is learnt",
        lambda: menu(page, "Picture"),
        lambda: step("[data-testid=stMain] .nsewdrag").first.wait_for(timeout=_LONG_MS),
    )
