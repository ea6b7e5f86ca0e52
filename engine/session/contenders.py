"""Methods on the same data, side by side: what each reaches, what it costs, and what it is ahead of a baseline by.

A contender is a method with its settings; its runs differ in their seeds or in the order of the classes. No torch here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from engine.array_types import Floats, Ints
from engine.concepts.rules import ConceptRules
from engine.errors import StoreDamaged
from engine.jobs.analyses import Analyses, Result
from engine.metrics.concepts import concept_forgetting
from engine.metrics.paired import NOTHING, Tested, holm, paired_bootstrap, paired_t
from engine.runs.catalog import MethodInfo, method_info
from engine.session.comparison import ORDERS, SEEDS, Side, differing, grouped
from engine.store.labels import method_title
from engine.store.reader import Outcomes
from engine.store.store import RunStore
from engine.store.view import RunView

OF_SUMMARY = ("last_accuracy", "average_accuracy", "forgetting")
"""Numbers of `RunView.summary` that methods are compared by, and that have differences to a baseline."""
_FREE = {*SEEDS, *ORDERS, "method", "settings", *(rule.name for rule in fields(ConceptRules))}
"""Settings in which methods may differ and be compared all the same: which concepts there are is part of a method."""

_CHANCE = {name.replace("_", " ") for name in (*SEEDS, *ORDERS)}
_MOST_SETTINGS = 3  # of them that stand behind a method's name


@dataclass(frozen=True)
class Contender:
    """A method with its settings, and its runs.

    Attributes:
        side: its runs, and what it is called.
        info: the method.
        pruned, refitted: of each run, accuracy averaged over levels of sparsity (ANEC) with its own head pruned and
            with one refitted, [n] (see `engine.analyses.sparse_accuracy`); NaN where it was not computed.
        control: of each run, how much more often it is right than with random words, [n]; NaN likewise.
        relation: of each run, how much worse concepts tell the classes of their time apart in the end, mean over the
            earlier tasks, [n] (see `engine.analyses.concept_relations`); NaN likewise.
    """

    side: Side
    info: MethodInfo
    pruned: Floats
    refitted: Floats
    control: Floats
    relation: Floats

    @property
    def views(self) -> tuple[RunView, ...]:
        """Its runs."""
        return self.side.views

    @property
    def black_box(self) -> bool:
        """Whether nothing in it is a concept."""
        return not self.info.learns_concepts

    def summary(self, split: str) -> Mapping[str, Floats]:
        """The numbers `OF_SUMMARY` of each run, [n]."""
        found = [_summary(view, split) for view in self.views]
        return {name: np.array([_number(each[name]) for each in found]) for name in OF_SUMMARY}

    @property
    def validation(self) -> float:
        """Last accuracy on validation images, mean over its runs; NaN where one is of an older Plumage, which kept
        none."""
        return float(np.mean([view.validation[-1] for view in self.views]))

    @property
    def nec(self) -> Floats:
        """Effective concepts a class of each run, [n]; NaN for a black box, whose rows are none."""
        return self._last(lambda view: view.nec) if not self.black_box else np.full(len(self.views), np.nan)

    @property
    def stored(self) -> Floats:
        """Numbers that each run's model keeps, a class seen, [n]; NaN for runs of an older Plumage."""
        return self._last(lambda view: view.stored) / self._classes

    @property
    def parameters(self) -> Floats:
        """Numbers that each run's model answers from, [n]; NaN likewise."""
        return self._last(lambda view: view.parameters)

    @property
    def memory(self) -> Floats:
        """Highest resident memory of each run, MiB, [n]."""
        return np.array([view.peak_memory_mb or np.nan for view in self.views])

    @property
    def _classes(self) -> Ints:
        return np.array([sum(map(len, view.task_classes)) for view in self.views])

    def _last(self, of: Callable[[RunView], Floats]) -> Floats:
        return np.array([of(view)[-1] for view in self.views])


