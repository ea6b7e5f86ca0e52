"""What somebody else needs to know, or to do the same: settings, seeds, machine and versions."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from typing import NamedTuple

from engine.device import machine
from engine.params import Parameter, Value
from engine.runs.catalog import method_info
from engine.runs.config import RunConfig, parameters_for
from engine.session.facts import RunFacts

_WORLD = "world_seed"
PACKAGES = ("torch", "open_clip_torch", "numpy", "scipy", "plotly", "altair")


class Setting(NamedTuple):
    """A setting as it is told: its name, its value with the unit, whether that is not the default, what it is."""

    name: str
    value: str
    changed: bool
    help: str


def settings(config: RunConfig) -> list[Setting]:
    """Every setting of a run and of its method."""
    values = config.to_mapping()
    found = [_setting(p, values[p.name]) for p in parameters_for(config.dataset)]
    return found + [_setting(p, config.settings[p.name]) for p in method_info(config.method).parameters]


def circumstances(facts: RunFacts) -> dict[str, str]:
    """When, where and by what the run and this report were made."""
    view, config = facts.view, facts.view.config
    found = {
        "Run": view.id,
        "Status": f"{view.status}, {view.tasks_done} of {view.tasks_total or '?'} tasks finished",
        "Begun": dated(view.created),
        "Forked from": f"{view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else "",
        "Seeds": f"{config.seed} for weights, batches and the validation split; "
        + (f"{config.data[_WORLD]} for the pictures; " if _WORLD in config.data else "")
        + f"{config.order_seed} for a shuffled order",
        "Trained on": view.machine,
        "Training took": f"{view.seconds:.1f} s, at most {view.peak_memory_mb or 0:.0f} MiB of memory",
        "This report": f"after task {facts.moment + 1}, written {dated(time.time())} on {machine()}",
        "Versions": versions(),
    }
    return {name: text for name, text in found.items() if text}


def versions() -> str:
    """Python and the packages that numbers depend on, with their versions."""
    found = [f"Python {platform.python_version()}", f"Plumage {_version('plumage')}"]
    return ", ".join([*found, *(f"{name} {_version(name)}" for name in PACKAGES)])


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(parameter: Parameter, value: Value) -> Setting:
    unit = f" {parameter.unit}" if parameter.unit and value != "" else ""
    shown = f"{_written(value)}{unit}" if value != "" else "none"
    return Setting(parameter.name, shown, value != parameter.default, parameter.help)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # Plumage runs from its checkout
        return "from its checkout"


def dated(unix: float) -> str:
    """A moment, unix time in seconds, as people write it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))
