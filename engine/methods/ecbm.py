"""ECBM: an answer is what image, concepts and class agree on, measured by energies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.bottleneck import BOTTLENECK
from engine.methods.variant import TrainedVariant
from engine.params import param

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData
    from engine.methods.concept_labels import ConceptTargets
    from engine.methods.variant import Ground
    from engine.model.side_channels.energies import Energies
    from engine.model.snapshot import Snapshot

DIRECT, THROUGH, EMBEDDINGS = "direct_weights", "through_weights", "class_embeddings"
_RIDGE = 1e-3  # of the linear reading, relative to the mean variance of a score


@METHODS.register
@dataclass(frozen=True)
class ECBM(TrainedVariant):
    """ECBM (energies between image, concepts and class).

    Xu et al., "Energy-Based Concept Bottleneck Models", ICLR 2024. Three energies say how well an image fits a class,
    an image its concepts, and the concepts a class; the answer is the class and the concepts with the lowest sum. So a
    corrected concept moves the others and the class, and the model tells p(c | y), p(c_j | c_i) and p(y | c)
    (`engine.explain.conditionals`).

    Published: energies w . relu(u + u * e) over 512 hidden units with embeddings e of unit length for every class and
    every concept, present and absent; the backbone is trained along; loss L_xy + L_xc + L_cy, each the energy of the
    truth plus the logsumexp of minus all energies, with a fifth of the concepts flipped in a fifth of the images in
    L_cy; inference by Adam, 0.1, on relaxed concepts and class from zero until they stand for 10 steps.

    Ours: class-incremental on frozen embeddings, old classes by stand-ins. The energy between image and a concept is
    minus its linear score, so that a concept stays a direction. The projection of all concept embeddings is linear in
    the concepts and kept as one matrix. The terms of the loss then train weights of their own but for the class
    embeddings, and need no balance. Inference is a fixed number of mean-field steps (`Energies`), which minimise the
    same relaxed energy plus entropy and let gradients pass. Labels are what the data say of an image, else what is
    listed for its class; where a concept came after a class, the model's own word for it, which is not trained on. The
    head is the best linear reading of the concepts' energies; what it leaves is the side channel.

    Released code: github.com/xmed-lab/ECBM reads training weights by `int`, which turns a weight of 0.01 to 0; takes
    the concepts' halves present and absent in one order for one energy and in the other for the other; and thresholds
    concepts at 0.5 before E_cy, so that no gradient reaches a concept through it and concepts that nobody set do not
    move. Weights there: 3 : 1 : 1 (x to y, x to c, c to y) in training, 1 : 1 : 0.01 at inference.

    Claim: more accurate in classes and in whole sets of concepts than CBM, PCBM and CEM. Weaker here: 90.4 % after the
    last task on the Aviary's demo (three seeds), PCBM 89.1, but CLG-CBM 90.7; whole sets of concepts were not counted,
    and CEM is not here.
    """

    summary: ClassVar[str] = (
        "Image, concepts and class settle on what fits together best; correcting one concept moves the others."
    )

    hidden: int = param(128, low=4, high=2048, unit="units", help="Hidden units of each energy.", group=BOTTLENECK)
    direct_weight: float = param(
        1.0,
        low=0.0,
        high=10.0,
        help="Weight of the energy between image and class, which passes by the concepts; 0: concepts alone decide.",
        group=BOTTLENECK,
    )
    through_weight: float = param(
        1.0, low=0.0, high=10.0, help="Weight of the energy between concepts and class.", group=BOTTLENECK
    )
    flipped: float = param(
        0.2,
        low=0.0,
        high=1.0,
        help="Share of the images of a batch in which concepts are flipped while classes are learnt from concepts, and "
        "of the concepts flipped in each.",
        group=BOTTLENECK,
    )

    own_word: float = param(
        0.0,
        low=0.0,
        high=1.0,
        help="Share of the images of a batch whose concepts, while classes are learnt from concepts, are the model's "
        "own word instead of the labels; 0 as published. Helps where concepts alone decide (direct_weight = 0).",
        group=BOTTLENECK,
    )

    def memory_bytes(self, setup: Setup) -> int:
        """Besides the samples, concept labels of a task's images and the scores of all samples."""
        concepts = self.concepts_per_class * setup.classes
        return super().memory_bytes(setup) + 4 * 4 * setup.images * concepts

    def learn(self, data: TaskData) -> Learning:
        """Grow the energies, train them, read them linearly."""
        from engine.methods.concept_labels import RATES, image_labels
        from engine.methods.variant import training
        from engine.model.descent import descend, leaf
        from engine.rng import torch_stream

        ground = yield from self.ground(data)
        labels = image_labels(data, ground.bank)
        rates, targets = self.targets(data, ground, labels)
        weights = Trained(*leaf(*self._grown(data, ground)))
        stream = torch_stream(data.seed, "ecbm", data.task)
        objective = self._objective(ground, targets, weights, stream)
        shares = self.direct_weight, self.through_weight

        def model() -> Snapshot:
            now = weights.detached()
            memory = {DIRECT: now.direct, THROUGH: now.through, EMBEDDINGS: now.embeddings, RATES: rates}
            return replace(read_linearly(ground, data.task, now, shares), memory=memory)

        plan = self.plan(ground)
        passed = descend(weights.tensors, ground.samples.labels, objective, plan, stream)
        yield from training(passed, plan, data, model)
        return model()

    def _grown(self, data: TaskData, ground: Ground) -> tuple[Tensor, ...]:
        """Everything trained, with room for what is new: rows at their texts, the rest random as released."""
        import torch

        from engine.model.side_channels.energies import Energies
        from engine.rng import torch_stream

        stream = torch_stream(data.seed, "ecbm-start", data.task)
        seen, concepts, width = len(ground.class_ids), len(ground.bank), ground.bank.embeddings.shape[1]

        def uniform(*shape: int, within: float) -> Tensor:
            return torch.empty(shape).uniform_(-within, within, generator=stream)

        size, rows = self.hidden, ground.bank.embeddings.clone()
        offsets, through_in = torch.zeros(concepts), uniform(size, concepts, within=concepts**-0.5)
        embeddings = torch.randn(seen, size, generator=stream)
        direct_in, direct_offset = uniform(size, width, within=1.0), torch.zeros(size)
        through_offset = torch.zeros(size)
        direct, through = uniform(size, within=1.0), uniform(size, within=1.0)
        before = data.previous
        if before is not None:
            if not isinstance(before.side, Energies):
                raise self.left_by_another(data.task, "energies")
            classes, old, side = len(before.class_ids), len(before.bank), before.side
            rows[:old], offsets[:old], through_in[:, :old] = before.bottleneck, side.offsets, side.through_in
            embeddings[:classes] = self.remembered(before, EMBEDDINGS)
            direct_in, direct_offset, through_offset = side.direct_in, side.direct_offset, side.through_offset
            direct, through = self.remembered(before, DIRECT), self.remembered(before, THROUGH)
        return rows, offsets, direct_in, direct_offset, direct, through_in, through_offset, through, embeddings

    def _objective(
        self, ground: Ground, targets: ConceptTargets, weights: Trained, stream: torch.Generator
    ) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
        import torch
        from torch.nn.functional import cross_entropy

        from engine.methods.concept_labels import concept_loss

        samples = ground.samples

        def objective(rows: Tensor) -> tuple[Tensor, Tensor]:
            features, classes = samples.features[rows], samples.labels[rows]
            labels, known = targets.of(rows)
            odds = features @ weights.rows.T + weights.offsets  # [n, K]
            said = odds.detach().sigmoid()
            labelled = torch.rand(len(rows), 1, generator=stream) >= self.own_word
            given = flipped(torch.where((known > 0) & labelled, labels, said), self.flipped, stream)
            energies = weights.energies(features, given)
            direct, through = (cross_entropy(-energy, classes) for energy in energies)
            loss = direct + through + concept_loss(odds, labels, known)
            with torch.no_grad():  # progress is told of what the image alone gives, not of concepts given away
                told = sum(weights.energies(features, said))
            return loss, -torch.as_tensor(told)

        return objective


