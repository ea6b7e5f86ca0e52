"""An experiment as the TOML file that declares it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.experiments.experiment import Experiment
from engine.params import parameters_of


def written(experiment: Experiment) -> str:
    """The text of a file that `engine.experiments.experiment.read` takes; what is as usual is left out."""
    values = experiment.to_mapping()
    usual = {p.name: p.default for p in parameters_of(Experiment)}
    plain = [f"{key} = {_value(value)}" for key, value in values.items() if key in usual and value != usual[key]]
    common = [f"{_key(key)} = {_value(value)}" for key, value in experiment.common.items()]
    axes = [f"{_key(one.title)} = {_value(one.to_value())}" for one in experiment.axes]
    return "\n".join([*plain, *(["", "[set]", *common] if common else []), "", "[axes]", *axes, ""])


def _key(title: str) -> str:
    return title if title.isidentifier() and title.isascii() else _value(title)


def _value(value: object) -> str:
    if isinstance(value, str):  # as in JSON, but for one sign that TOML wants escaped too
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
