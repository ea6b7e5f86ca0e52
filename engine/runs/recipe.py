"""The command that makes a run again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from engine.params import Value
from engine.runs.catalog import method_info
from engine.runs.config import RunConfig, parameters_for

_APART = ("method", "seed")  # what the command line takes in another way


def command(config: RunConfig) -> str:
    """The command line that starts a run of exactly this config, for a POSIX shell."""
    words = ["python", "-m", "engine", "train", "--method", config.method, "--seed", str(config.seed)]
    changed = [f"{name}={value}" for name, value in _changed(config)]
    return shlex.join([*words, *(["--set", *changed] if changed else [])])


def _changed(config: RunConfig) -> Iterator[tuple[str, Value]]:
    """What differs from the defaults, of the run and of its method."""
    values = config.to_mapping()
    for parameter in parameters_for(config.dataset):
        value = values[parameter.name]
        if parameter.name not in _APART and value != parameter.default:
            yield parameter.name, value
    for parameter in method_info(config.method).parameters:
        if config.settings[parameter.name] != parameter.default:
            yield parameter.name, config.settings[parameter.name]