def contenders(store: RunStore, view: RunView, split: str = "test") -> list[Contender]:
    """Every method with its settings that learnt the same classes from the same data as a run, the most accurate first.

    Args:
        split: of which `Contender.pruned`, `refitted` and `control` tell.
    """
    arena = _arena(view)
    known = {side.views[0].id: side for side in grouped(store) if _arena(side.views[0]) == arena}
    titled = _by_method(list(known.values()))
    found = [
        Contender(
            side,
            method_info(side.views[0].config.method),
            np.array([_anec(store, each, split, "pruned") for each in side.views]),
            np.array([_anec(store, each, split, "refitted") for each in side.views]),
            np.array([_control(store, each, split) for each in side.views]),
            np.array([_relation(store, each) for each in side.views]),
        )
        for side in titled
    ]
    return sorted(found, key=lambda each: -float(np.mean(each.summary(split)["last_accuracy"])))


def _arena(view: RunView) -> tuple[object, ...]:
    """What methods must have in common to be compared."""
    given = view.config.to_mapping()
    rest = {k: v for k, v in given.items() if k not in _FREE}
    return tuple(sorted((name, str(value)) for name, value in rest.items()))


def _by_method(sides: Sequence[Side]) -> list[Side]:
    """Sides called after their method; where several have one, with the settings that tell them apart."""
    methods = [side.views[0].config.method for side in sides]
    found = []
    for side, method in zip(sides, methods, strict=True):
        alike = [other for other, its in zip(sides, methods, strict=True) if its == method]
        own = [values[alike.index(side)] for name, values in differing(alike).items() if name not in _CHANCE]
        apart = ", ".join(own[:_MOST_SETTINGS]) or side.title
        found.append(Side(method_title(method) if len(alike) == 1 else f"{method_title(method)}: {apart}", side.views))
    return found


def best(found: Sequence[Contender]) -> Contender | None:
    """The one that is most accurate on validation images, so that its figure on test images is not of a choice among
    them; None where no validation figure was kept."""
    known = [each for each in found if not np.isnan(each.validation)]
    return max(known, key=lambda each: each.validation, default=None)


def best_black_box(store: RunStore, view: RunView, split: str) -> tuple[str, float] | None:
    """Title and last accuracy, mean over its runs, of the `best` method on a run's data that has no concepts and does
    not see earlier tasks again; None without one."""
    rivals = [each for each in contenders(store, view, split) if each.black_box and not each.info.sees_earlier_tasks]
    found = best(rivals)
    if found is None:
        return None
    return found.side.title, float(found.summary(split)["last_accuracy"].mean())


def _relation(store: RunStore, view: RunView) -> float:
    found = _answer(store, view, "concept_relations")
    if found is None or len(found["linear"]) < 2:
        return float("nan")
    return float(np.nanmean((np.diag(found["linear"]) - found["linear"][-1])[:-1]))


def _anec(store: RunStore, view: RunView, split: str, kind: str) -> float:
    found = _answer(store, view, "sparse_accuracy")
    if found is None or split not in found["splits"].tolist():
        return float("nan")
    return float(found[kind][:, found["splits"].tolist().index(split)].mean())


def _control(store: RunStore, view: RunView, split: str) -> float:
    found = _answer(store, view, "random_words")
    if found is None or split not in found["splits"].tolist():
        return float("nan")
    s = found["splits"].tolist().index(split)
    return float(found["run"][0, s, -1] - found["control"][0, :, s, -1].mean())


def _answer(store: RunStore, view: RunView, name: str) -> Result | None:
    """The newest whole answer after the last task, whatever its settings."""
    analyses = Analyses(store)
    for question, state in analyses.asked(view.id, view.tasks_done - 1, name):
        if state.status == "finished":
            try:
                return analyses.result(question)
            except StoreDamaged:
                continue
    return None


# -- differences -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ahead:
    """What a contender is ahead of the baseline by.

    Attributes:
        gaps: by number of `OF_SUMMARY`; intervals are for all contenders together.
        p: of last accuracy, adjusted for the number of contenders (Holm); NaN where it is not known.
    """

    gaps: Mapping[str, Tested]
    p: float


