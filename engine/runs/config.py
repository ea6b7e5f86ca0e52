"""What a run is: data, tasks, backbone, method and seed, declared once and checked before anything starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from engine.backbone.presets import DEFAULT, GIVEN, absolute
from engine.concepts.rules import ConceptRules
from engine.data.chosen import ClassChoice, choose
from engine.data.class_lists import MAX_LIST, MAX_RENAMES, renames
from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, Source
from engine.data.streams import check_sizes, read_rows, read_sizes, split_classes
from engine.data.texts.kept import located
from engine.defences.base import DEFENCES
from engine.errors import BadParameter, PlumageError
from engine.model.covariance_form import FORMS, FULL, RANK, CovarianceForm
from engine.params import Parameter, Value, param, parameters_of
from engine.paths import given as path_given
from engine.runs.catalog import method_info
from engine.runs.presets import PRESETS as PRESETS
from engine.runs.presets import TINY_SETTINGS, named
from engine.runs.protocols import expanded

_SETTINGS, _DATA = "settings", "data"
NO_HARDENING = "no"
NO_COMPENSATION = "no"
_COMPENSATIONS = {
    NO_COMPENSATION: "none: they stay those of the older backbone",
    "translation": "translation: a class moves as new images near it moved",
    "linear": "linear: one map for all, fitted on the new images",
}
_YOUNGER = (("class_covariances", FULL), ("covariance_rank", RANK))
_ORDERS = {"listed": "as listed", "seed": "shuffled", "given": "by hand", "similarity": "alike names together"}


@dataclass(frozen=True)
class RunConfig(ConceptRules):
    """Everything that decides a run's result; equal configs give equal weights on one machine.

    Attributes:
        data: the parameters of the source of data by name, complete: what is not given gets its default.
        settings: the method's own, likewise.
    """

    dataset: str = param(
        "aviary", choices=SOURCES.names, words=SOURCES.title, group=GROUP, help="Where pictures and classes come from."
    )
    leave_out: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="A list of pictures to leave out, as `health --list` writes it: a line each with its sha256 and its path.",
    )
    without_classes: str = param(
        "",
        high=MAX_LIST,
        group=GROUP,
        help="Classes that take no part: names or numbers from 0 as the data list them, separated by commas, or by "
        "semicolons where a name has a comma.",
    )
    renamed_classes: str = param(
        "",
        high=MAX_RENAMES,
        group=GROUP,
        help="Other names for classes: old=new; old=new. The new name goes into sentences, filters and every page.",
    )
    base: int = param(
        0,
        low=0,
        high=10_000,
        unit="classes",
        group="Tasks",
        help="Classes of the first task; 0: as many as the others.",
    )
    increment: int = param(5, low=1, high=10_000, unit="classes", group="Tasks", help="New classes in each task.")
    task_sizes: str = param(
        "",
        high=MAX_LIST,
        group="Tasks",
        help="Classes of each task by hand, such as 4,2,2,2, in place of base and increment.",
    )
    order: str = param(
        "listed",
        choices=tuple(_ORDERS),
        words=_ORDERS.__getitem__,
        group="Tasks",
        help="Order in which classes are learnt: as listed by the dataset, shuffled, by hand, or alike names together.",
    )
    order_seed: int = param(
        1993, low=0, high=MAX_SEED, group="Tasks", help="Seed of the shuffled order; 1993 is usual in the literature."
    )
    class_order: str = param(
        "", high=MAX_LIST, group="Tasks", help="The order by hand: class names or numbers, separated as those left out."
    )
    val_fraction: float = param(
        0.1, low=0.02, high=0.5, group="Tasks", help="Share of the training images kept for validation."
    )
    without_images: str = param(
        "",
        high=MAX_LIST,
        group="Tasks",
        help="Training images that are not learnt from, by their rows in the training split of the classes that take "
        "part, such as 17, 204. All others stay what they are, for training or validation.",
    )

    backbone: str = param(
        "aviary-clip",
        high=MAX_PATH,
        group="Learning",
        help="The CLIP behind it: aviary-clip, aviary-clip-tga (hardened against attacks), NAME:TAG as open_clip lists "
        "them (python -m engine doctor --models), NAME:/a/file.safetensors, hf-hub:ORG/NAME, or local-dir:/a/folder. "
        "Data that bring embeddings in place of pixels have none: given.",
    )
    prompt: str = param(
        "{}", high=200, group="Learning", help="Sentence around a class name for the text tower; {} is the name."
    )
    concept_prompt: str = param(
        "{}",
        high=200,
        group="Learning",
        help="Sentence around a concept for the text tower; {} is the concept. For photographs a sentence such as "
        "'The dog has {}' is part of the published input.",
    )
    hardening: str = param(
        NO_HARDENING,
        choices=lambda: (NO_HARDENING, *DEFENCES.names()),
        group="Learning",
        help="Harden the backbone before each task: an adversarial pass over its training images, by this defence. "
        "Takes minutes a task and keeps one backbone a task on disk. Old classes are then seen by another backbone "
        "than their statistics are of: see drift_compensation.",
    )
    hardening_steps: int = param(
        100, low=1, high=100_000, unit="steps", group="Learning", help="Optimiser steps of each such pass."
    )
    drift_compensation: str = param(
        "linear",
        choices=tuple(_COMPENSATIONS),
        words=_COMPENSATIONS.__getitem__,
        group="Learning",
        help="How what is kept of old classes (means, covariances, sums) is carried along when hardening changes the "
        "backbone, as the new task's images say that embeddings moved. Nothing without hardening.",
    )
    class_covariances: str = param(
        FULL,
        choices=tuple(FORMS),
        words=FORMS.__getitem__,
        group="Learning",
        help="In which form covariances of classes are kept, by a method that draws samples from them. Full ones take "
        "width x width numbers a class, the other forms a fraction of that.",
    )
    covariance_rank: int = param(
        RANK,
        low=1,
        high=4096,
        unit="axes",
        group="Learning",
        help="Axes kept of each class where class_covariances is low_rank. No more are kept than embeddings have "
        "dimensions, nor than one fewer than the most images a class of the task has: further ones would be zero.",
    )
    method: str = param("clg_cbm", high=64, group="Learning", help="How the model learns from task to task.")
    seed: int = param(
        1993, low=0, high=MAX_SEED, group="Learning", help="Seed of the validation split, initial weights and batches."
    )
    data: Mapping[str, Value] = field(default_factory=dict, hash=False)
    settings: Mapping[str, Value] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.from_file:  # a worker starts in another folder, and a set may get a newer version
            object.__setattr__(self, "concepts", _located(self.concepts))
        object.__setattr__(self, _DATA, self.source.to_mapping())
        object.__setattr__(self, _SETTINGS, method_info(self.method).settings(self.settings))
        self._settle_backbone()
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
        renames(self.renamed_classes)
        read_rows(self.without_images)
        sizes, classes = read_sizes(self.task_sizes), self.class_count
        if sizes and classes is not None:
            check_sizes(sizes, classes)
        elif not sizes and classes is not None and max(self.base, self.increment) > classes:
            raise BadParameter(
                f"run: base = {self.base}, increment = {self.increment}",
                f"a task has at most all {classes} classes",
                "Learn fewer classes a task, or more species",
                "increment" if self.increment > classes else "base",
            )

    def _settle_backbone(self) -> None:
        """Embeddings that the data bring along stand in place of a backbone, and texts are embedded as they stand."""
        brings = self.source.gives_vectors
        if brings and self.backbone == DEFAULT:
            object.__setattr__(self, "backbone", GIVEN)
        if brings != (self.backbone == GIVEN):
            has = "bring embeddings and no pixels" if brings else "have pixels and bring no embeddings"
            remedy = f"Set backbone to {GIVEN}" if brings else "Choose a CLIP"
            raise BadParameter(
                f"run: backbone = {self.backbone!r}", f"data of {self.dataset} {has}", remedy, "backbone"
            )
        for name in ("prompt", "concept_prompt") if brings else ():
            if getattr(self, name) != "{}":
                allowed = "the data bring embeddings of texts as they stand, so it must be {}"
                raise BadParameter(f"run: {name} = {getattr(self, name)!r}", allowed, "Leave it out", name)
        if brings and self.hardening != NO_HARDENING:
            allowed = "a pass needs pixels, and the data bring embeddings only"
            raise BadParameter(f"run: hardening = {self.hardening!r}", allowed, "Set it to no", "hardening")

    @property
    def source(self) -> Source:
        """The source of its data.

        Raises:
            BadParameter: an unknown name in `data`, or a value that is not allowed.
        """
        return SOURCES.get(self.dataset).from_mapping(self.data)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build from plain values as `to_mapping` gives them.

        What another source of data than the chosen one would take is left out, as older versions stored it too.

        Raises:
            BadParameter: an unknown name, or a value that is not allowed, of the run, its data or its method.
        """
        plain = {p.name for p in parameters_of(cls)} | {_SETTINGS}
        given: dict[str, Any] = dict(values)
        dataset = str(given.get("dataset", cls.dataset))
        own = {p.name for p in parameters_of(SOURCES.get(dataset))} if dataset in SOURCES else set()
        of_data = {p.name for source in map(SOURCES.get, SOURCES) for p in parameters_of(source)}
        for name in values:
            if name not in plain | of_data:
                raise BadParameter(
                    f"run: {name}",
                    f"a run has no such parameter; it has {', '.join(sorted(plain | own))}",
                    "Check the spelling",
                )
        settings = values.get(_SETTINGS, {})
        if not isinstance(settings, Mapping):
            raise BadParameter(
                f"run: settings = {settings!r}", "it must map names to values", "Give {} for the defaults"
            )
        chosen = {name: value for name, value in given.items() if name in plain}
        return cls(**{**chosen, _SETTINGS: settings}, data={name: given[name] for name in own & set(given)})

    @classmethod
    def stored(cls, values: Mapping[str, object]) -> Self:
        """Build from what a run stored: what its version could not choose is what it did; raises as `from_mapping`."""
        hardens = values.get("hardening", NO_HARDENING) != NO_HARDENING
        config = cls.from_mapping({**({"drift_compensation": NO_COMPENSATION} if hardens else {}), **values})
        given = values.get(_SETTINGS)
        if "most_steps" not in config.settings or (isinstance(given, Mapping) and "most_steps" in given):
            return config
        return cls.from_mapping({**config.to_mapping(), _SETTINGS: {**config.settings, "most_steps": 0}})

    def to_mapping(self) -> dict[str, Any]:
        """Every parameter with its value, those of the data among the run's own, the method's under `"settings"`; ready
        for JSON."""
        first = {"dataset": self.dataset, **self.data}
        return {**first, **super().to_mapping(), _SETTINGS: dict(self.settings)}

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
    def covariance_form(self) -> CovarianceForm:
        """In which form covariances of classes are kept."""
        return CovarianceForm(self.class_covariances, self.covariance_rank)

    @property
    def digest(self) -> str:
        """Hex digest of all values."""
        return digest_of(self.to_mapping())

    @property
    def class_count(self) -> int | None:
        """How many classes take part; None where only opening the data tells.

        Raises:
            BadParameter: the choice of classes does not fit them.
        """
        names = self.source.class_names
        if names is None:
            return None
        choice = self.choice(names)
        return len(choice.kept if choice else names)

    @property
    def tasks_total(self) -> int | None:
        """How many tasks the run has; None where only opening the data tells."""
        sizes, classes = read_sizes(self.task_sizes), self.class_count
        if sizes or classes is None:
            return len(sizes) or None
        return 1 + -(-(classes - (self.base or self.increment)) // self.increment)

    def choice(self, names: Sequence[str]) -> ClassChoice | None:
        """Which of the data's classes take part, and what they are called; None where all do, under their own names.

        Raises:
            BadParameter: a class is unknown, fewer than two are left, or two would be called alike.
        """
        return choose(names, self.without_classes, self.renamed_classes)

    def tasks_of(self, order: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """An order of classes, cut into the run's tasks.

        Raises:
            BadParameter: their sizes do not fit.
        """
        return split_classes(order, self.base, self.increment, read_sizes(self.task_sizes))


def digest_of(values: Mapping[str, object]) -> str:
    """Hex digest of a config's values, as `RunConfig.to_mapping` gives them or as they are stored.

    Parameters that are younger than stored runs count where they are not what those runs did.
    """
    told = {name: value for name, value in values.items() if (name, value) not in _YOUNGER}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def parameters_for(dataset: str) -> tuple[Parameter, ...]:
    """The parameters of a run on a source of data: its own, the source's behind the choice of it, the concepts' last.

    Raises:
        BadParameter: there is no such source.
    """
    of_texts = parameters_of(ConceptRules)
    their = {p.name for p in of_texts}
    first, *rest = (p for p in parameters_of(RunConfig) if p.name not in their)
    return (first, *parameters_of(SOURCES.get(dataset)), *rest, *of_texts)


def preset(name: str) -> RunConfig:
    """The config of a preset.

    Raises:
        BadParameter: there is no such preset.
    """
    return configure(name, {})


def configure(
    preset: str | None, sets: Mapping[str, str], *, method: str | None = None, seed: int | None = None
) -> RunConfig:
    """Build a config as the command line does: a preset, then `key=value` texts for the run, its data or its method.

    `data=ADDRESS` stands for the source and its place, `protocol=NAME` for a published one (`engine.runs.protocols`).

    Raises:
        BadParameter: an unknown preset, key or method, or a value that is not allowed.
    """
    sets = expanded(sets)
    values = dict(named(preset or "demo").values)
    source = SOURCES.get(sets.get("dataset", RunConfig.dataset))
    declared = {p.name: p for p in parameters_for(source.name)}
    values.update({key: declared[key].parse(text, "run") for key, text in sets.items() if key in declared})
    if values.get(source.place):
        values[source.place] = source.absolute(values[source.place])
    if values.get("leave_out"):
        values["leave_out"] = str(path_given(values["leave_out"], "run: leave_out ="))
    if "backbone" in values:
        values["backbone"] = absolute(values["backbone"])
    values.update({"method": method} if method is not None else {})
    values.update({"seed": seed} if seed is not None else {})
    info = method_info(values.get("method", declared["method"].default))
    settings: dict[str, Value] = {}
    if preset == "tiny":
        settings.update({k: v for k, v in TINY_SETTINGS.items() if k in {p.name for p in info.parameters}})
    settings.update({key: info.parse(key, text) for key, text in sets.items() if key not in declared})
    return RunConfig.from_mapping({**values, _SETTINGS: settings})


def _located(concepts: str) -> str:
    try:
        return located(concepts)
    except PlumageError as error:
        raise BadParameter(error.given, error.allowed, error.remedy, "concepts") from error