@dataclass(frozen=True, slots=True)
class Trained:
    """What is trained.

    Attributes:
        rows, offsets: of the concepts, [K, D] and [K].
        direct_in, direct_offset, direct: of E_xy, [H, D], [H] and w [H].
        through_in, through_offset, through: of E_cy, [H, K], [H] and w [H].
        embeddings: of the classes, [C, H]; taken at unit length.
    """

    rows: Tensor
    offsets: Tensor
    direct_in: Tensor
    direct_offset: Tensor
    direct: Tensor
    through_in: Tensor
    through_offset: Tensor
    through: Tensor
    embeddings: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All of them, in order."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def detached(self) -> Trained:
        """A copy as it is now."""
        return Trained(*(tensor.detach().clone() for tensor in self.tensors))

    def outs(self) -> tuple[Tensor, Tensor]:
        """w * (e_y - mean e) of E_xy and of E_cy, [C, H] each."""
        from torch.nn.functional import normalize

        unit = normalize(self.embeddings, dim=1)
        gates = unit - unit.mean(0)  # 1 + e_y, without what all classes have in common
        return self.direct * gates, self.through * gates

    def energies(self, features: Tensor, concepts: Tensor) -> tuple[Tensor, Tensor]:
        """E_xy and E_cy, [n, D] and [n, K] -> [n, C] each."""
        direct_out, through_out = self.outs()
        direct = (features @ self.direct_in.T + self.direct_offset).relu() @ direct_out.T
        return direct, (concepts @ self.through_in.T + self.through_offset).relu() @ through_out.T


