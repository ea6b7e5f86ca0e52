"""What a continual-learning method is: a frozen set of parameters and one generator, `learn`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from engine.model.covariance_form import CovarianceForm
from engine.params import Parameters
from engine.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.model.drift import Drift
    from engine.model.snapshot import Snapshot


_FLOAT = 4  # bytes


@dataclass(frozen=True, slots=True)
class Setup:
    """What a method may ask about a run before it starts.

    Attributes:
        has_candidates: whether concept candidates exist for every class.
        classes: how many classes there are.
        tasks: how many tasks.
        width: dimension D of the embeddings.
        unknown_words: words of the class names that the backbone was never trained on, so that the names have no
            embedding (`TaskData.class_texts` is zero for them).
        no_candidates: why there are none for some class, as a clause: none listed, or in words the backbone lacks.
        images: training images of all classes, validation not counted.
        fewest: those of the class that has fewest.
        has_truth: whether the data say which concepts are true of training images.
        covariance_form: in which form covariances of classes are kept, by a method that keeps any.
    """

    has_candidates: bool
    classes: int
    tasks: int
    width: int
    unknown_words: frozenset[str] = frozenset()
    no_candidates: str = "it needs concepts for every class, and this data lists none"
    images: int = 10_000
    fewest: int = 100
    has_truth: bool = False
    covariance_form: CovarianceForm = field(default_factory=CovarianceForm)

    def covariance_bytes(self) -> int:
        """What covariances of all classes take with what samples are drawn by, in the run's form."""
        return self.covariance_form.held(self.classes, self.width) * _FLOAT

    def nameless(self) -> str | None:
        """Why class names are of no use here, in words, or None if the backbone knows them."""
        if not self.unknown_words:
            return None
        listed = ", ".join(sorted(self.unknown_words)[:5])
        return f"the backbone was never trained on words in the class names ({listed}); use one of open text"


@dataclass(frozen=True, slots=True)
class TaskData:
    """Everything a method may use to learn one task. Features are float32 and unit length.

    Labels are positions in the order in which classes are learnt: `previous.class_ids + class_ids`.

    Attributes:
        task: index of the task.
        class_ids: dataset indices of the new classes.
        features, labels: training set of the new classes, [N, D] and [N].
        val_features, val_labels: validation set of the new classes; the only data selection may look at.
        class_texts: embeddings of the new classes' names, [number of new classes, D].
        candidates: M concept candidates of the new classes (`Concept.class_id` says whose).
        previous: the model before this task, or None for the first.
        seed: the run's seed; draw from `engine.rng` streams that name a role and this task.
        earlier_features, earlier_labels: training sets of all earlier tasks; empty unless the method declares
            `sees_earlier_tasks`, because a continual learner may not look back.
        shown: whether each candidate is true of each training image, 1 or 0, [N, M]; NaN where the data do not say.
        covariance_form: as in `Setup`.
    """

    task: int
    class_ids: tuple[int, ...]
    features: Tensor
    labels: Tensor
    val_features: Tensor
    val_labels: Tensor
    class_texts: Tensor
    candidates: ConceptBank
    previous: Snapshot | None
    seed: int
    earlier_features: Tensor = field(default_factory=lambda: _nothing(0, 0))
    earlier_labels: Tensor = field(default_factory=lambda: _nothing(0).long())
    shown: Tensor = field(default_factory=lambda: _nothing(0, 0))
    covariance_form: CovarianceForm = field(default_factory=CovarianceForm)


def _nothing(*shape: int) -> Tensor:
    from torch import zeros

    return zeros(*shape)


@dataclass(frozen=True, slots=True)
class EpochProgress:
    """One finished epoch.

    Attributes:
        phase: `"search"` (concepts) or `"train"` (bottleneck and head).
        epoch, epochs: this epoch, from 1, and how many the phase has.
        loss: mean training loss of the epoch.
        train_accuracy: share of training samples (pseudo features included) predicted right during the epoch, 0..1.
        val_accuracy: accuracy on the new classes' validation set, 0..1, or None where it was not computed.
        model: makes a copy of the model as it is now, for whoever looks on, until the next epoch begins; None where
            there is none yet.
    """

    phase: str
    epoch: int
    epochs: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    model: Callable[[], Snapshot] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """Training images that a model is to forget.

    Attributes:
        features, labels: [N, D] and [N], as the model learnt them; labels are positions in `Snapshot.class_ids`.
        whole: positions of classes of which no image is left, so that the model shall not know them any more.
        val_features, val_labels: validation images of the newest task, as `TaskData` has them, without those of classes
            that go: what was chosen on them is chosen again.
    """

    features: Tensor
    labels: Tensor
    whole: tuple[int, ...] = ()
    val_features: Tensor = field(default_factory=lambda: _nothing(0, 0))
    val_labels: Tensor = field(default_factory=lambda: _nothing(0).long())


Learning = Generator[EpochProgress, None, "Snapshot"]
"""A generator of progress whose return value is the model after the task. Closing it cancels."""


FAMILIES: Mapping[str, str] = {
    "bottleneck": "Continual bottlenecks",
    "variant": "Bottleneck variants",
    "black_box": "Black boxes",
    "bound": "Bounds and plain references",
}
"""What kinds of methods there are, in the order in which people choose among them, with their titles."""
PARTS = ("Published", "Ours", "Released code", "Claim")
"""What a docstring tells of a published method, each in a paragraph that begins so."""


class Method(Parameters):
    """Base of all methods: a frozen dataclass of declared parameters, registered under its file's stem.

    The first line of a method's docstring is its title on screen; the rest cites its source, and ends with the
    paragraphs `PARTS` where the method is somebody's published one.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    """One of `FAMILIES`."""
    summary: ClassVar[str]
    """What it does, in one sentence for somebody who has not read the paper."""
    sees_earlier_tasks: ClassVar[bool] = False
    learns_concepts: ClassVar[bool] = True
    """Whether the bottleneck's rows are concepts (not prototypes or class names), so that concept metrics apply."""

    can_unlearn: ClassVar[bool] = False
    """Whether `unlearn` is exact, because the model is made of sums over images."""
    cannot_follow: ClassVar[str] = ""
    """Why `follow` cannot carry along what the method keeps, a clause for people; empty where it can."""

    def why_not(self, setup: Setup) -> str | None:
        """Why the method cannot run on this setup, in words, or None if it can."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def memory_bytes(self, setup: Setup) -> int:
        """The most it holds at once beside embeddings and model; a run that lacks it is refused at the start."""
        return 0

    def learn(self, data: TaskData) -> Learning:
        """Learn one task. The same data and seed give the same snapshot, bit for bit, on one machine."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The model before a task whose backbone is another one, with what it keeps of old classes carried along.

        Here these are the classes' means and covariances. A method that remembers more in the embedding's space, such
        as sums or embeddings, carries that too; one that can not, says why in `cannot_follow`. Rows of the bottleneck
        and weights stay: who trains them trains them on, by the new backbone's images.

        Args:
            previous: with its memory.
        """
        from dataclasses import replace

        return replace(previous, classes=drift.statistics(previous.classes))

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """The model as if it had never seen some training images, equal to rounding; for methods that `can_unlearn`.

        Args:
            model: with its memory.

        Raises:
            NotApplicable: what would be left is no model of this method.
        """
        raise TypeError(f"{type(self).__name__} does not define this")


METHODS: Registry[Method] = Registry("engine.methods", "method")
