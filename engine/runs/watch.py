"""What is looked at while a run learns: which pictures and concepts, how often, and under which attack.

It decides what is seen of a run, never what the run becomes: so it is no part of `RunConfig`, may change while the run
learns, and weights and measurements are the same to the bit whatever is watched, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.attacks.base import ATTACKS
from engine.errors import BadParameter
from engine.params import Parameters, Value, param

GROUP = "Watching"
NO_ATTACK = "no"
MOST_PICTURES, MOST_CONCEPTS = 100, 60
"""That one run watches, the chosen and the pinned together."""
MOST_TEXT = 300
Kind = Literal["picture", "concept"]


@dataclass(frozen=True)
class WatchSettings(Parameters):
    """What is watched by itself, and how often."""

    watching: bool = param(True, help="Look at pictures and concepts while the run learns.", group=GROUP)
    heartbeat: int = param(
        20, low=1, high=1000, unit="epochs", help="Epochs between two looks inside a task.", group=GROUP
    )
    probes_per_task: int = param(
        2,
        low=0,
        high=20,
        unit="pictures",
        help="Validation pictures of each task that are watched: by turns one typical of its class and one at the "
        f"edge between look-alikes; of more than {MOST_PICTURES} in all as many as there is room for.",
        group=GROUP,
    )
    concepts: int = param(
        10,
        low=0,
        high=MOST_CONCEPTS,
        unit="concepts",
        help="Concepts watched by the end: the most used of each task, of another group where there is one, and those "
        "that drift most.",
        group=GROUP,
    )
    attack: str = param(
        "pgd",
        choices=("pgd", "apgd", "fgsm", "square", NO_ATTACK),
        words=lambda name: name if name == NO_ATTACK else ATTACKS.short(name),
        help="The attack on every probe.",
        group=GROUP,
    )
    attack_eps: float = param(
        4.0, low=0.01, high=64.0, unit="/255", help="Largest change of a pixel under that attack.", group=GROUP
    )
    attack_steps: int = param(
        2, low=1, high=1000, help="Steps of that attack, where it takes several; its cost grows with them.", group=GROUP
    )

    def check_size(self, tasks: int, pinned: int = 0, cost: str = "") -> None:
        """Refuse to watch more pictures than a run can; of very many tasks the declared two are shared out instead.

        Args:
            tasks: how many the run has.
            pinned: pictures pinned to it.
            cost: what that many would take, for the message.

        Raises:
            BadParameter: they would be more than `MOST_PICTURES`.
        """
        asked = self.probes_per_task * tasks + pinned
        chosen = self.probes_per_task > type(self).probes_per_task or pinned
        if asked > MOST_PICTURES and chosen:
            raise BadParameter(
                f"watching: {asked} pictures" + (f" ({cost})" if cost else ""),
                f"a run watches at most {MOST_PICTURES}: {self.probes_per_task} of each of its {tasks} tasks would be "
                f"{self.probes_per_task * tasks}, and {pinned} are pinned",
                "Watch fewer of each task, or take pins away",
                "probes_per_task",
            )

    def attack_settings(self) -> dict[str, Value]:
        """What the attack of this name is made with."""
        steps: dict[str, Value] = {} if self.attack == "fgsm" else {"steps": self.attack_steps}
        # A few steps of the usual quarter would not reach the edge of the ball: 2.5 eps over all of them (Madry et al.)
        length: dict[str, Value] = {"step": min(1.0, 2.5 / self.attack_steps), "restarts": 0}
        return {"eps": self.attack_eps, **steps, **(length if self.attack == "pgd" else {})}


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person wants watched.

    Attributes:
        kind: a picture, or a concept.
        what: of a picture a split and a row of it (`test:17`; `val:17` is of the training split), or `own:` and a
            digest; of a concept its text.
        data: of a person's own picture its bytes, as `engine.session.uploads` made them harmless.
    """

    kind: Kind
    what: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class WatchList:
    """All that a run watches: by itself, and because it is pinned."""

    settings: WatchSettings = WatchSettings()
    pins: tuple[Pin, ...] = ()
