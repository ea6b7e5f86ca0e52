"""An experiment as data: what all its runs have in common, what varies, and how much may be spent."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from engine.errors import BadParameter
from engine.experiments.axes import ExperimentAxis, axis
from engine.params import Parameters, param, parameters_of
from engine.runs.presets import PRESETS

GRID, RANDOM, BAYES = "grid", "random", "bayes"
SEARCHES = {GRID: "every combination", RANDOM: "drawn by chance", BAYES: "drawn where validation promises most"}
MOST_AXES = 12
MOST_BYTES = 256 * 1024
"""Of a file that declares one."""
_COMMON, _AXES = "set", "axes"


@dataclass(frozen=True)
class Experiment(Parameters):
    """Many runs, declared.

    Attributes:
        common: what all runs have in common, by parameter, as on the command line.
        axes: what varies.
    """

    name: str = param("", high=120, help="What people call it.")
    preset: str = param("demo", choices=tuple(PRESETS), help="Where all its runs start from.")
    search: str = param(
        GRID, choices=tuple(SEARCHES), words=SEARCHES.__getitem__, help="Which combinations of values are tried."
    )
    trials: int = param(
        20, low=1, high=10_000, unit="settings", help="How many are tried where they are drawn; each on every seed."
    )
    draw_seed: int = param(1993, low=0, high=2**31 - 1, help="Seed of what is drawn.")
    retries: int = param(1, low=0, high=10, help="How often a run that failed is tried again before it is left.")
    at_once: int = param(
        0, low=0, high=256, unit="runs", help="Runs that train at once; 0: as many as cores and memory allow."
    )
    hours: float = param(
        0.0, low=0.0, high=10_000.0, unit="h", help="No run is begun once all took this long together; 0: no limit."
    )
    watching: bool = param(True, help="Whether each run's pictures and concepts are looked at while it learns.")
    common: Mapping[str, str] = field(default_factory=dict, hash=False)
    axes: tuple[ExperimentAxis, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "name", " ".join(self.name.split()))
        if not self.name:
            raise BadParameter("experiment: name = ''", "it needs one, to be found again", "Give it a name", "name")
        if not 1 <= len(self.axes) <= MOST_AXES:
            raise BadParameter(
                f"experiment: {len(self.axes)} axes", f"1 to {MOST_AXES} things may vary", "Give at least one axis"
            )
        named = [name for one in self.axes for name in one.names] + [*self.common]
        if twice := next((name for name in named if named.count(name) > 1), None):
            where = "is an axis and set for all runs" if twice in self.common else "stands in two axes"
            raise BadParameter(f"experiment: {twice}", f"it {where}", "Say once what it is")
        drawn = [one.title for one in self.axes if one.range]
        if drawn and self.search == GRID:
            raise BadParameter(
                f"axis {drawn[0]!r}",
                "a grid has no ranges",
                "Give a list of values, or choose search = random",
                "search",
            )

    @property
    def varied(self) -> tuple[ExperimentAxis, ...]:
        """The axes that make one setting differ from another."""
        return tuple(one for one in self.axes if not one.repeats)

    @property
    def repeated(self) -> tuple[ExperimentAxis, ...]:
        """The axes over which every setting is repeated: seeds, and orders of classes."""
        return tuple(one for one in self.axes if one.repeats)

    @property
    def digest(self) -> str:
        """Hex digest of everything that decides which runs it has."""
        deciding = {
            key: value
            for key, value in self.to_mapping().items()
            if key not in ("name", "at_once", "hours", "retries", "watching")
        }
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()

    def to_mapping(self) -> dict[str, Any]:
        """As it would stand in a file, ready for JSON."""
        axes = {one.title: one.to_value() for one in self.axes}
        return {**super().to_mapping(), _COMMON: dict(self.common), _AXES: axes}

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build from what stands in a file.

        Raises:
            BadParameter: an unknown key, or a value that is not allowed.
        """
        known = [p.name for p in parameters_of(cls)] + [_COMMON, _AXES]
        if unknown := sorted(set(values) - set(known)):
            raise BadParameter(
                f"experiment: {unknown[0]}",
                f"it has {', '.join(known)}",
                "Check the spelling; what runs share is in [set]",
            )
        common, axes = (_table(values, key) for key in (_COMMON, _AXES))
        plain: dict[str, Any] = {key: value for key, value in values.items() if key not in (_COMMON, _AXES)}
        shared = {name: _one(name, value) for name, value in common.items()}
        return cls(**plain, common=shared, axes=tuple(axis(title, given) for title, given in axes.items()))


def read(data: bytes, name: str = "") -> Experiment:
    """An experiment from the bytes of a TOML file.

    Args:
        name: it gets where the file gives none.

    Raises:
        BadParameter: it is no TOML, too large, or says something that is not allowed.
    """
    if len(data) > MOST_BYTES:
        raise BadParameter(
            f"a file of {len(data):,} bytes", f"at most {MOST_BYTES:,} declare an experiment", "Shorten it"
        )
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadParameter(
            "the experiment's file", f"it is no TOML ({error})", "See docs/tutorials/experiments.md"
        ) from error
    return Experiment.from_mapping({"name": name, **values})


def _table(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = values.get(key, {})
    if not isinstance(found, Mapping):
        raise BadParameter(f"experiment: {key} = {found!r}", f"[{key}] is a table of names and values", "Write it so")
    return found


def _one(name: str, value: object) -> str:
    """One value as on the command line."""
    return axis(name, [value]).values[0]
