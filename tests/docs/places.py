"""Where the texts are, and what draws some of them."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", "node_modules", "site", ".git", ".pytest_cache", ".test-artifacts"}


def texts() -> list[Path]:
    """Every Markdown file of the house that people read."""
    return sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))


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
