"""What somebody else needs to know, or to do the same: settings, seeds, machine, versions, and the command."""

from __future__ import annotations

import importlib.metadata
import platform
import time

from engine.device import machine
from engine.params import Parameter, Value, parameters_of
from engine.report.marks import safe
from engine.runs.catalog import method_info
from engine.runs.config import RunConfig
from engine.runs.recipe import command
from engine.session.facts import RunFacts
from engine.store.view import RunView

PACKAGES = ("torch", "open_clip_torch", "numpy", "scipy", "plotly", "altair")
_SETTINGS_HEAD = ("setting", "value", "what it is")


def settings(config: RunConfig) -> str:
    """Every setting of a run and of its method, as an HTML table."""
    info = method_info(config.method)
    shown = config.applying()
    rows = [_row(p, shown[p.name]) for p in parameters_of(RunConfig) if p.name in shown]
    rows += [_row(p, config.settings[p.name]) for p in info.parameters]
    heads = "".join(f"<th scope='col'>{name}</th>" for name in _SETTINGS_HEAD)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def circumstances(facts: RunFacts) -> dict[str, str]:
    """When, where and by what the run and this report were made; to be escaped."""
    view, config = facts.view, facts.view.config
    found = {
        "Run": view.id,
        "Status": f"{view.status}, {view.tasks_done} of {view.tasks_total or '?'} tasks finished",
        "Begun": _date(view.created),
        "Forked from": f"{view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else "",
        "Seeds": f"{config.seed} for weights, batches and the validation split; {config.world_seed} for the birds; "
        f"{config.order_seed} for a shuffled order",
        "Trained on": view.machine,
        "Training took": f"{view.seconds:.1f} s, at most {view.peak_memory_mb or 0:.0f} MiB of memory",
        "This report": f"after task {facts.moment + 1}, written {_date(time.time())} on {machine()}",
        "Versions": versions(),
    }
    return {name: text for name, text in found.items() if text}


def again(view: RunView) -> str:
    """What to do to have the run again, as HTML."""
    asked = command(view.config)
    told = "<p>Equal settings give equal weights on one machine. On another one the last digits may differ.</p>"
    if view.parent:
        told += (
            f"<p>This run is a fork: it shares its first {(view.parent_task or 0) + 1} tasks with {safe(view.parent)}, "
            "so the command gives the same settings, not the same history.</p>"
        )
    return (
        f"<pre tabindex='0' aria-label='Command that trains the run again'><code>{safe(asked)}\n"
        f"python -m engine report last -o report.html --complete</code></pre>{told}"
    )


def versions() -> str:
    """Python and the packages that numbers depend on, with their versions."""
    found = [f"Python {platform.python_version()}", f"Plumage {_version('plumage')}"]
    return ", ".join([*found, *(f"{name} {_version(name)}" for name in PACKAGES)])


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(parameter: Parameter, value: Value) -> str:
    unit = f" {parameter.unit}" if parameter.unit and value != "" else ""
    shown = f"{_written(value)}{unit}" if value != "" else "none"
    mark = "" if value == parameter.default else " <em>(changed)</em>"
    name, meaning = safe(parameter.name), safe(parameter.help)
    return f"<tr><th scope='row'>{name}</th><td>{safe(shown)}{mark}</td><td>{meaning}</td></tr>"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # Plumage runs from its checkout
        return "from its checkout"


def _date(unix: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))
