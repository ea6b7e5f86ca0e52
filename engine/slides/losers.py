"""The picture that a story of forgetting is about."""

from __future__ import annotations

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Plate
from engine.exhibits.subjects import TellingImage, look, telling
from engine.explain.wording import an
from engine.figures.heat import data_address
from engine.session.facts import RunFacts, once
from engine.slides.losses import SPLIT


@once
def loser(facts: RunFacts) -> tuple[Case, TellingImage]:
    """The test picture that was right longest and is wrong now, and the rule by which it was chosen."""
    found = telling(facts.lab, facts.moment, SPLIT)
    return look(facts.lab, facts.moment, found.ref), found


def shown(case: Case) -> Plate:
    """The picture, with its class."""
    return Plate(data_address(case.picture), f"A picture of {an(case.true_name or 'nobody knows what')}")


def why_not(facts: RunFacts) -> str | None:
    """Why no picture can have been forgotten, or None."""
    return None if facts.moment else "nothing can be forgotten before the second task"
