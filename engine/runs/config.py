"""What a run is: data, tasks, backbone, method and seed, declared once and checked before anything starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from engine.backbone.presets import absolute
from engine.defences.base import DEFENCES
from engine.errors import BadParameter
from engine.params import Parameters, Value, param, parameters_of
from engine.paths import given
from engine.runs.catalog import method_info

_SETTINGS = "settings"
_MAX_PATH = 4096  # characters, the longest path Linux knows
_MAX_SEED = 2**31 - 1
_AVIARY_SPECIES = 200
_OF_AVIARY = frozenset({"classes", "train_per_class", "test_per_class", "variation", "habitat_fidelity"})
_OF_FOLDER = frozenset({"path"})
"""Parameters that only the one kind of data, or only the other, makes use of."""
NO_HARDENING = "no"


@dataclass(frozen=True)
class RunConfig(Parameters):
    """Everything that decides a run's result; equal configs give equal weights on one machine.

    Attributes:
        settings: the method's own parameters by name, complete: what is not given gets its default.
    """

    dataset: str = param(
        "aviary",
        choices=("aviary", "folder"),
        group="Data",
        help="The embedded Aviary, or a folder of your own images.",
    )
    path: str = param(
        "", high=_MAX_PATH, group="Data", help="The image folder: one sub-folder a class, or train/ and test/ of those."
    )
    classes: int = param(
        40, low=2, high=_AVIARY_SPECIES, unit="species", group="Data", help="How many species of the Aviary to learn."
    )
    train_per_class: int = param(
        100, low=4, high=5000, unit="images", group="Data", help="Training images of each species, validation included."
    )
    test_per_class: int = param(40, low=1, high=5000, unit="images", group="Data", help="Test images of each species.")
    variation: float = param(
        0.2,
        low=0.0,
        high=0.5,
        group="Data",
        help="Chance that an attribute of a single bird differs from its species.",
    )
    habitat_fidelity: float = param(
        0.95, low=0.0, high=1.0, group="Data", help="Share of images in which a species keeps to its habitat."
    )
    world_seed: int = param(1993, low=0, high=_MAX_SEED, group="Data", help="Which individual birds are drawn.")

    base: int = param(
        0,
        low=0,
        high=10_000,
        unit="classes",
        group="Tasks",
        help="Classes of the first task; 0: as many as the others.",
    )
    increment: int = param(5, low=1, high=10_000, unit="classes", group="Tasks", help="New classes in each task.")
    order: str = param(
        "listed",
        choices=("listed", "seed", "given", "similarity"),
        group="Tasks",
        help="Order in which classes are learnt: as listed by the dataset, shuffled, by hand, or alike names together.",
    )
    order_seed: int = param(
        1993, low=0, high=_MAX_SEED, group="Tasks", help="Seed of the shuffled order; 1993 is usual in the literature."
    )
    class_order: str = param(
        "", high=100_000, group="Tasks", help="The order by hand: class names or numbers, separated by commas."
    )
    val_fraction: float = param(
        0.1, low=0.02, high=0.5, group="Tasks", help="Share of the training images kept for validation."
    )

    backbone: str = param(
        "aviary-clip",
        high=_MAX_PATH,
        group="Learning",
        help="The CLIP behind it: aviary-clip, aviary-clip-tga (hardened against attacks), NAME:TAG as open_clip lists "
        "them, or local-dir:/a/folder.",
    )
    prompt: str = param(
        "{}", high=200, group="Learning", help="Sentence around a class name for the text tower; {} is the name."
    )
    concept_prompt: str = param(
        "{}",
        high=200,
        group="Learning",
        help="Sentence around a concept for the text tower; {} is the concept. For photographs a sentence such as "
        "'The bird has {}' is part of the published input.",
    )
    hardening: str = param(
        NO_HARDENING,
        choices=(NO_HARDENING, *DEFENCES.names()),
        group="Learning",
        help="Harden the backbone before each task: an adversarial pass over its training images, by this defence. "
        "Takes minutes a task, keeps one backbone a task on disk, and costs memory of old tasks: their statistics stay "
        "those of the backbone of their time, so old prototypes drift.",
    )
    hardening_steps: int = param(
        100, low=1, high=100_000, unit="steps", group="Learning", help="Optimiser steps of each such pass."
    )
    method: str = param("clg_cbm", high=64, group="Learning", help="How the model learns from task to task.")
    seed: int = param(
        1993, low=0, high=_MAX_SEED, group="Learning", help="Seed of the validation split, initial weights and batches."
    )
    settings: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, _SETTINGS, method_info(self.method).settings(self.settings))
        if self.dataset == "folder" and not self.path:
            raise BadParameter("run: path = ''", "an image folder needs its path", "Say where the folder is", "path")
        if self.order == "given" and not self.class_order.strip():
            raise BadParameter(
                "run: class_order = ''",
                "an order by hand needs the classes",
                "Name every class once, separated by commas",
                "class_order",
            )
        for name, what in (("prompt", "class name"), ("concept_prompt", "concept")):
            given = getattr(self, name)
            if "{}" not in given:
                allowed = f"it must hold {{}} for the {what}"
                raise BadParameter(f"run: {name} = {given!r}", allowed, "Put {} into it", name)
        if self.dataset == "aviary" and max(self.base, self.increment) > self.classes:
            raise BadParameter(
                f"run: base = {self.base}, increment = {self.increment}",
                f"a task has at most all {self.classes} classes",
                "Learn fewer classes a task, or more species",
                "increment" if self.increment > self.classes else "base",
            )

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build from plain values as `to_mapping` gives them.

        Raises:
            BadParameter: an unknown name, or a value that is not allowed, here or in `settings`.
        """
        known = {p.name for p in parameters_of(cls)} | {_SETTINGS}
        for name in values:
            if name not in known:
                raise BadParameter(
                    f"run: {name}",
                    f"a run has no such parameter; it has {', '.join(sorted(known))}",
                    "Check the spelling",
                )
        settings = values.get(_SETTINGS, {})
        if not isinstance(settings, Mapping):
            raise BadParameter(
                f"run: settings = {settings!r}", "it must map names to values", "Give {} for the defaults"
            )
        plain: dict[str, Any] = {**values, _SETTINGS: settings}
        return cls(**plain)

    def to_mapping(self) -> dict[str, Any]:
        """Every parameter with its value, the method's under `"settings"`; ready for JSON."""
        return {**super().to_mapping(), _SETTINGS: dict(self.settings)}

    def applying(self) -> dict[str, Any]:
        """As `to_mapping`, without what says nothing of these data: a folder has no species to choose, the Aviary no
        path. This is what people are shown; what is stored, hashed and started again is all of it."""
        idle = _OF_AVIARY if self.dataset == "folder" else _OF_FOLDER
        return {name: value for name, value in self.to_mapping().items() if name not in idle}

    def changed(self, **changes: Any) -> RunConfig:
        """This config with other values; `settings={...}` changes some of the method's parameters.

        With another method its settings start from that method's defaults.

        Raises:
            BadParameter: as `from_mapping`.
        """
        same = changes.get("method", self.method) == self.method
        settings = {**(self.settings if same else {}), **changes.pop(_SETTINGS, {})}
        return RunConfig.from_mapping({**self.to_mapping(), **changes, _SETTINGS: settings})

    @property
    def digest(self) -> str:
        """Hex digest of all values."""
        return hashlib.sha256(json.dumps(self.to_mapping(), sort_keys=True).encode()).hexdigest()

    @property
    def tasks_total(self) -> int | None:
        """How many tasks the run has; None where the folder decides."""
        if self.dataset != "aviary":
            return None
        first = self.base or self.increment
        return 1 + -(-(self.classes - first) // self.increment)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named starting point.

    Attributes:
        name: as on the command line.
        title, help: for people.
        values: what differs from the defaults of `RunConfig`.
    """

    name: str
    title: str
    help: str
    values: Mapping[str, Any]


_TINY_SETTINGS = {"epochs": 6, "search_epochs": 6}
"""Applied where the method has them, so that a run ends in seconds."""

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("demo", "Demo", "40 species in 8 tasks of 5: about 20 seconds, a minute the first time.", {}),
        Preset(
            "tiny",
            "Tiny",
            "6 species in 3 tasks: ends in seconds, to see whether everything works.",
            {"classes": 6, "increment": 2, "train_per_class": 20, "test_per_class": 8},
        ),
        Preset(
            "large",
            "Large",
            "All 200 species in 20 tasks of 10: some minutes.",
            {"classes": _AVIARY_SPECIES, "increment": 10},
        ),
    )
}


def preset(name: str) -> RunConfig:
    """The config of a preset.

    Raises:
        BadParameter: there is no such preset.
    """
    return configure(name, {})


def preset_values(name: str) -> dict[str, Any]:
    """The run's own parameters in a preset, without the method's, whose declarations may have to be read first.

    Raises:
        BadParameter: there is no such preset.
    """
    return {p.name: p.default for p in parameters_of(RunConfig)} | dict(_preset(name).values)


def configure(
    preset: str | None, sets: Mapping[str, str], *, method: str | None = None, seed: int | None = None
) -> RunConfig:
    """Build a config as the command line does: a preset, then `key=value` texts for the run or its method.

    Raises:
        BadParameter: an unknown preset, key or method, or a value that is not allowed.
    """
    values = dict(_preset(preset or "demo").values)
    declared = {p.name: p for p in parameters_of(RunConfig)}
    values.update({key: declared[key].parse(text, "run") for key, text in sets.items() if key in declared})
    if values.get("path"):
        values["path"] = str(given(values["path"], "run: path ="))  # a worker starts in another folder
    if "backbone" in values:
        values["backbone"] = absolute(values["backbone"])
    values.update({"method": method} if method is not None else {})
    values.update({"seed": seed} if seed is not None else {})
    info = method_info(values.get("method", declared["method"].default))
    settings: dict[str, Value] = {}
    if preset == "tiny":
        settings.update({k: v for k, v in _TINY_SETTINGS.items() if k in {p.name for p in info.parameters}})
    settings.update({key: info.parse(key, text) for key, text in sets.items() if key not in declared})
    return RunConfig.from_mapping({**values, _SETTINGS: settings})


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        raise BadParameter(f"preset {name!r}", f"known are {', '.join(PRESETS)}", "Choose one")
    return PRESETS[name]
