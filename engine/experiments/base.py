"""What the runs of an experiment have in common, where it starts from a run."""

from __future__ import annotations

from engine.params import Value
from engine.runs.config import RunConfig, preset

_OWN = ("settings", "method")


def common_of(config: RunConfig, start: str = "demo") -> dict[str, str]:
    """The values of a run that are others than a preset's, as on the command line.

    Its method's own settings are named `METHOD.NAME`, so that they stay what they are where other methods learn too.
    """
    usual, values = preset(start).to_mapping(), config.to_mapping()
    found = {name: text_of(value) for name, value in values.items() if name not in _OWN and value != usual.get(name)}
    plain = preset(start).changed(method=config.method).settings
    own = {name: value for name, value in config.settings.items() if value != plain[name]}
    found |= {f"{config.method}.{name}": text_of(value) for name, value in own.items()}
    return {"method": config.method, **found}


def text_of(value: Value) -> str:
    """A value as it is written on the command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)
