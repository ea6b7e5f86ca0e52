"""IBCL: a Gaussian head for each task; any preference among tasks mixes them into a model without training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import METHODS
from engine.methods.probe import (
    FLOAT,
    TRAINING,
    TrainedBlackBox,
    carried,
    old_classes,
    one_task,
    progress,
    schedule_of,
    training,
    validation,
    with_answer,
)
from engine.params import param, redeclared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData
    from engine.model.snapshot import Snapshot

WIDTHS = (0.25, 0.3, 0.35)
"""Standard deviations of the three priors, as in the released code, before they are scaled."""
HEADS = "heads"
_START = 0.1  # share of the prior's spread at which a new row starts, so that its mean is learnt before its spread
PREFERENCE = "Preference"


@dataclass(frozen=True)
class _Posterior:
    """Independent Gaussians over the weights of the three heads, means and spreads of [3, C, D + 1] each."""

    means: Tensor
    spreads: Tensor


@METHODS.register
@dataclass(frozen=True)
class IBCL(TrainedBlackBox):
    """IBCL (a preference among tasks, without training).

    Lu et al., "IBCL: Zero-shot Model Generation under Stability-Plasticity Trade-offs", 2023, arXiv 2305.14782. After
    each task there is a Gaussian over the weights of a linear classifier, fitted by variational inference with the
    Gaussian of the task before as its prior, three times over from priors of three widths. Somebody says how much each
    task counts; the classifier for that is the tasks' Gaussians mixed in these shares, ready at once. The analysis
    `preference_front` shows what each preference buys.

    Published: binary tasks that share one small head on frozen embeddings, 10 epochs, priors 0.25, 0.3 and 0.35 wide;
    models are drawn from the region of highest density of the mixture; a new Gaussian near an old one is not stored.

    Ours: all classes seen compete in one softmax, so that a head has rows for the classes known after its task, and
    those of later classes at the prior's mean, 0. The prior's widths are scaled up (`width`), because embeddings have
    unit length here. The answer is the mixture's mean, no draw from a region around it. Every task's mean is stored.
    Preference, width and step size were chosen on validation images of the demo (one seed).

    Released code: draws one random number for a whole tensor of weights, so that its models lie on a line; in its other
    script the two quantiles of the region are exchanged. Neither is here, as nothing is drawn.

    Claim: each preference gets its Pareto-optimal model, at least as accurate as models that are trained for it. Not
    seen here: 74.7 % after the last task on the Aviary's demo (three seeds), replay 87.8; models trained for a
    preference were not compared.
    """

    summary: ClassVar[str] = "A linear classifier for each task; how much old and new count is set without training."

    newest: float = param(
        0.3,
        low=0.0,
        high=1.0,
        help="The preference the model answers by: how much the newest task counts; the earlier ones share the rest.",
        group=PREFERENCE,
    )
    width: float = param(
        10.0, low=0.1, high=1000.0, help="What the widths of the three priors are multiplied with.", group=TRAINING
    )
    learning_rate: float = redeclared(TrainedBlackBox, "learning_rate", 0.05)

    def why_not(self, setup: Setup) -> str | None:
        """Nobody can prefer among one task."""
        return one_task(setup, "there is nothing to choose between")

    def memory_bytes(self, setup: Setup) -> int:
        """The heads of all tasks, and of the newest three means and spreads with gradients and moments."""
        return (2 * setup.tasks + 8 * len(WIDTHS)) * setup.classes * (setup.width + 1) * FLOAT

    def learn(self, data: TaskData) -> Learning:
        """Fit the task's Gaussians, and mix all tasks' by the declared preference."""
        import torch
        from torch.nn.functional import softplus

        from engine.device import fixed_threads
        from engine.methods.prototypes import classifier
        from engine.model.linear_probe import shuffled
        from engine.model.probe_objectives import VariationalObjective
        from engine.rng import torch_stream

        prior, seen = self._prior(data), old_classes(data) + len(data.class_ids)
        with fixed_threads(1):
            blank = classifier(data, torch.zeros(seen, data.features.shape[1]), torch.zeros(seen))
        stream = torch_stream(data.seed, "variational", data.task)
        objective = VariationalObjective(prior.means, prior.spreads, len(data.labels), stream)
        epochs = shuffled(training(data), self.batch_size, data.seed, data.task)
        schedule = schedule_of(self.epochs, self.learning_rate, self.batch_size, self.check_every)

        def answered(parameters: Sequence[Tensor]) -> Snapshot:
            with fixed_threads(1):
                return preferring(replace(blank, memory=self._heads(data, parameters)), self.newest)

        start = self._start(prior, old_classes(data))
        trained = yield from progress(start, objective, epochs, validation(data), schedule, answered)
        model = answered(trained)
        last = {"posterior_means": trained[0], "posterior_spreads": softplus(trained[1])}
        return replace(model, memory={**model.memory, **last})

    def _prior(self, data: TaskData) -> _Posterior:
        """What is believed of the weights before the task: new rows lie around 0."""
        import torch

        new, width = len(data.class_ids), data.features.shape[1] + 1
        spread = torch.tensor(WIDTHS)[:, None, None] * self.width
        fresh = _Posterior(torch.zeros(len(WIDTHS), new, width), spread.expand(-1, new, width).clone())
        if data.previous is None:
            return fresh
        shape = len(WIDTHS), old_classes(data), width
        means, spreads = carried(data, "posterior_means", *shape), carried(data, "posterior_spreads", *shape)
        return _Posterior(torch.cat([means, fresh.means], 1), torch.cat([spreads, fresh.spreads], 1))

    def _start(self, prior: _Posterior, old: int) -> list[Tensor]:
        """mu and rho: old rows at the prior, new rows narrower."""
        spreads = prior.spreads.clone()
        spreads[:, old:] *= _START
        return [prior.means, spreads + (-(-spreads).expm1()).log()]  # the inverse of softplus

    def _heads(self, data: TaskData, parameters: Sequence[Tensor]) -> Mapping[str, Tensor]:
        """Means [T, C, D + 1] of all tasks' heads, rows of classes that came later at 0."""
        import torch

        mean = parameters[0].mean(0)[None]
        if data.previous is None:
            return {HEADS: mean}
        before = carried(data, HEADS, data.task, old_classes(data), data.features.shape[1] + 1)
        later = before.new_zeros(len(before), mean.shape[1] - before.shape[1], before.shape[2])
        return {HEADS: torch.cat([torch.cat([before, later], 1), mean])}


def preference(tasks: int, newest: float) -> Tensor:
    """How much each of `tasks` counts, [tasks], summing to 1: the newest `newest`, the others share the rest alike."""
    import torch

    if tasks == 1:
        return torch.ones(1)
    return torch.tensor([(1 - newest) / (tasks - 1)] * (tasks - 1) + [newest])


def preferring(model: Snapshot, newest: float) -> Snapshot:
    """The model for another preference, without training.

    Args:
        model: with its memory.
        newest: how much the newest task counts, 0..1; the earlier ones share the rest.

    Raises:
        NotApplicable: the model has no heads to mix.
    """
    import torch

    if HEADS not in model.memory:
        problem = "it keeps no head for each task, as only the method ibcl does"
        raise NotApplicable(f"the model after task {model.task + 1}", problem, "Choose a run of that method")
    heads = model.memory[HEADS]
    mixed = torch.einsum("t,tcd->cd", preference(len(heads), newest), heads)
    return with_answer(model, [mixed[:, :-1].contiguous(), mixed[:, -1].contiguous()])
