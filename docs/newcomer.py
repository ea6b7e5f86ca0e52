"""Make docs/newcomer.webp: the newcomer's path as a film, a picture a click, from an empty store to the report.

    .venv/bin/python docs/newcomer.py

Needs Chromium and playwright. It trains the demo in a store of its own and prints how long every click took.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.bench._browser import chromium, dashboard  # noqa: E402
from engine.bench._newcomer import Look, walk  # noqa: E402

DOCS = ROOT / "docs"
OUT = DOCS / "newcomer.webp"
SIZE = (1280, 800)
WIDTH = 960
STRIP = 44
"""Height of the strip of words below each picture, in pixels."""
PAPER, INK = "#2F5D50", "#FBF8F1"
SHOWN_MS = 2600
DRAWN_MS = 2500
"""Time for charts to draw themselves."""
QUALITY = 72


def main() -> None:
    """Walk, and join the pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        report = Path(folder) / "report.html"
        with filming(Path(folder) / "home", OUT) as (page, address, look):
            for step in walk(page, address, report, look):
                print(f"{step.seconds:6.1f} s  {step.words}: {step.told}")
            page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
            page.goto(report.as_uri())
            look("The report, as it opens anywhere")


@contextmanager
def filming(home: Path, out: Path) -> Iterator[tuple[Page, str, Look]]:
    """A dashboard over a new home, a page of a browser, and what takes a picture of it; they are joined at the end."""
    frames: list[Image.Image] = []
    home.mkdir()
    with dashboard(home) as address, chromium(size=SIZE) as browser:
        page = browser.new_page()

        def look(words: str) -> None:
            page.wait_for_timeout(DRAWN_MS)
            frames.append(_frame(page.screenshot(), f"{len(frames)}. {words}" if frames else words))

        yield page, address, look
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=SHOWN_MS, loop=0, quality=QUALITY, method=4)
    print(f"{out.relative_to(ROOT)}  {len(frames)} pictures  {out.stat().st_size // 1024} KiB")


def _frame(picture: bytes, words: str) -> Image.Image:
    """The screenshot, smaller, with what was clicked below it."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (WIDTH, image.height + STRIP), PAPER)
    sheet.paste(image)
    ImageDraw.Draw(sheet).text((16, image.height + 10), words, fill=INK, font=ImageFont.load_default(20))
    return sheet


if __name__ == "__main__":
    main()
