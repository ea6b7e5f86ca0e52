"""What a run was asked for: every parameter with its value, and the command that makes the run again."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterator
from dataclasses import dataclass

from engine.params import Parameter, Value
from engine.runs.catalog import method_info
from engine.runs.config import RunConfig, parameters_for

_APART = ("method", "seed")  # what the command line takes in another way


@dataclass(frozen=True, slots=True)
class RunSetting:
    """A parameter of a run, with the value it had.

    Attributes:
        declared: the parameter.
        value: what the run had.
        part: the heading it stands under, in words.
    """

    declared: Parameter
    value: Value
    part: str

    @property
    def changed(self) -> bool:
        """Whether it differs from the default."""
        return bool(self.value != self.declared.default)


def settings(config: RunConfig) -> list[RunSetting]:
    """Every parameter of a run, of its data and of its method, in the order declared."""
    values = config.to_mapping()
    own = [RunSetting(p, values[p.name], p.group) for p in parameters_for(config.dataset)]
    info = method_info(config.method)
    return own + [RunSetting(p, config.settings[p.name], p.group or info.title) for p in info.parameters]


def command(config: RunConfig) -> str:
    """The command line that starts a run of exactly this config, for a POSIX shell."""
    words = ["python", "-m", "engine", "train", "--method", config.method, "--seed", str(config.seed)]
    changed = [f"{name}={value}" for name, value in _changed(config)]
    return shlex.join([*words, *(["--set", *changed] if changed else [])])


def told_apart(config: RunConfig, without: Container[str] = ()) -> list[str]:
    """What `--set` takes so that the same data, tasks, backbone and concepts are meant; not the method's own settings.

    Args:
        without: headings of parameters that do not matter.
    """
    own = {p.name for p in parameters_for(config.dataset)}
    meant = (s for s in settings(config) if s.declared.name in own and s.part not in without)
    return [f"{s.declared.name}={s.value}" for s in meant if s.changed]


def _changed(config: RunConfig) -> Iterator[tuple[str, Value]]:
    """What differs from the defaults, of the run and of its method, and is said by `--set`."""
    for setting in settings(config):
        if setting.changed and setting.declared.name not in _APART:
            yield setting.declared.name, setting.value
