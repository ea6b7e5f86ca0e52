"""Put it right by hand: live."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.exhibit import Plate
from engine.exhibits.picture import one
from engine.explain.wording import an
from engine.figures.heat import data_address
from engine.figures.look import certainty
from engine.interventions.acts import Acts
from engine.session.facts import RunFacts
from engine.slides import cures
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.live import Cure, PersonAnswer

_SIDE = 420


@SLIDES.register
class Fix(SlideMaker):
    """Put it right by hand.

    Of the wrong test pictures that the fewest true answers put right, the one where the model was furthest from the
    truth (`engine.slides.cures`).
    """

    place: ClassVar[int] = 100
    story: ClassVar[str] = "fix"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs concepts, and their truth."""
        return cures.why_not(facts)

    def make(self, facts: RunFacts) -> Slide:
        """Before any answer."""
        found = cures.cures(facts)
        if found.cure is None:
            return Slide(cures.told_none(found), None, ("Try the Picture page with other pictures.",))
        return after(facts, found.cure, 0)


def after(facts: RunFacts, cure: Cure, given: int) -> Slide:
    """The slide once `given` of the answers were given."""
    from engine.session.subjects import picture

    instance = cures.instance_of(facts, cure.ref)
    answers = cure.answers[:given]
    acts: Acts = tuple(act for answer in answers for act in answer.acts)
    outcome = instance.after(acts, follow=False)
    said = int(instance.shares(outcome.after).argmax())
    name, share = instance.names[said], float(instance.shares(outcome.after)[said])
    right = said == instance.label
    true = instance.names[instance.label or 0]
    if not given:
        sentence = f"{question(cure.answers[0])} The model is {certainty(cure.answers[0].sure)} sure."
    elif right:
        sentence = f"{_answers(given)}, and it says {an(name)}. That is right."
    else:
        sentence = f"Still {an(name)}, {certainty(share)} sure. {question(cure.answers[given])}"
    return Slide(
        sentence,
        one.exhibit(instance, outcome, acts),
        _notes(facts, cure, right),
        "A true answer sets this one mark and leaves all others as they are. The person is shown what matters most; "
        "nobody in the field has that help.",
        Plate(data_address(picture(facts.lab, cure.ref, _SIDE)), f"A picture of {an(true)}"),
        cure,
    )


def question(answer: PersonAnswer) -> str:
    """What the person is asked."""
    return f"Do you see “{answer.words}” here?"


def _answers(given: int) -> str:
    return "One answer" if given == 1 else f"{given} answers"


def _notes(facts: RunFacts, cure: Cure, right: bool) -> tuple[str, ...]:
    found = cures.cures(facts)
    first = cure.answers[0]
    seen = "sees it where it is not" if not first.there else "misses it"
    return (
        f"Ask the audience: do you see “{first.words}”? The model {seen}. Press the button to tell it.",
        f"The answer turned at once, because it is a sum of marks, and one of them changed. Of {found.wrong} mistakes "
        f"on {found.images} test pictures, {found.cured[0]} go away with one true answer."
        if right
        else "Nothing is learnt again. The model only adds up its marks anew, which takes a few milliseconds.",
    )
