"""CONCIL: both layers of the bottleneck by ridge regression, from sums over images that are kept of every class."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import METHODS
from engine.methods.choosing import ConceptMethod
from engine.params import param, redeclared

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.model.drift import Drift
    from engine.model.snapshot import Snapshot

RIDGE = "Ridge"
_BYTES = 8  # of a float64


@METHODS.register
@dataclass(frozen=True)
class CONCIL(ConceptMethod):
    """CONCIL (analytic bottleneck).

    Lai et al., "Learning New Concepts, Remembering the Old: Continual Learning for Multimodal Concept Bottleneck
    Models", ACM MM 2025. Ridge regression from embeddings to concepts and from concept scores to classes, both in
    closed form: nothing is trained, and after each task the model is the one that all images together would give.

    Published: features and concept scores each pass a random expansion with relu (25,000 wide for CUB) before their
    regression; ridge 500 for concepts and 1 for classes (CUB), both updated recursively, image by image.

    Ours: no expansion before the concepts, so that a concept stays a direction in the embedding space with a map of its
    own (what expansion buys is seen at ACIL); nor after them, so that a class is a weighing of concepts. Labels are of
    classes: a concept is true of all images of the classes that list its text. Kept are the sums of [x, 1] and their
    products, over all images and class by class: whatever the concepts, both regressions follow from them, so that the
    model equals joint ridge to rounding also when a concept arrives that an old class had listed too. No intercept is
    penalised. All listed concepts are taken (`search` none): then images can be unlearnt exactly, as none had a say in
    which concepts there are.

    Released code: concepts never arrive (`conecpt_ratio` is set to 1), and an old image would count as 0 for a new one;
    each batch of the first phase is fitted twice to the concepts; the class layer keeps what the concept layer of each
    phase said then, so that it equals joint ridge only while the concept layer stands still; the first backbone is
    trained on the first phase.

    Claim: no forgetting, equal to joint training, and more accurate than bottlenecks trained by gradients. Held as to
    joint training, which it equals to 1e-6. Not seen here as to the rest: 89.9 % after the last task on the Aviary's
    demo (three seeds), CLG-CBM 90.7, and its concepts are told worse (AUC 0.83 and 0.996). As labels are of classes,
    the scores of all concepts are mixtures of no more numbers than there are classes, whatever the concepts mean: with
    random words it answers as well.
    """

    family: ClassVar[str] = "bottleneck"
    summary: ClassVar[str] = (
        "Solves concepts and classes by ridge regression from sums over all images: equals joint training, can unlearn."
    )
    can_unlearn: ClassVar[bool] = True

    search: str = redeclared(ConceptMethod, "search", "none")
    concept_ridge: float = param(
        0.1, low=1e-6, high=1e6, help="Ridge of the regression from embeddings to concepts.", group=RIDGE
    )
    class_ridge: float = param(
        1.0, low=1e-6, high=1e6, help="Ridge of the regression from concept scores to classes.", group=RIDGE
    )

    def memory_bytes(self, setup: Setup) -> int:
        """Both systems of equations and their solutions."""
        concepts = self.concepts_per_class * setup.classes
        width = setup.width + 1
        return 4 * _BYTES * (width * width + concepts * concepts + (width + concepts) * setup.classes)

    def learn(self, data: TaskData) -> Learning:
        """Choose the task's concepts, add the task's images to the sums, solve."""
        from engine.device import fixed_threads
        from engine.methods.prototypes import measured
        from engine.model.snapshot import Snapshot

        chosen = yield from self.choose(data)
        bank = data.previous.bank.extended(chosen) if data.previous else chosen
        class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids
        with fixed_threads(1):
            classes = self._classes(data)
            memory = _added(data)
            solved = self._solved(bank, memory)
        model = Snapshot(data.task, class_ids, bank, *solved, classes, memory=memory)
        yield measured(model, data)
        return model

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The sums as well."""
        from engine.methods.moments import followed

        return dataclasses.replace(super().follow(previous, drift), memory=followed(previous.memory, drift))

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """Take images from the sums and solve again; classes of `gone.whole` go, and the concepts only they listed."""
        import torch

        from engine.device import fixed_threads
        from engine.methods.moments import kept_places, remembered

        if self.search != "none":
            problem = f"these images had a say in which concepts there are (search = {self.search})"
            raise NotApplicable("what is to be unlearnt", problem, "Train with search = none")
        kept = torch.tensor(kept_places(len(model.class_ids), gone.whole))
        ids = tuple(model.class_ids[place] for place in kept.tolist())
        with fixed_threads(1):
            memory = _removed(model.memory, gone)
            bank = _left(model.bank, memory, ids, self.share_concepts)
            solved = self._solved(bank, memory)
            means = remembered(memory).means.float()
        classes = dataclasses.replace(
            model.classes,
            means=means,
            covariances=model.classes.covariances.select(kept),
            texts=model.classes.texts[kept],
        )
        bottleneck, head, bias = solved
        return dataclasses.replace(
            model, class_ids=ids, bank=bank, bottleneck=bottleneck, head=head, bias=bias, classes=classes, memory=memory
        )

    def _solved(self, bank: ConceptBank, memory: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Rows [K, D], head [C, K] and bias [C] of these concepts from the sums, float32."""
        import torch

        products, sums = _with_ones(memory)
        labels = _listed(bank, memory).double()  # [C, K]
        concepts = _ridge(products, sums.T @ labels, self.concept_ridge)  # [D + 1, K]
        one = torch.zeros(len(products), 1, dtype=products.dtype)
        one[-1] = 1
        scored = torch.cat([concepts, one], 1)  # [D + 1, K + 1]: from [x, 1] to [scores, 1]
        heads = _ridge(scored.T @ products @ scored, scored.T @ sums.T, self.class_ridge)  # [K + 1, C]
        head = heads[:-1].T
        # A concept is its direction; what the regression adds to its score is the same for all images: the bias's.
        bias = heads[-1] + head @ concepts[-1]
        return concepts[:-1].T.float().contiguous(), head.float().contiguous(), bias.float()


def _ridge(products: Tensor, right: Tensor, strength: float) -> Tensor:
    """Coefficients [n, m] of a ridge regression whose last input is 1 and goes without penalty."""
    import torch

    penalty = torch.full((len(products),), strength, dtype=products.dtype)
    penalty[-1] = 0
    return torch.cholesky_solve(right, torch.linalg.cholesky(products + torch.diag(penalty)))


def _with_ones(memory: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The sum of the products of [x, 1] with itself, [D + 1, D + 1], and that of [x, 1] class by class, [C, D + 1]."""
    import torch

    from engine.methods.moments import remembered

    moments = remembered(memory)
    sums = torch.cat([moments.sums, moments.counts[:, None].double()], 1)
    whole = sums.sum(0)  # [D + 1]
    return torch.cat([torch.cat([moments.squares, whole[:-1, None]], 1), whole[None]]), sums


def _digest(text: str) -> int:
    """A text as a number: which texts a class listed must outlast its task, and a memory holds numbers only."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def _added(data: TaskData) -> dict[str, Tensor]:
    """The memory with the task's images and the texts listed for its classes."""
    import torch

    from engine.methods.moments import Moments, remembered

    first = len(data.previous.class_ids) if data.previous else 0
    place = {class_id: first + at for at, class_id in enumerate(data.class_ids)}
    concepts = data.candidates.concepts
    new = {
        "listed": torch.tensor([_digest(concept.text) for concept in concepts]),
        "owners": torch.tensor([place[concept.class_id] for concept in concepts]),
        "arrived": torch.full((len(concepts),), data.task),
    }
    moments = Moments.of(data.features, data.labels, first + len(data.class_ids))
    if not data.previous:
        return {**moments.named(), **new}
    before = data.previous.memory
    joined = {name: torch.cat([before[name], values]) for name, values in new.items()}
    return {**remembered(before).plus(moments).named(), **joined}


def _removed(memory: Mapping[str, Tensor], gone: Unlearnt) -> dict[str, Tensor]:
    """The memory without these images and classes.

    Raises:
        NotApplicable: it remembers nothing, or the images are not those of classes that go or stay as said.
    """
    import torch

    from engine.methods.moments import remembered, taken

    known = remembered(memory)
    left = known.less(taken(gone, len(known.counts)), gone.whole)
    keep = torch.tensor([place not in gone.whole for place in range(len(known.counts))])
    own = keep[memory["owners"]]
    texts = {name: memory[name][own] for name in ("listed", "owners", "arrived")}
    return {**left.named(), **texts, "owners": (keep.cumsum(0) - 1)[texts["owners"]]}


def _listed(bank: ConceptBank, memory: Mapping[str, Tensor]) -> Tensor:
    """Which concepts each class listed, at whatever time, bool [C, K]."""
    import torch

    texts = torch.tensor([_digest(concept.text) for concept in bank.concepts])
    found = memory["listed"][:, None] == texts  # [M, K]
    counts = torch.zeros(len(memory["sums"]), len(bank), dtype=torch.int64)
    return counts.index_add_(0, memory["owners"], found.long()) > 0


def _left(bank: ConceptBank, memory: Mapping[str, Tensor], class_ids: Sequence[int], shared: bool) -> ConceptBank:
    """The concepts that some class left lists, as if they alone had brought them: in their order, each the first's.

    Args:
        shared: whether a text is taken once, and not once a task.

    Raises:
        NotApplicable: there are none.
    """
    row = {(_digest(c.text), 0 if shared else c.task): place for place, c in enumerate(bank.concepts)}
    first: dict[int, tuple[int, int]] = {}  # row of the bank to class and task
    entries = zip(*(memory[name].tolist() for name in ("listed", "owners", "arrived")), strict=True)
    for digest, owner, task in entries:
        place = row.get((digest, 0 if shared else task))
        if place is not None:
            first.setdefault(place, (class_ids[owner], task))
    if not first:
        raise NotApplicable("what is to be unlearnt", "no class that is left lists a concept", "Leave more classes")
    chosen = bank.select(list(first))
    brought = zip(chosen.concepts, first.values(), strict=True)
    concepts = tuple(dataclasses.replace(concept, class_id=own, task=task) for concept, (own, task) in brought)
    return dataclasses.replace(chosen, concepts=concepts)
