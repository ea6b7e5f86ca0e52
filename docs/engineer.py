"""Make docs/engineer.webp: the path of an engineer with a zip of photographs as a film, a picture a click.

    .venv/bin/python docs/engineer.py

Needs Chromium, playwright, the packages of requirements-photos.txt, and the clothing photographs of `bench photos`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs.newcomer import DOCS, filming
from engine.bench._photos_engineer import packed, walk
from engine.bench._photos_runs import NAMES
from engine.bench.photoclip import DATA


def main() -> None:
    """Walk, and join the pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        archive = packed(Path(folder) / "clothing.zip", DATA / NAMES["clothing"])
        with filming(Path(folder) / "home", DOCS / "engineer.webp") as (page, address, look):
            for step in walk(page, address, archive, look):
                print(f"{step.seconds:6.1f} s  {step.words}: {step.told}")


if __name__ == "__main__":
    main()
