"""Whether a run can be done, found out before it is made: its weights, data, tasks, method and hardening.

The worker checks the same again: between the look and the leap a folder may change. Torch is loaded only where a method
or a named backbone has to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.backbone.presets import GIVEN, identify, vocabulary_of
from engine.backbone.words import unknown_words
from engine.data.dataset import ConceptCandidate, Dataset
from engine.data.streams import TaskStream
from engine.errors import NotApplicable, PlumageError
from engine.params import Value, parameters_of
from engine.runs.concepts import RunConcepts, open_concepts
from engine.runs.config import NO_HARDENING, RunConfig
from engine.runs.sources import class_prompts, open_dataset, open_stream, taking_part
from engine.runs.suited import unread
from engine.runs.task_backbones import compensates_drift
from engine.training.suitable import counted, require_memory

if TYPE_CHECKING:
    from engine.backbone.clip import Backbone
    from engine.methods.base import Method, Setup

Told = Callable[[str, int, int], None]
"""Called with what is being looked at, how much of it is done, and how much there is (0: nobody knows)."""
_DATA = ("dataset", "data", "leave_out", "without_classes", "renamed_classes")
_TEXTS = (*_DATA, "concepts", "vocabulary_groups", "filter_length", "filter_class_names")
_TASKS = (
    *_DATA,
    "base",
    "increment",
    "task_sizes",
    "order",
    "order_seed",
    "class_order",
    "val_fraction",
    "seed",
    "without_images",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a run cannot be done.

    Attributes:
        field: the parameter to look at.
        error: what is the matter and what to do.
        depends: parameters by which it stands or falls; with all of them unchanged it is still so. Empty: all.
    """

    field: str
    error: PlumageError
    depends: tuple[str, ...] = ()

    def stands(self, then: RunConfig, now: RunConfig) -> bool:
        """Whether what was found of one config is true of another as well."""
        if not self.depends:
            return then == now
        return all(getattr(then, name) == getattr(now, name) for name in self.depends)


def preflight(config: RunConfig, told: Told | None = None) -> Problem | None:
    """The first thing that would keep a run from its end as far as it can be known before, or None."""
    look = _Look(config, told or _silent)
    for field, depends, check in (
        ("backbone", ("backbone",), look.weights),
        (config.source.place or "dataset", _DATA, look.data),
        ("concepts", _TEXTS, look.concepts),
        ("increment", _TASKS, look.tasks),
        ("method", (), look.method),
        ("hardening", (), look.hardening),
        ("drift_compensation", (), look.drift),
    ):
        try:
            check()
        except PlumageError as error:
            return Problem(error.field or field, error, depends)
    return None


def require(config: RunConfig, told: Told | None = None) -> None:
    """`preflight` for those who do not ask where to look.

    Raises:
        BadInput, MissingWeights, NotApplicable: the run cannot be done.
    """
    problem = preflight(config, told)
    if problem is not None:
        raise problem.error


def setup_of(config: RunConfig, whole: Dataset | None = None) -> Setup:
    """What methods are asked about a run. It loads no weights: where those alone could tell, every word counts as known
    and embeddings have no width.

    Args:
        whole: its data with all their classes, if they are open already.

    Raises:
        BadInput, NotApplicable: the data, the texts or the tasks cannot be used.
    """
    look = _Look(config, _silent, whole)
    look.files()
    look.data()
    look.concepts()
    look.tasks()
    return look.setup()


