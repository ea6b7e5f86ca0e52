"""SG-RL and SG-KD: names of classes guide what a new task may change, as two more terms of the bottleneck's loss."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.clg_cbm import CLGCBM
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Setup, TaskData
    from engine.model.course import Course
    from engine.model.guidance import Guidance
    from engine.model.snapshot import ClassStatistics

GUIDANCE = "Guidance by names"


@METHODS.register
@dataclass(frozen=True)
class SGKD(CLGCBM):
    """SG-KD (guided by class names).

    Yu et al., "Exploiting the Semantic Knowledge of Pre-trained Text-Encoders for Continual Learning", 2024, arXiv
    2408.01076. Two terms: SG-RL wants an image's answer spread over the classes whose names resemble its own; SG-KD
    wants the old model's answers kept, raised for the old class whose name is most like the image's and lowered for
    the others.

    Published: CLIP's last visual block is trained by SGD on image-text contrast plus 0.5 SG-RL (softness 13) plus 0.5
    SG-KD (temperature 4), with or without stored images of old classes.

    Ours: the tower is frozen, so both terms act on the logits of the bottleneck, beside the loss of CLG-CBM; with both
    weights 0 it is CLG-CBM to the bit. Its pseudo features and Gaussian samples stand in for stored images (turn
    them off to see distillation alone). The old logits are moved by likeness times their own spread, times `margin`.
    On the demo's validation images, one seed, a whole spread cost 3 points beside plain distillation and more than
    doubled the concepts a class rests on, a quarter neither.

    Released code: its KL of SG-RL divides by classes as well as images (PyTorch's default), which makes 0.5 nearly
    nothing; its raise is at most 1 where logits are cosines times 100, and so vanishes beside them. Both are undone.

    Claim: likeness of names, in both terms, lets less be forgotten than plain distillation does. Not seen here: on the
    Aviary's demo (three seeds) it forgets 3.4 points and plain distillation 3.6 (-0.2 ± 0.3), after 91.2 and 91.1 %;
    birds in moved habitats keep 1.7 ± 0.6 points more. Distillation itself does help: CLG-CBM forgets 4.1 and ends at
    90.7. It is the most accurate bottleneck of the demo and forgets least (`python -m engine bench methods.guidance`).
    """

    family: ClassVar[str] = "bottleneck"
    summary: ClassVar[str] = (
        "CLG-CBM with two more terms: answers spread over classes of similar names, and old answers kept by likeness."
    )

    soft_targets: float = param(
        0.5,
        low=0.0,
        high=100.0,
        help="Weight of SG-RL, targets by the likeness of names; 0 turns it off.",
        group=GUIDANCE,
    )
    softness: float = param(
        13.0, low=0.0, high=1000.0, help="The larger, the fewer classes share an image's target.", group=GUIDANCE
    )
    distillation: float = param(
        0.5, low=0.0, high=100.0, help="Weight of SG-KD, the old model's answers; 0 turns it off.", group=GUIDANCE
    )
    temperature: float = param(4.0, low=0.1, high=100.0, help="Temperature of the distillation.", group=GUIDANCE)
    margin: float = param(
        0.25,
        low=0.0,
        high=100.0,
        help="How far likeness of names moves the old answers, in spreads of these; 0: plain distillation.",
        group=GUIDANCE,
    )

    def why_not(self, setup: Setup) -> str | None:
        """Besides what CLG-CBM needs, both terms read the names."""
        guided = self.soft_targets > 0 or (self.distillation > 0 and self.margin > 0)
        return super().why_not(setup) or (setup.nameless() if guided else None)

    def course(self, data: TaskData, bank: ConceptBank, classes: ClassStatistics) -> Course:
        """CLG-CBM's, guided by names."""
        return dataclasses.replace(super().course(data, bank, classes), guidance=self._guidance(data, classes))

    def _guidance(self, data: TaskData, classes: ClassStatistics) -> Guidance | None:
        from engine.model.guidance import Guidance, raises, soft_targets

        previous, old = data.previous, len(classes.texts) - len(data.class_ids)
        if not self.soft_targets and not (self.distillation and old):
            return None

        def answers(features: Tensor) -> Tensor:
            return previous.from_features(features).logits if previous else features[:, :0]

        spread = answers(data.features).std(1, correction=0).mean().item() if old else 0.0
        return Guidance(
            soft_targets(classes.texts, self.softness),
            self.soft_targets,
            answers,
            raises(classes.texts, old, self.margin * spread) if old else classes.texts[:, :0],
            self.distillation,
            self.temperature,
        )
