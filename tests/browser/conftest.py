"""A real browser on a real server. Without a browser these tests are skipped, unless PLUMAGE_REQUIRE_BROWSER=1."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import chromium, dashboard, find
from engine.store.store import RunStore
from tests.browser.everywhere import EVERYWHERE, Surveyor, watch
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
def surveyed(answered_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a `Surveyor` finds over the tiny run with every analysis there.

    The processes share the pages out: every other one begins at the end, and what one has looked at no other opens.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    found: dict[str, Any] = {"axe": {}, "facts": {}, "strange": []}
    home = Path(shutil.copytree(answered_home, tmp_path_factory.mktemp("surveyed") / "home"))
    with dashboard(home) as url, chromium() as browser:
        surveyor = Surveyor(browser, url)

        def look(folder: Path, where: str, then: str | None) -> None:
            (folder / "found.json").write_text(json.dumps(surveyor.look(where, then)))

        order = range(len(EVERYWHERE))[:: -1 if number % 2 else 1]
        for place, after in zip_longest(order, order[1:]):
            where, then = EVERYWHERE[place], None if after is None else EVERYWHERE[after]
            seen = made_once(tmp_path_factory, f"seen-{place}", partial(look, where=where, then=then))
            one = json.loads((seen / "found.json").read_text())
            found["axe"] |= one["axe"]
            found["facts"][where] = one["facts"]
            found["strange"] += one["strange"]
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
