"""LwF: on the new images the old classes' answers shall stay what they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.probe import MEMORY, TRAINING, ProbeMethod, old_classes, one_task
from engine.params import param

if TYPE_CHECKING:
    from engine.methods.base import Setup, TaskData
    from engine.model.linear_probe import ProbeObjective


@METHODS.register
@dataclass(frozen=True)
class LwF(ProbeMethod):
    """Learning without forgetting.

    Li and Hoiem, "Learning without Forgetting", ECCV 2016 (arXiv 1606.09282). A linear classifier that is trained on
    the newest task's images alone, while its answers to them among the old classes are held to those of the classifier
    before: distillation, softened by a temperature of 2.

    Published: a whole network with a head for each task, the task of a test image being known; a temperature of 2, both
    terms of equal weight, and a warm-up in which only the new head is trained.

    Ours: the embeddings are frozen, so that only the classifier can forget, and nobody says which task a test image is
    of. With a head to each task distillation would have nothing to do here, because nothing would touch the old rows;
    so all classes seen compete (`softmax`), as in LwF.MC of Rebuffi et al., "iCaRL", CVPR 2017. No warm-up.

    Released code: the authors' MATLAB was not looked at; LAMDA-PILOT neither.

    Claim: old tasks are remembered without an image of them. Not seen here: 16.5 % after the last task on the Aviary's
    demo (three seeds), no more than without it (15.4).
    """

    summary: ClassVar[str] = "A linear classifier that shall answer among old classes as before, on new images."

    softmax: str = param(
        "seen",
        choices=("seen", "new"),
        help="Which classes compete while it trains: all seen, or the task's own, which leaves old rows alone.",
        group=TRAINING,
    )
    temperature: float = param(
        2.0, low=0.1, high=100.0, help="Logits are divided by it before the answers are compared.", group=MEMORY
    )
    strength: float = param(1.0, low=0.0, high=1000.0, help="Weight of the distillation; 0 turns it off.", group=MEMORY)

    def why_not(self, setup: Setup) -> str | None:
        """The first task has no answers to keep."""
        return one_task(setup, "there are no earlier answers to keep")

    def objective(self, data: TaskData) -> ProbeObjective:
        """Cross-entropy and distillation."""
        from engine.methods.probe import grown
        from engine.model.linear_probe import LinearObjective
        from engine.model.probe_objectives import DistilledObjective

        if not (old := old_classes(data)):
            return LinearObjective()
        weights, bias = grown(data)
        first = old if self.softmax == "new" else 0
        return DistilledObjective(
            first, weights=weights[:old], bias=bias[:old], temperature=self.temperature, strength=self.strength
        )
