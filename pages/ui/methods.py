"""The learning methods on offer. Their declarations are read by a process of its own, so that no page loads torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import streamlit as st

from engine.home import cache_folder, home
from engine.runs.catalog import MethodInfo, catalog

_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = _ROOT / "engine" / "methods"
_READ = "from engine.runs.catalog import catalog; catalog()"
_PATIENCE = 120.0
"""Seconds to wait on a busy machine; a fresh install reads the declarations once, in about five."""


def prepare() -> None:
    """Start reading the declarations in the background where they are not kept yet."""
    if not _kept():
        _reading(str(home()))


def known() -> Mapping[str, MethodInfo]:
    """Every method by name, waiting for the background process where it is still at work."""
    if not _kept():
        _reading(str(home())).result(timeout=_PATIENCE)
    return catalog()


def _kept() -> bool:
    """Whether declarations newer than every method's source lie in the home's cache."""
    changed = max(path.stat().st_mtime for path in _SOURCES.glob("*.py"))
    return any(path.stat().st_mtime > changed for path in cache_folder(home()).glob("methods-*.json"))


@st.cache_resource(show_spinner=False, max_entries=4)
def _reading(where: str) -> Future[str]:
    """Running `catalog` in another process leaves its result in the home's cache, where this process finds it."""
    return _elsewhere(_READ)


def _elsewhere(code: str) -> Future[str]:
    command = [sys.executable, "-c", code]
    pool = ThreadPoolExecutor(max_workers=1)
    return pool.submit(subprocess.check_output, command, cwd=_ROOT, text=True, stderr=subprocess.DEVNULL)
