"""What stands where an exhibit would be, if it cannot be made: the finding that there is none, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """No exhibit.

    Attributes:
        headline: what can be said all the same.
        why: the reason, as a sentence without its full stop.
    """

    headline: str
    why: str


EYES_CHANGE = (
    "This run hardens its backbone before each task, so the model sees other features of the same picture. The loss is "
    "divided among the parts of a model that looks at the same features before and after"
)
"""Why a run that hardens its backbone has no parts of forgetting."""
