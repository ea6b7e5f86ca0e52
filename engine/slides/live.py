"""What can be tried on a slide: a mistake to put right, and a picture to attack."""

from __future__ import annotations

from dataclasses import dataclass

from engine.interventions.acts import ABSENT, PRESENT, Act, Acts


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """What a person says of one fact of a picture.

    Attributes:
        concepts: numbers of its wordings in the bank.
        words: the first of them; not escaped.
        there: whether it is true of the picture.
        sure: how sure the model is that it is there, 0..1.
    """

    concepts: tuple[int, ...]
    words: str
    there: bool
    sure: float

    @property
    def acts(self) -> Acts:
        """What the answer does."""
        return tuple(Act(k, PRESENT if self.there else ABSENT) for k in self.concepts)


@dataclass(frozen=True, slots=True)
class Cure:
    """A picture that is wrong because of what the model sees in it, and the true answers that put it right."""

    ref: str
    answers: tuple[PersonAnswer, ...]


@dataclass(frozen=True, slots=True)
class Prey:
    """A picture to attack.

    Attributes:
        ref: the picture (see `engine.session.subjects`).
        run: whose model is attacked.
    """

    ref: str
    run: str


Live = Cure | Prey
