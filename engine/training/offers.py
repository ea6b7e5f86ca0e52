"""Which methods can learn a run, what each needs, and what it took here before: for whoever chooses one. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.device import machine
from engine.methods.base import FAMILIES, METHODS, Method, Setup
from engine.runs.catalog import MethodInfo, catalog
from engine.runs.config import RunConfig
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.summary import RunSummary
from engine.store.view import RunView
from engine.training.preflight import switch_of
from engine.training.suitable import too_much

_PLENTY = Setup(has_candidates=True, classes=10, tasks=2, width=512, has_truth=True)
_NEEDS = {
    "concepts of every class": replace(_PLENTY, has_candidates=False),
    "class names that the backbone can read": replace(_PLENTY, unknown_words=frozenset({"word"})),
    "data that say which concepts are true": replace(_PLENTY, has_truth=False),
    "more than one task": replace(_PLENTY, tasks=1),
    "more than one image of each class": replace(_PLENTY, fewest=1),
}
"""What a method may need, in words, and a run that lacks that alone."""


@dataclass(frozen=True, slots=True)
class MethodOffer:
    """A method as it is offered for a run.

    Attributes:
        info: what it is.
        why_not: why it cannot learn this run, as a clause; None where it can, or nobody can tell yet.
        switch: the one setting of its own that would let it, in words, if there is one.
        needs: what it needs of any run, in words.
        holds: the most bytes it holds at once beside embeddings and model; None where nobody can tell yet.
    """

    info: MethodInfo
    why_not: str | None
    switch: str | None
    needs: tuple[str, ...]
    holds: int | None

    @property
    def can_be_chosen(self) -> bool:
        """Whether it can learn the run, if need be with one of its settings changed."""
        return self.why_not is None or self.switch is not None


@dataclass(frozen=True, slots=True)
class MethodCost:
    """What a method took the last time it finished a run on this machine.

    Attributes:
        run: id of that run.
        seconds: active time of all its tasks.
        mebibytes: most resident memory of its process.
        tasks: how many it learnt.
        same_data: whether that was on the data of the run it is offered for.
    """

    run: str
    seconds: float
    mebibytes: float
    tasks: int
    same_data: bool


def offers(setup: Setup | None, config: RunConfig | None = None) -> Mapping[str, tuple[MethodOffer, ...]]:
    """All methods by family, in the order of `FAMILIES`.

    Args:
        setup: of the run; None where its data are not known yet.
        config: the run, whose own method is asked with the settings it has there; all others with their defaults.
    """
    every = catalog().values()
    return {family: tuple(_offer(one, setup, config) for one in every if one.family == family) for family in FAMILIES}


def _offer(info: MethodInfo, setup: Setup | None, config: RunConfig | None) -> MethodOffer:
    cls = METHODS.get(info.name)
    if setup is None:
        return MethodOffer(info, None, None, needs(info.name), None)
    own = config.settings if config is not None and config.method == info.name else {}
    settings = info.settings(own)
    method: Method = cls.from_mapping(settings)
    why = method.why_not(setup)
    switch = switch_of(cls, settings, setup) if why else None
    return MethodOffer(info, why or too_much(method, setup), switch, needs(info.name), method.memory_bytes(setup))


@lru_cache(maxsize=256)
def needs(name: str) -> tuple[str, ...]:
    """What a method needs of any run: asked of itself, with its default settings, on runs that lack one thing each."""
    cls = METHODS.get(name)
    found = [words for words, lacking in _NEEDS.items() if cls().why_not(lacking) is not None]
    return (*found, "all earlier images") if cls.sees_earlier_tasks else tuple(found)


def costs(store: RunStore, config: RunConfig | None = None) -> Mapping[str, MethodCost]:
    """What each method took here; those that finished no run here are missing.

    Args:
        config: the run that methods are offered for: one on its data is told rather than a newer one on others.
    """
    known: dict[str, MethodCost] = {}
    for run in _finished(store.runs()):
        same = config is not None and _same_data(run, config)
        if run.method in known and (known[run.method].same_data or not same):
            continue
        view = RunView(store, run.id)
        if view.machine == machine():
            took = run.seconds, view.peak_memory_mb or 0.0, run.tasks_done
            known[run.method] = MethodCost(run.id, *took, same_data=same)
    return known


def _finished(runs: Iterable[RunSummary]) -> list[RunSummary]:
    return [run for run in runs if run.status == FINISHED and run.method in METHODS.names()]


def _same_data(run: RunSummary, config: RunConfig) -> bool:
    """Whether a run learnt from the same data, split into as many tasks."""
    own = config.to_mapping()
    same = all(run.config.get(name) == own[name] for name in ("dataset", *config.data))
    return same and config.tasks_total in (None, run.tasks_total)
