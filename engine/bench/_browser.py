"""The dashboard in a real browser: a server of its own and a headless Chromium, for benches, tests and screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import NotApplicable
from engine.home import VARIABLE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
DESKTOP = (1440, 900)
PATIENCE_MS = 180_000
"""Longest wait for anything on the page; the machine may be busy."""
_START_SECONDS = 60.0
_END_SECONDS = 20.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
_LOOK_MS = 100
_COMPUTED_MS = 300_000
"""Longest wait for a page to rest: one that has something computed is not at rest before that is there."""
_RESTING = f"""(looks) => {{
  const computed = "[class*=st-key-waiting-] [data-testid=stProgress]"
  const busy = "[data-testid=stSpinner], [data-testid=stSkeleton], [data-stale=true], " + computed
  const idle = document.querySelector("{_IDLE}") && !document.querySelector(busy)
  window.plumageRests = idle ? (window.plumageRests ?? 0) + 1 : 0
  return window.plumageRests >= looks
}}"""
"""Counts looks, not time: on a busy machine a moment's work could fall between two looks."""


def find() -> str | None:
    """Path of a Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def dashboard(home: Path) -> Iterator[str]:
    """Serve the dashboard over a home on a free port of this machine; the address."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    environment = {**os.environ, VARIABLE: str(home)}
    with (home / "dashboard-server.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Streamlit waits for scripts that run and browsers that hang on; nobody needs their answers any more."""
    server.terminate()
    try:
        server.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def chromium(scheme: str = "light", size: tuple[int, int] = DESKTOP) -> Iterator[BrowserContext]:
    """A fresh browser profile.

    Args:
        scheme: `"light"` or `"dark"`, as the reader's system prefers.
        size: width and height in pixels.

    Raises:
        NotApplicable: there is no Chromium or no playwright here.
    """
    path = find()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        raise NotApplicable(
            "a real browser", "it needs Chromium and playwright", "apt-get install chromium; pip install playwright"
        )
    view: Any = {"width": size[0], "height": size[1]}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=path, headless=True, args=list(_FLAGS), color_scheme=scheme, viewport=view
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context
        finally:
            context.close()


def settled(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_selector(_IDLE, state="attached")


def calm(page: Page, quiet_ms: int = 700) -> None:
    """Wait until the page's script has rested for a while and nothing on it is still to come: a page's words are drawn
    by a first run of the script, and the rest by a second one."""
    page.evaluate("delete window.plumageRests")
    page.wait_for_function(_RESTING, arg=quiet_ms // _LOOK_MS, polling=_LOOK_MS, timeout=_COMPUTED_MS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NotApplicable("the dashboard", "its server did not start", "See dashboard-server.log in the home")
