"""How fast the pages show a run of photographs, with ten classes and with a hundred.

Ten are the clothes. A hundred are drawn by the bench, flat colours with noise, which a page bears like any others. What
pages have computed by themselves is there before anything is timed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from engine.bench._browser import chromium, dashboard, settled
from engine.bench._photos_runs import Photos, told
from engine.bench.figure import Figure, measured
from engine.bench.page import TARGETS, other_pages, painted
from engine.errors import NotApplicable
from engine.jobs.board import listed
from engine.rng import numpy_stream
from engine.runs.config import RunConfig
from engine.store.store import RunStore

LEARNER = "clg_cbm"
CLASSES, TRAIN, TEST, SIDE = 100, 16, 4, 64
"""Of the drawn pictures: classes, images of each in the splits, pixels of a side."""
TASKS = 5
_COMPUTED_S = 3600.0
_OPENED_MS = 600_000.0  # jobs that earlier pages began take the cores meanwhile
_LOOK_S = 5.0


def figures(photos: Photos) -> Iterator[Figure]:
    """`photos.pages.CLASSES.NAME_ms`: first paint of every page, and of the slowest."""
    for classes, config in configs(photos).items():
        found = _measured(photos, photos.trained(config).view.id)
        for name in found[0]:
            values = [one[name] for one in found]
            yield measured(f"photos.pages.{classes}.{name}_ms", values, "ms", most=TARGETS["first_paint_ms"])


def configs(photos: Photos) -> dict[int, RunConfig]:
    """A run of ten classes and one of a hundred, five tasks each."""
    few = photos.configured("clothing", LEARNER, photos.seeds[0])
    folder = photos.store.home / "hundred"
    if not folder.is_dir():
        draw(folder, photos.seeds[0])
    return {10: few, CLASSES: few.changed(path=str(folder), increment=CLASSES // TASKS)}


def draw(folder: Path, seed: int) -> None:
    """A folder of pictures: each class a colour, each picture its own noise. It has its name once it is whole."""
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for number in range(CLASSES):
        stream = numpy_stream(seed, "bench photos", number)
        colour = stream.integers(0, 196, 3)
        for each in range(TRAIN + TEST):
            place = unfinished / ("train" if each < TRAIN else "test") / f"garment {number:03d}"
            place.mkdir(parents=True, exist_ok=True)
            pixels = colour + stream.integers(0, 60, (SIDE, SIDE, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{each}.png")
    unfinished.rename(folder)


def _measured(photos: Photos, run: str) -> list[dict[str, float]]:
    """Milliseconds by page, once for each seed."""
    with dashboard(photos.store.home) as address:
        links = {name: f"{address}/{path}?run={run}" for name, path in {**other_pages(), "tasks": "tasks"}.items()}
        _computed(photos.store, links)
        return [{name: painted(link) for name, link in links.items()} for _ in photos.seeds]


def _computed(store: RunStore, links: dict[str, str]) -> None:
    """Open every page, and wait for all that they have computed by themselves: it would slow down what is timed.

    Raises:
        NotApplicable: it takes too long.
    """
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(_OPENED_MS)
        for link in links.values():
            page.goto(link)
            page.wait_for_selector("h1")
            settled(page)
    end = time.monotonic() + _COMPUTED_S
    while jobs := listed(store):
        if time.monotonic() > end:
            raise NotApplicable("the pages", f"{jobs[0].title} did not end within an hour", "Run the bench again")
        told(f"pages wait for {len(jobs)} jobs, the first is {jobs[0].title}")
        time.sleep(_LOOK_S)
