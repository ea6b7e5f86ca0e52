"""What can be chosen on the page, read from the engine's declarations by a process of its own: no page loads torch."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from engine.files import write_text
from engine.home import cache_folder, home
from engine.params import Parameter

_ROOT = Path(__file__).resolve().parents[3]
_SOURCES = (
    *("engine/params.py", "engine/commands/robustify.py", "engine/analyses/robustness.py"),
    *("engine/attacks/*.py", "engine/defences/*.py", "pages/ui/robustness/declare.py"),
)
"""Files whose change changes what is declared."""
_PATIENCE = 120.0
"""Seconds to wait on a busy machine; it takes about four, once after every change of the sources."""
_KINDS: Mapping[str, type] = {kind.__name__: kind for kind in (bool, int, float, str)}


@dataclass(frozen=True)
class DefenceChoice:
    """A way to make a backbone hold.

    Attributes:
        name, title, help: of the defence; the help is a paragraph for people.
        parameters: its settings.
    """

    name: str
    title: str
    help: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Choices:
    """What can be chosen.

    Attributes:
        analysis: the settings of the look over a run.
        attacks: titles by name.
        defences: by name, the usual one first.
        images: how many birds a defence is trained on by default.
    """

    analysis: tuple[Parameter, ...]
    attacks: Mapping[str, str]
    defences: Mapping[str, DefenceChoice]
    images: int

    def default(self, name: str) -> Any:
        """A setting of the analysis where nothing was said."""
        return next(p.default for p in self.analysis if p.name == name)


def prepare() -> None:
    """Start reading in the background."""
    _reading(_digest(), str(home()))


def known() -> Choices:
    """Everything, waiting where it is still being read.

    Raises:
        subprocess.SubprocessError: the engine's own files do not import.
    """
    return _reading(_digest(), str(home())).result(timeout=_PATIENCE)


@st.cache_resource(show_spinner=False, max_entries=4)
def _reading(digest: str, where: str) -> Future[Choices]:
    return ThreadPoolExecutor(max_workers=1).submit(_read, cache_folder(Path(where)) / f"robustness-{digest[:16]}.json")


def _read(path: Path) -> Choices:
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):  # not written yet, or damaged: ask the engine itself
        command = [sys.executable, "-m", "pages.ui.robustness.declare"]
        text = subprocess.check_output(command, cwd=_ROOT, text=True, stderr=subprocess.DEVNULL)
    with contextlib.suppress(OSError):  # a read-only or full home only costs the next server some seconds
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(text, path)
    return _parsed(text)


def _parsed(text: str) -> Choices:
    told = json.loads(text)
    defences = [DefenceChoice(d["name"], d["title"], d["help"], _parameters(d["parameters"])) for d in told["defences"]]
    return Choices(_parameters(told["analysis"]), told["attacks"], {d.name: d for d in defences}, int(told["images"]))


def _parameters(entries: list[dict[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(**{**e, "kind": _KINDS[e["kind"]], "choices": tuple(e["choices"])}) for e in entries)


def _digest() -> str:
    paths = sorted(path for pattern in _SOURCES for path in _ROOT.glob(pattern))
    stamps = "".join(f"{path}{path.stat().st_mtime_ns}" for path in paths)
    return hashlib.sha256(stamps.encode()).hexdigest()
