"""Fool it: live."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.exhibits.attack import attacked, choosing
from engine.exhibits.attack.aims import possible, sought
from engine.exhibits.attack.attempt import Attempt
from engine.exhibits.attack.course import running
from engine.exhibits.attack.scene import Making, Scene, seen_by
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Plate
from engine.exhibits.subjects import look
from engine.explain.wording import an
from engine.figures.attack_words import reach, size
from engine.figures.attack_words import seen as seen_as
from engine.figures.heat import data_address
from engine.figures.look import certainty
from engine.session.facts import RunFacts, once
from engine.slides.base import SLIDES, Slide, SlideMaker, pictures
from engine.slides.live import Prey
from engine.steps import told

if TYPE_CHECKING:
    from engine.attacks.base import Look


def _told(scene: Scene, who: str) -> str:
    """What the attack did, in a sentence that can be read from afar."""
    deed = scene.deed
    if deed.before == deed.after:
        still = "holds: still" if deed.right is not False else "was wrong before, and still says"
        return f"{who} {still} {an(deed.after)}, {certainty(deed.after_sure)} sure."
    if deed.right is False:
        return f"{who} was wrong before, and now says {an(deed.after)}."
    return f"{who} falls: {size(deed)[0].lower()}{size(deed)[1:]} turns {an(deed.before)} into {an(deed.after)}."


@dataclass(frozen=True, slots=True)
class AttackStep:
    """The attack at one step.

    Attributes:
        step, steps: steps done, and how many there will be.
        said: what the picture is taken for now; not escaped.
        sure: its probability, 0..1.
    """

    step: int
    steps: int
    said: str
    sure: float


@SLIDES.register
class Fool(SlideMaker):
    """Fool it.

    Of twelve of the first task's test pictures that are right, one on which the attack has something to show: that
    which the Attack page shows first (`engine.exhibits.attack.choosing`).
    """

    place: ClassVar[int] = 120
    story: ClassVar[str] = "fool"

    def make(self, facts: RunFacts) -> Slide:
        """Before the attack."""
        chosen = choosing.chosen(facts)
        return before(target(facts, chosen.ref), Prey(chosen.ref, facts.view.id), "It sees", chosen.why)


@once
def target(facts: RunFacts, ref: str) -> Case:
    """A picture before the model of a run."""
    return look(facts.lab, facts.moment, ref)


def before(case: Case, prey: Prey, who: str, why: str) -> Slide:
    """The picture, and what it is taken for.

    Args:
        why: why this picture, as the end of a sentence, or nothing.
    """
    said, share = case.names[case.predicted], float(case.probabilities[case.predicted])
    right = {True: " That is right.", False: " That is wrong.", None: ""}[case.right]
    plate = Plate(data_address(case.picture), f"Taken for {an(said)}", f"{certainty(share)} sure")
    return Slide(
        f"{who} {an(said)}, {certainty(share)} sure.{right}",
        pictures((plate,), f"A picture taken for {an(said)}"),
        (
            "Now we change the picture a little. Each step tries to make the answer a little more wrong.",
            f"{reach(Attempt().eps, Attempt().norm)}. Press the button and watch the answer.",
        ),
        f"Chosen because {why}." if why else "",
        live=prey,
    )


def after(scene: Scene, prey: Prey, who: str) -> Slide:
    """The picture clean and attacked, and how attention moved.

    Args:
        who: whose model it is, as the beginning of a sentence.
    """
    clean, changed, _ = attacked.picture(scene).figure
    seen = attacked.attention(scene)
    maps = (
        ()
        if seen is None
        else (replace(seen.figure[2], title="How its attention moved", note=f"{seen.figure[2].note}, as of the maps"),)
    )
    told = _told(scene, who)
    moved = "" if seen is None else f" {seen.headline}. Blue is where it looks more than before, orange where less."
    return Slide(
        told,
        pictures((clean, changed, *maps), told),
        (
            f"Left the picture as it was, then as it is after the attack. {seen_as(scene.deed.visible)}.{moved}",
            "An attack like this needs the model itself, which most attackers do not have. It shows the "
            "worst that can happen, not what usually does.",
        ),
        attacked.allowed(scene) + ". One picture says little about others; the tab All pictures counts many.",
        live=prey,
    )


def attacking(case: Case) -> Generator[AttackStep, None, Scene]:
    """Attack the picture, step by step; yields the answer after each, and returns all that happened.

    Raises:
        PlumageError: the attack is not possible here.
    """
    attempt = Attempt()

    def step(look: Look) -> AttackStep:
        chances = look.answer.logits[0].softmax(0)
        said = int(chances.argmax())
        return AttackStep(look.step, look.steps, case.names[said], float(chances[said]))

    course = yield from told(running(case, attempt), step)
    looked = sought(case)
    maps, _ = possible(case, looked.aim)
    scene = Scene(case, attempt, course, looked)
    return seen_by(scene, next(iter(maps.values())), Making()) if maps else scene