def ahead(first: Side, others: Sequence[Side], split: str, comparisons: int = 0) -> list[Ahead]:
    """Differences of others to a baseline, over the runs that both have with the same seed and order.

    Last accuracy image by image (`paired_bootstrap`); average and forgetting are no shares of images and are compared
    over seeds and orders alone (`paired_t`).

    Args:
        comparisons: how many pairs of sides these were chosen among; as many as others if not given.
    """
    count = comparisons or max(1, len(others))
    found = [_gaps(first, other, split, count) for other in others]
    adjusted = holm([gaps["last_accuracy"].p for gaps in found])
    return [Ahead(gaps, float(p)) for gaps, p in zip(found, adjusted, strict=True)]


def _gaps(first: Side, other: Side, split: str, comparisons: int) -> Mapping[str, Tested]:
    pairs = matched(first, other)
    found = {"last_accuracy": _by_image(pairs, split, comparisons)}
    both = [(_summary(a, split), _summary(b, split)) for a, b in pairs]
    for name in OF_SUMMARY[1:]:
        gaps = [_number(b[name]) - _number(a[name]) for a, b in both]
        found[name] = paired_t(gaps, comparisons)
    return found


def matched(first: Side, other: Side) -> list[tuple[RunView, RunView]]:
    """Runs of both with the same seeds and order."""
    by_seed = dict(zip(first.seeds, first.views, strict=True))
    return [(by_seed[seed], view) for seed, view in zip(other.seeds, other.views, strict=True) if seed in by_seed]


def _by_image(pairs: Sequence[tuple[RunView, RunView]], split: str, comparisons: int) -> Tested:
    outcomes = [tuple(view.outcomes(view.tasks_done - 1, split) for view in pair) for pair in pairs]
    rights = [(_right(a), _right(b)) for a, b in outcomes if a is not None and b is not None]
    if len(rights) < len(pairs) or any(not np.array_equal(a[0], b[0]) for a, b in rights):
        return NOTHING
    images = [a[0] for a, _ in rights]
    worlds = {view.config.to_mapping().get("world_seed") for pair in pairs for view in pair}
    shared = len(worlds) == 1 and all(np.array_equal(each, images[0]) for each in images)
    return paired_bootstrap([b[1] - a[1] for a, b in rights], shared=shared, comparisons=comparisons)


def _right(found: Outcomes) -> tuple[Ints, Floats]:
    """Rows of the split in their order, and 1 where the image is right; whatever the order of the classes was."""
    order = np.argsort(found.image, kind="stable")
    return found.image[order].astype(np.int64), (found.label == found.predicted)[order].astype(np.float64)


@lru_cache(maxsize=1024)
def _summary(view: RunView, split: str) -> Mapping[str, float | None]:
    """Of a finished run, which does not change: asked for by picture, table and every difference."""
    return view.summary(split)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


# -- what is forgotten -------------------------------------------------------------------------------------------------


def lost_classes(side: Side, split: str) -> dict[str, float]:
    """Best recall before the last task minus that after it, by class of an earlier task; mean over the runs."""
    return _mean([_lost_classes(view, split) for view in side.views])


def _lost_classes(view: RunView, split: str) -> dict[str, float]:
    done = view.tasks_done
    before = len(view.class_ids_seen(done - 2)) if done > 1 else 0
    recalls = np.full((done, before), -np.inf)
    for task in range(done):
        counts = view.confusion(task, split)[:before]
        recalls[task, : len(counts)] = np.diag(counts) / np.maximum(counts.sum(1), 1)
    lost = recalls[:-1].max(0) - recalls[-1] if done > 1 else np.zeros(0)
    return {view.class_names[c]: float(value) for c, value in zip(view.class_ids_seen(done - 1), lost, strict=False)}


def lost_concepts(side: Side, split: str) -> dict[str, float]:
    """Best AUC before the last task minus that after it, by concept; mean over the runs, without what nobody judges."""
    return _mean([_lost_concepts(view, split) for view in side.views])


def _lost_concepts(view: RunView, split: str) -> dict[str, float]:
    found = [view.concept_metrics(task) for task in range(view.tasks_done)]
    if not found or found[-1] is None:
        return {}
    rows = [each.auc[split] for each in found if each is not None]
    lost = concept_forgetting(rows, np.array(found[-1].born))
    return {text: float(value) for text, value in zip(found[-1].text, lost, strict=False) if np.isfinite(value)}


def _mean(each: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for found in each for name in found)
    return {name: float(np.mean([found[name] for found in each if name in found])) for name in names}
