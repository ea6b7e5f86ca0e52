"""Proof that a fork has unlearnt what it says: beside the run it comes from, and a training that never saw it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.data.streams import VAL
from engine.errors import NotApplicable
from engine.interventions.evidence import JOINT, Evidence
from engine.jobs.analyses import Result
from engine.metrics.chance import auc_interval
from engine.metrics.concepts import concept_auc
from engine.params import param
from engine.records.answers import Returns
from engine.records.forms import flag, number, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

MODELS = ("before", "unlearnt", "retrained")
"""The run's model, the fork's, and that of a training with the fork's settings."""
LOGITS = "logits"


@ANALYSES.register
@dataclass(frozen=True)
class Unlearning(Analysis):
    """Proof of unlearning.

    Asked of a fork that `python -m engine unlearn` made. Three models are compared: the run's *before*, the *unlearnt*
    one of the fork, and one *retrained* from its first task on with the fork's settings, which has never seen what was
    to be forgotten. Unlearning is exact where the last two are equal to rounding.

    The membership test is an attack: who sees how sure a model is of an image (the highest probability of any class)
    guesses whether it learnt from it (Yeom et al., "Privacy Risk in Machine Learning", CSF 2018). It shall part the
    forgotten images from test images of the same classes, which no model has seen. Chance is 0.5; what the retrained
    model shows is how such images look to who does not know them.

    Result, for P parts of a model (weights, what it remembers, and its logits of the test images) and S test splits:
        part, difference, size: largest absolute difference of unlearnt and retrained, and the largest number there.
        exact: whether no difference is above `tolerance` times that number, or times 1 where it is smaller.
        kept: accuracy on test images of the classes that are kept, by split and model.
        auc, low, high: of the membership test, by model, with 95 % intervals.
        members, strangers: how many images were forgotten, and how many test images of their classes there are.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "part": text("P"),
            "difference": number("P", low=0.0),
            "size": number("P", low=0.0),
            "exact": flag(),
            "model": text("M", among=MODELS, exact=True),
            "split": text("S", among="splits", exact=True),
            "kept": share("S", "M"),
            "auc": share("M"),
            "low": share("M"),
            "high": share("M"),
            "members": whole(low=1),
            "strangers": whole(low=1),
        }
    )

    tolerance: float = param(1e-6, low=1e-12, high=1e-2, help="Largest difference that rounding explains.")

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The retrained model sees all training images, as a training does."""
        return (JOINT,)

    def why_not(self, lab: Lab) -> str | None:
        """Needs a fork that has unlearnt something, and the run it comes from."""
        from engine.session.forgetting import forgotten

        if forgotten(lab) is None:
            return "it is no fork that has unlearnt something of a run that is still there (python -m engine unlearn)"
        return None

    def run(self, lab: Lab, task: int) -> Answering:
        """Retrain, then compare."""
        from engine.session.forgetting import Forgetting, forgotten

        found = forgotten(lab)
        assert found is not None  # `why_not` has asked
        origin, what = found
        forgetting = Forgetting(origin, what)
        place = forgetting.origin_of(task)
        members = forgetting.gone(place).features
        if not len(members):
            reason = "nothing that was unlearnt later had been learnt by then"
            raise NotApplicable(f"proof of unlearning after task {task + 1}", reason, "Ask after a later task")
        unlearnt = lab.view.snapshot(task, memory=True)
        retrained = yield from _retrained(lab, task)
        yield Step(task + 1, task + 2, "comparing the models")
        named = [_NamedModel(origin.snapshot(place), origin), _NamedModel(unlearnt, lab), _NamedModel(retrained, lab)]
        return {
            **self._differences(unlearnt, retrained, lab.sample("test", task).features),
            "model": np.array(MODELS, np.str_),
            **_kept(named, lab, task),
            **_membership([one.model for one in named], members, forgetting.strangers(place)),
        }

    def _differences(self, one: Snapshot, other: Snapshot, shown: Tensor) -> Result:
        """By part, the largest absolute difference, and the largest absolute number of the second model."""
        mine, theirs = _numbers(one, shown), _numbers(other, shown)
        names = [name for name, tensor in theirs.items() if tensor.numel()]
        apart = np.array([float((mine[name].double() - theirs[name].double()).abs().max()) for name in names])
        size = np.array([float(theirs[name].double().abs().max()) for name in names])
        exact = np.array(bool((apart <= self.tolerance * np.maximum(1.0, size)).all()))
        return {"part": np.array(names, np.str_), "difference": apart, "size": size, "exact": exact}


@dataclass(frozen=True, slots=True)
class _NamedModel:
    """A model, and the run whose numbers its classes have."""

    model: Snapshot
    lab: Lab

    def answers(self, features: Tensor) -> list[str]:
        """The name of the class that each image is taken for."""
        names = [self.lab.dataset.class_names[c] for c in self.model.class_ids]
        return [names[i] for i in self.model.from_features(features).logits.argmax(1).tolist()]


def _retrained(lab: Lab, task: int) -> Generator[Step, None, Snapshot]:
    """The model after a task, learnt from the first one on with the fork's settings."""
    from engine.analyses.relearning import task_data
    from engine.methods.base import METHODS
    from engine.steps import finish

    method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)
    model: Snapshot | None = None
    for one in lab.stream.tasks[: task + 1]:
        yield Step(one.id, task + 2, f"learning task {one.id + 1} again")
        candidates = lab.gatherer.candidates(one, lab.fresh(one.id), model)
        model = finish(method.learn(task_data(lab, method, one, candidates, model)), lambda progress: None)
    assert model is not None  # a run has a first task
    return model


def _numbers(model: Snapshot, shown: Tensor) -> dict[str, Tensor]:
    side = model.side.tensors if model.side else {}
    own = {"rows": model.bottleneck, "head": model.head, "bias": model.bias, "class means": model.classes.means}
    beside = {f"side channel: {name}": tensor for name, tensor in side.items()}
    kept = {f"memory: {name}": tensor for name, tensor in model.memory.items()}
    return {**own, **beside, **kept, LOGITS: model.from_features(shown).logits}


def _kept(models: Sequence[_NamedModel], lab: Lab, task: int) -> Result:
    """Accuracy on the classes that are kept, by split and model."""
    splits, found = [split for split in lab.splits if split != VAL], []
    for split in splits:
        sample = lab.sample(split, task)
        right = [lab.dataset.class_names[lab.stream.class_order[label]] for label in sample.labels.tolist()]
        answers = (np.array(one.answers(sample.features)) == np.array(right) for one in models)
        found.append([float(told.mean()) for told in answers])
    return {"split": np.array(splits, np.str_), "kept": np.array(found)}


def _membership(models: Sequence[Snapshot], members: Tensor, strangers: Tensor) -> Result:
    """How well confidence tells images that were learnt from others."""
    import torch

    shown, learnt = torch.cat([members, strangers]), np.arange(len(members) + len(strangers)) < len(members)
    # the logarithm has the order of the probability, and does not end at 1
    sure = [model.from_features(shown).logits.double().log_softmax(1).amax(1).numpy() for model in models]
    auc = [float(concept_auc(one[:, None], learnt[:, None])[0]) for one in sure]
    bounds = np.array([auc_interval(one, len(members), len(strangers)) for one in auc])
    counts = {"members": np.array(len(members)), "strangers": np.array(len(strangers))}
    return {"auc": np.array(auc), "low": bounds[:, 0], "high": bounds[:, 1], **counts}
