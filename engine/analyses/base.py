"""What an analysis is: one file in this package a question, answered by a few named arrays, computed once and kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, ClassVar

from engine.jobs.analyses import Result
from engine.params import Parameters
from engine.records.answers.base import declared
from engine.registry import Registry
from engine.steps import Step

if TYPE_CHECKING:
    from engine.interventions.evidence import Evidence
    from engine.records.answers.base import Returns
    from engine.session.lab import Lab


Answering = Generator[Step, None, Result]


class Analysis(Parameters):
    """A question to a run. The first line of a subclass's docstring is its title on screen."""

    name: ClassVar[str]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What something in the answer was measured or chosen on, where that is more than the model and words.

        Test images, which only judge, are no evidence.
        """
        return ()

    @property
    def returns(self) -> Returns:
        """The arrays it returns, declared in the file of its name in `engine.records.answers`."""
        return declared(self.name)

    def why_not(self, lab: Lab) -> str | None:
        """Why it cannot be answered for this run, or None."""
        return None

    @abstractmethod
    def run(self, lab: Lab, task: int) -> Answering:
        """Answer it for the model after `task`; yields progress and returns the arrays that `returns` declares.

        The same run, task and settings give the same arrays. Closing the generator cancels.
        """


ANALYSES: Registry[Analysis] = Registry("engine.analyses", "analysis")
