"""A real browser on a real server. Without a browser these tests are skipped, unless PLUMAGE_REQUIRE_BROWSER=1."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import chromium, dashboard, find
from engine.store.store import RunStore
from tests.browser.everywhere import survey, watch
from tests.pages.stores import write_run
from tests.shared import made_once


@pytest.fixture(scope="session", autouse=True)
def browser_here() -> None:
    """Skip or fail where there is no browser."""
    try:
        import playwright.sync_api  # noqa: F401

        missing = find() is None
    except ImportError:
        missing = True
    if missing and os.environ.get("PLUMAGE_REQUIRE_BROWSER") == "1":
        pytest.fail("no Chromium or no playwright, and PLUMAGE_REQUIRE_BROWSER=1")
    if missing:
        pytest.skip("no Chromium or no playwright here")


@pytest.fixture(scope="module")
def finished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two finished runs; the newer one has markup in its name."""
    home = tmp_path_factory.mktemp("finished")
    write_run(home, name="the older one")
    write_run(home, name="<img src=x onerror=window.hacked=1> http://evil.example :material/home:")
    return home


@pytest.fixture(scope="session")
def tiny_address(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard over a copy of the tiny run: pages that are opened have things computed and kept."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("everywhere") / "home"))
    with dashboard(home) as url:
        yield url


@pytest.fixture(scope="session")
def surveyed(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `survey` finds over the tiny run; looked at by one of the processes, for it takes minutes."""

    def look(folder: Path) -> None:
        home = Path(shutil.copytree(tiny_home, folder / "home"))
        with dashboard(home) as url:
            (folder / "found.json").write_text(json.dumps(survey(url)))

    found: dict[str, Any] = json.loads((made_once(tmp_path_factory, "surveyed", look) / "found.json").read_text())
    return found


@pytest.fixture(scope="module")
def runs(finished_home: Path) -> list[str]:
    """Ids of the runs there, newest first."""
    return [run.id for run in RunStore(finished_home).runs()]


@pytest.fixture(scope="module")
def address(finished_home: Path) -> Iterator[str]:
    """The dashboard over `finished_home`."""
    with dashboard(finished_home) as url:
        yield url


@pytest.fixture
def open_browser() -> Iterator[Callable[..., Any]]:
    """Open a browser whose every request is watched: one that leaves this machine fails the test, as does a dialog."""
    opened: list[tuple[Any, Callable[[], list[str]]]] = []

    def watched(scheme: str = "light", **more: Any) -> Any:
        manager = chromium(scheme, **more)
        context = manager.__enter__()
        opened.append((manager, watch(context)))
        return context

    yield watched
    for manager, _ in opened:
        manager.__exit__(None, None, None)
    assert opened, "no browser was opened"
    assert [line for _, strange in opened for line in strange()] == []
