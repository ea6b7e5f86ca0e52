"""Make docs/newcomer.webp: the newcomer's path as a film, a picture a click, from an empty store to the report.

    .venv/bin/python docs/newcomer.py

Needs Chromium and playwright. It trains the demo in a store of its own and prints how long every click took.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.bench._browser import chromium, dashboard  # noqa: E402
from engine.bench._newcomer import walk  # noqa: E402

OUT = ROOT / "docs" / "newcomer.webp"
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
    frames: list[Image.Image] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with dashboard(home) as address, chromium(size=SIZE) as browser:
            page = browser.new_page()

            def look(words: str) -> None:
                page.wait_for_timeout(DRAWN_MS)
                frames.append(_frame(page.screenshot(), f"{len(frames)}. {words}" if frames else words))

            for step in walk(page, address, Path(folder) / "report.html", look):
                print(f"{step.seconds:6.1f} s  {step.words}: {step.told}")
            page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
            page.goto((Path(folder) / "report.html").as_uri())
            look("The report, as it opens anywhere")
    frames[0].save(OUT, save_all=True, append_images=frames[1:], duration=SHOWN_MS, loop=0, quality=QUALITY, method=4)
    print(f"{OUT.relative_to(ROOT)}  {len(frames)} pictures  {OUT.stat().st_size // 1024} KiB")


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
