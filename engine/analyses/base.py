"""What an analysis is: one file in this package a question, answered by a few named arrays, computed once and kept.

It declares its settings and its arrays without importing torch, which `run` does: pages read both.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, cast

from engine.jobs.analyses import Result
from engine.records.answers import ANSWERED, Answered
from engine.steps import Step

if TYPE_CHECKING:
    from engine.interventions.evidence import Evidence
    from engine.registry import Registry
    from engine.session.lab import Lab


Answering = Generator[Step, None, Result]


class Analysis(Answered):
    """A question to a run. The first line of a subclass's docstring is its title on screen.

    A subclass declares in `returns` the arrays it returns, and may add `complaints` about them.
    """

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What something in the answer was measured or chosen on, where that is more than the model and words.

        Test images, which only judge, are no evidence.
        """
        return ()

    def why_not(self, lab: Lab) -> str | None:
        """Why it cannot be answered for this run, or None."""
        return None

    @abstractmethod
    def run(self, lab: Lab, task: int) -> Answering:
        """Answer it for the model after `task`; yields progress and returns the arrays that `returns` declares.

        The same run, task and settings give the same arrays. Closing the generator cancels.
        """


ANALYSES = cast("Registry[Analysis]", ANSWERED)
"""All of them; what registers here is an `Analysis`."""
