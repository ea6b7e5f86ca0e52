"""Where the texts are, and what draws some of them."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
MADE = "site"
"""Where `make docs` builds."""


def texts() -> list[Path]:
    """Every Markdown file of the house that people read."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != MADE]
    return sorted([*ROOT.glob("*.md"), *(text for folder in folders for text in folder.rglob("*.md"))])


@cache
def build() -> ModuleType:
    """The hook of mkdocs, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made_pages() -> tuple[str, ...]:
    """Files of the reference, which `make docs` makes."""
    return tuple(build().PAGES)
