"""One attack on one picture: which, how strong, and what the attacker wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import BadInput, BadParameter
from engine.exhibits.case import Case
from engine.params import Parameter, parameters_of

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Attack
    from engine.attacks.objectives import Objective

ATTACK, GOAL, EPS, STEPS, NORM = "attack", "goal", "eps", "steps", "norm"
"""What an attempt is made of; keys in the address too."""
ANY, LEAST, CLASS, ON, OFF, FLIP = "any", "least", "class", "on", "off", "flip"
"""What an attacker may want; of a class or a concept the name follows: `class:NAME`, `on:WORDS`."""
GOALS = {
    ANY: "Any other answer",
    CLASS: "An answer of my choice",
    LEAST: "The least likely answer",
    ON: "Switch a concept on, answer held",
    OFF: "Switch a concept off, answer held",
    FLIP: "Another answer, concepts held",
}
OF_CONCEPTS = (ON, OFF, FLIP)
"""Goals that need concepts."""
DEFAULTS: dict[str, str] = {ATTACK: "pgd", GOAL: ANY, EPS: "4", STEPS: "10", NORM: "linf"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """The settings of one attack.

    Attributes:
        attack: its registered name.
        goal: what the attacker wants, as in the address.
        eps: strength in 255ths of a pixel's range.
        steps, norm: left out by attacks that have none.
    """

    attack: str = DEFAULTS[ATTACK]
    goal: str = DEFAULTS[GOAL]
    eps: float = float(DEFAULTS[EPS])
    steps: int = int(DEFAULTS[STEPS])
    norm: str = DEFAULTS[NORM]

    @property
    def kind(self) -> str:
        """What is wanted, without the name."""
        return self.goal.partition(":")[0]

    @property
    def target(self) -> str:
        """The class or concept that is wanted, or nothing."""
        return self.goal.partition(":")[2]

    def build(self) -> Attack:
        """The attack itself.

        Raises:
            BadParameter: a value that it does not allow.
        """
        from engine.attacks.base import ATTACKS

        values: dict[str, Any] = {EPS: self.eps, STEPS: self.steps, NORM: self.norm}
        declared = declared_by(self.attack)
        return ATTACKS.get(self.attack)(**{name: value for name, value in values.items() if name in declared})


def declared_by(attack: str) -> dict[str, Parameter]:
    """The attack's parameters by name; none for an attack that is unknown."""
    from engine.attacks.base import ATTACKS

    return {p.name: p for p in parameters_of(ATTACKS.get(attack))} if attack in ATTACKS.names() else {}


def checked_goal(case: Case, text: str) -> str:
    """A goal as in the address, if this model can be attacked for it.

    Raises:
        BadParameter: there is no such goal.
        BadInput: the model has no such class or concept.
    """
    kind, _, name = text.partition(":")
    if kind not in GOALS:
        raise BadParameter(f"goal {text[:80]!r}", f"an attacker may want {', '.join(GOALS)}", "Choose one under More")
    if kind == CLASS and name not in case.names:
        later = " yet" if name in case.class_names else ""
        raise BadInput(
            f"target class {name[:80]!r}",
            f"the model after task {case.moment + 1} has not learnt it{later}; it knows {len(case.names)} classes",
            "Choose one of them, or a later moment above",
        )
    if kind in (ON, OFF) and name not in case.words:
        raise BadInput(
            f"concept {name[:80]!r}",
            f"the model after task {case.moment + 1} has {len(case.words)} concepts, and not this one",
            "Choose one of them, or another run above",
        )
    return text


def label_of(case: Case, attempt: Attempt) -> int:
    """Position of the class that the attack works against, or holds: the true one where it is learnt, else the answer.
    Attacks on concepts hold or change the answer, right or wrong."""
    return case.predicted if case.true is None or attempt.kind in OF_CONCEPTS else case.true


def objective(case: Case, attempt: Attempt) -> Objective:
    """What the attacker wants, for a batch of this one image.

    Raises:
        BadInput: the class or concept that is wanted is not of this model.
    """
    import torch

    from engine.attacks.objectives import Mislabel, Target, chosen_targets

    checked_goal(case, attempt.goal)
    labels = torch.tensor([label_of(case, attempt)])
    if attempt.kind == CLASS:
        return Target(torch.tensor([case.names.index(attempt.target)]))
    if attempt.kind == LEAST:
        logits = torch.from_numpy(case.logits)[None]
        return Target(chosen_targets("least_likely", logits, labels, torch.Generator()))
    return _of_concepts(case, attempt, labels) if attempt.kind in OF_CONCEPTS else Mislabel(labels)


def _of_concepts(case: Case, attempt: Attempt, labels: Tensor) -> Objective:
    import torch

    from engine.attacks.concepts import Flip, Switch

    thresholds = torch.from_numpy(case.levels.threshold).float()
    if attempt.kind == FLIP:
        return Flip(labels, torch.from_numpy(case.scores).float()[None], thresholds)
    concept = torch.tensor([case.words.index(attempt.target)])
    return Switch(concept, torch.tensor([attempt.kind == ON]), thresholds, labels)
