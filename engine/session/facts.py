"""All that is known of a run at a moment: what was measured, what was analysed, and the run reopened if need be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from engine.errors import NotApplicable, StoreDamaged
from engine.jobs.analyses import Analyses, Question, Result
from engine.params import Value
from engine.store.store import RunStore
from engine.store.view import RunView

if TYPE_CHECKING:
    from engine.session.lab import Lab


P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Damage:
    """A stored answer that was asked for and cannot be used: the question, and why."""

    question: Question
    why: str


class RunFacts:
    """A run after one of its tasks. Reads nothing until asked.

    Args:
        moment: a finished task, from 0; the last one if not given.

    Attributes:
        damaged: stored answers that were asked for and left out, because they are damaged, in the order asked.

    Raises:
        UnknownRun: there is no such run.
        NotApplicable: the task is not finished, or none is.
    """

    def __init__(self, store: RunStore, run: str, moment: int | None = None, view: RunView | None = None) -> None:
        self.store = store
        self.view = view or RunView(store, run)
        done = self.view.tasks_done
        self.moment = done - 1 if moment is None else moment
        self.damaged: list[Damage] = []
        self._known: dict[tuple[Any, ...], Any] = {}
        if not 0 <= self.moment < done:
            allowed = f"it has {done} finished tasks" if done else "none of its tasks is finished yet"
            raise NotApplicable(f"run {run} after task {self.moment + 1}", allowed, "Choose a finished task, or wait")

    @cached_property
    def lab(self) -> Lab:
        """The run reopened. Imports torch.

        Raises:
            BadInput, MissingWeights: the data or the backbone are gone.
        """
        from engine.session.lab import Lab

        return Lab(self.store, self.view.id)

    @property
    def has_moved(self) -> bool:
        """Whether there is a test split with shuffled habitats."""
        return "moved" in self.view.splits

    def result(
        self, analysis: str, settings: Mapping[str, Value] | None = None, task: int | None = None
    ) -> Result | None:
        """What an analysis of this run found, or None as `answer` gives it.

        Args:
            task: the moment it is about, if not the facts's own.
        """
        moment = self.moment if task is None else task
        return self.answer(Question(self.view.id, moment, analysis, dict(settings or {})))

    def answer(self, question: Question) -> Result | None:
        """What an analysis found, or None where it was not computed or is damaged, which `damaged` then tells."""
        try:
            return Analyses(self.store).result(question)
        except StoreDamaged as error:
            if question not in (known.question for known in self.damaged):
                self.damaged.append(Damage(question, error.allowed))
            return None


def once(function: Callable[Concatenate[RunFacts, P], T]) -> Callable[Concatenate[RunFacts, P], T]:
    """Decorator: compute it once for the same facts and arguments, and forget it with the facts.

    A cache of the module would keep models alive whose run nobody looks at any more.
    """

    @wraps(function)
    def found(facts: RunFacts, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function.__module__, function.__qualname__, args, *sorted(kwargs.items()))
        if key not in facts._known:
            facts._known[key] = function(facts, *args, **kwargs)
        known: T = facts._known[key]
        return known

    return found