class _Look:
    """What is found on the way; each step needs those before it."""

    def __init__(self, config: RunConfig, told: Told, whole: Dataset | None = None) -> None:
        self._config, self._told, self._whole = config, told, whole
        self._vocabulary: frozenset[str] | None = None
        self._width = 0

    def weights(self) -> None:
        """Local weights are looked at; named ones are loaded, which fetches them where they can be had."""
        if self._config.backbone == GIVEN:
            return
        self._told("the weights", 0, 0)
        if not self.files():
            self._width, self._vocabulary = self._backbone.width, self._backbone.vocabulary

    def files(self) -> bool:
        """What the files of local weights say without being loaded; False where there are none."""
        if self._config.backbone == GIVEN or (known := identify(self._config.backbone)) is None:
            return False
        self._width, self._vocabulary = known.width, vocabulary_of(self._config.backbone)
        return True

    def data(self) -> None:
        """Every picture of a folder, and the concept texts that come with it."""
        self._dataset: Dataset = (
            open_dataset(self._config, lambda done, total: self._told("pictures", done, total))
            if self._whole is None
            else taking_part(self._config, self._whole)
        )

    def concepts(self) -> None:
        """The texts that the run names, if they are others."""
        self._concepts: RunConcepts = open_concepts(self._config, self._dataset)

    def tasks(self) -> None:
        """The class order and the sizes of tasks; which order similarity finds does not matter for that."""
        self._stream: TaskStream = open_stream(self._config, self._dataset, _any_texts)

    def method(self) -> None:
        """Asks the method itself."""
        self._told("the method", 0, 0)
        from engine.methods.base import METHODS  # torch

        cls = METHODS.get(self._config.method)
        method, setup = cls.from_mapping(self._config.settings), self.setup()
        reason = method.why_not(setup)
        if reason:
            raise NotApplicable(f"method {self._config.method}", reason, _remedy(cls, self._config, setup))
        require_memory(self._config.method, method, setup)

    def hardening(self) -> None:
        """Asks the defence, where the run hardens its backbone."""
        if self._config.hardening == NO_HARDENING:
            return
        self._told("the defence", 0, 0)
        from engine.training.hardening import lonely, why_not  # torch

        prompts = class_prompts(self._config, self._dataset.class_names)
        reason = why_not(self._config, self._backbone, prompts, lonely(self._stream.tasks, self._usable))
        if reason:
            remedy = "Choose another defence or backbone, or no hardening"
            raise NotApplicable(f"hardening {self._config.hardening}", reason, remedy)

    def drift(self) -> None:
        """Whether what the method keeps can be carried along, where the run asks for it."""
        if not compensates_drift(self._config):
            return
        from engine.methods.base import METHODS  # torch
        from engine.training import drift

        drift.require(self._config, METHODS.get(self._config.method).from_mapping(self._config.settings))

    @cached_property
    def _backbone(self) -> Backbone:
        from engine.backbone.clip import load_backbone  # torch

        return load_backbone(self._config.backbone)

    def setup(self) -> Setup:
        """What a method is asked; known once the tasks are."""
        from engine.methods.base import Setup

        order = self._stream.class_order
        prompts = class_prompts(self._config, self._dataset.class_names)
        vectors = self._dataset.vectors
        reads = vectors.unknown if vectors else partial(unknown_words, vocabulary=self._vocabulary)
        missing = unread(self._dataset.class_names, self._concepts.kept, reads, given=vectors is not None).told()
        return Setup(
            has_candidates=missing is None,
            classes=len(order),
            tasks=len(self._stream.tasks),
            width=self._width if vectors is None else vectors.width,
            unknown_words=unknown_words(prompts, self._vocabulary) if vectors is None else vectors.unknown(prompts),
            covariance_form=self._config.covariance_form,
            **counted(self._dataset, self._stream),
            **({"no_candidates": missing} if missing else {}),
        )

    def _usable(self, class_id: int) -> tuple[ConceptCandidate, ...]:
        """A class's candidates in words the backbone knows."""
        listed = self._concepts.kept[class_id]
        return tuple(one for one in listed if not unknown_words([one.text], self._vocabulary))


def _remedy(cls: type[Method], config: RunConfig, setup: Setup) -> str:
    """The one setting of the method that would let it run, if there is one; else the wider choice."""
    switch = switch_of(cls, config.settings, setup)
    return f"{switch}, or choose another method" if switch else "Choose another method, other data or another backbone"


def switch_of(cls: type[Method], settings: Mapping[str, Value], setup: Setup) -> str | None:
    """The one setting of a method that would let it run, in words, if there is one."""
    for declared in parameters_of(cls):
        now = settings[declared.name]
        others = (not now,) if declared.kind is bool else tuple(c for c in declared.choices if c != now)
        for other in others:
            if cls.from_mapping({**settings, declared.name: other}).why_not(setup) is None:
                words = declared.name.replace("_", " ")
                return (
                    f"Turn {words} {'on' if other else 'off'}" if declared.kind is bool else f"Set {words} to {other}"
                )
    return None


def _any_texts(prompts: Sequence[str]) -> npt.NDArray[np.float32]:
    return np.eye(len(prompts), dtype=np.float32)


def _silent(what: str, done: int, total: int) -> None:
    pass
