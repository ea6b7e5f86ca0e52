"""What each task destroyed of the relation of concepts and classes (see `engine.metrics.relations`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Floats, Ints
from engine.methods.base import METHODS
from engine.metrics.relations import kept_weights, linear_probe
from engine.records.answers import Returns
from engine.records.forms import number, share
from engine.steps import Step

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample


@ANALYSES.register
@dataclass(frozen=True)
class ConceptRelations(Analysis):
    """What tasks destroyed of the relation of concepts and classes.

    Row t of each array is the model after task t, column k what there was after task k; NaN above the diagonal.

    Result, for T tasks:
        linear: accuracy, on ordinary test images of the classes of tasks 0 to k, of a linear classifier fitted on the
            scores that the concepts of tasks 0 to k have after task t. It falls where concepts no longer tell them.
        kept: cosine between the weights that the head gives those concepts for the classes of task k after task t and
            those right after task k, mean over the classes. It falls where classes rest on other concepts.
    """

    returns: ClassVar[Returns] = Returns(
        {"linear": share("T", "T", nan=True), "kept": number("T", "T", low=-1.000001, high=1.000001, nan=True)}
    )

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts, and that earlier ones keep their place."""
        if not METHODS.get(lab.config.method).learns_concepts:
            return "its method learns no concepts, so there is no relation to lose"
        return None

    def run(self, lab: Lab, task: int) -> Answering:
        """Fit a probe for every pair of moments."""
        models = [lab.snapshot(t) for t in range(task + 1)]
        linear, kept = np.full((2, task + 1, task + 1), np.nan)
        for t, model in enumerate(models):
            yield Step(t, task + 1, f"the concepts after task {t + 1}")
            train, test = lab.train(t), lab.sample("test", t)
            for k, before in enumerate(models[: t + 1]):
                linear[t, k] = linear_probe(_known(train, model, before), _known(test, model, before))
                kept[t, k] = _kept(model, before, models[k - 1] if k else None)
        return {"linear": linear, "kept": kept}


def _known(sample: Sample, model: Snapshot, before: Snapshot) -> tuple[Floats, Ints]:
    """Scores of the concepts there were before, of images of the classes there were before, and their labels."""
    own = sample.where(sample.labels < len(before.class_ids))
    rows = model.bottleneck[: len(before.bank)]
    return (own.features @ rows.T).numpy().astype(np.float64), own.labels.numpy()


def _kept(model: Snapshot, before: Snapshot, earlier: Snapshot | None) -> float:
    first = len(earlier.class_ids) if earlier is not None else 0
    then = before.head.numpy().astype(np.float64)
    found = kept_weights(model.head.numpy().astype(np.float64), then)[first:]
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