def flipped(concepts: Tensor, share: float, stream: torch.Generator) -> Tensor:
    """The concepts [n, K] with a share of them turned to their opposite in a share of the rows."""
    import torch

    images = torch.rand(len(concepts), 1, generator=stream) < share
    each = torch.rand(concepts.shape, generator=stream) < share
    return torch.where(images & each, 1 - concepts, concepts)


def read_linearly(ground: Ground, task: int, trained: Trained, shares: tuple[float, float]) -> Snapshot:
    """The model of trained energies, its head fitted to what settled concepts say of the classes by least squares.

    Args:
        shares: weights of E_xy and E_cy at inference.
    """
    import torch

    from engine.device import fixed_threads

    side = _side(trained, shares, len(ground.class_ids))
    features = ground.samples.features
    with fixed_threads(1):
        scores = features @ trained.rows.T  # [M, K]
        told = -side.weights[1] * side.through(side.settled(features, scores).sigmoid())  # [M, C]
        told = (told - told.mean(1, keepdim=True)).double()  # what all classes have in common decides nothing
        mean, constant = scores.double().mean(0), told.mean(0)
        centred = scores.double() - mean
        gram = centred.T @ centred
        gram.diagonal().add_(_RIDGE * gram.trace() / len(gram) + torch.finfo(torch.float32).eps)
        head = torch.linalg.solve(gram, centred.T @ (told - constant)).T  # [C, K]
        linear, bias = head.float(), (constant - head @ mean).float()
    model = ground.snapshot(task, trained.rows, linear, bias)
    return replace(model, side=replace(side, linear=linear, constant=bias))


def _side(trained: Trained, shares: tuple[float, float], seen: int) -> Energies:
    import torch

    from engine.model.side_channels.energies import Energies

    direct_out, through_out = trained.outs()
    direct = trained.direct_in, trained.direct_offset, direct_out
    through = trained.through_in, trained.through_offset, through_out
    nothing = torch.zeros(seen, len(trained.rows)), torch.zeros(seen)
    return Energies(trained.offsets, *direct, *through, torch.tensor(shares), *nothing)
