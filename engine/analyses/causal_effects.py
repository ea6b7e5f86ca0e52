"""Real interventions on the picture: birds drawn again with one attribute changed, and what the model makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Floats, Ints
from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.data.aviary.world import AviarySplit
from engine.device import fixed_threads
from engine.errors import NotApplicable
from engine.explain import claims, effects
from engine.explain.effects import Edits
from engine.model.probabilities import softmax
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import index, number, share, whole
from engine.rng import numpy_stream
from engine.steps import Step

if TYPE_CHECKING:
    from torch import Tensor

    from engine.jobs.analyses import Result
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample

SIZES = np.array([len(attribute.values) for attribute in ATTRIBUTES])
"""How many values each attribute has, in the order of the truth's columns."""
VALUES = int(SIZES.sum())

OFFSETS = np.cumsum(SIZES) - SIZES
"""Column of the truth at which an attribute's values begin."""
_GROUP = {attribute.name: a for a, attribute in enumerate(ATTRIBUTES)}
_BIRDS = 8
"""Birds whose pictures are embedded together."""
_NO_WEIGHT = 1e-3
"""A concept whose weights are all smaller has been switched off by the penalty on weights."""
_TURN = 1  # edits of one attribute of one bird
_A = len(ATTRIBUTES)
_MEANS = {
    f"{what}{part}": form
    for what in ("shown", "removed")
    for part, form in (
        ("", number(VALUES, "C", nan=True)),
        ("_error", number(VALUES, "C", low=0.0, nan=True)),
        ("_count", whole(VALUES, high="E")),
    )
}


@ANALYSES.register
@dataclass(frozen=True)
class CausalEffects(Analysis):
    """Causal effect of every attribute.

    Test birds of all classes seen, spread evenly over the classes, each drawn once as it is and once with each of its
    13 attributes changed to another value; everything else of the picture stays (Goyal et al. 2019, CaCE, with real
    interventions instead of generated ones). About 6 ms a picture on one core.

    Result: every one of E edits (`engine.explain.effects.Edits`); mean change of evidence by value and class when birds
    got the value (`shown`) and lost it (`removed`), with `_error` and `_count`; what the weights claim for each value,
    `value_claims`, and by how many concepts that have a weight, `value_concepts`; and through which groups of concepts
    the own class's evidence moved, mean sizes, `paths`, the last column being all other concepts.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "bird": index("images", "E"),
            "label": index("C", "E"),
            "attribute": whole("E", high=_A - 1),
            "old": whole("E"),
            "new": whole("E"),
            "before": index("C", "E"),
            "after": index("C", "E"),
            "sure_before": share("E"),
            "sure_after": share("E"),
            "own": number("E"),
            "predicted": number("E"),
            "through": number("E"),
            "claimed": number("E", nan=True),
            "visible": share("E"),
            "value_claims": number(VALUES, "C", nan=True),
            "value_concepts": whole(VALUES, high="B"),
            "paths": number(_A, _A + 1, low=0.0, nan=True),
            **_MEANS,
        }
    )

    edits: int = param(
        4000,
        low=13,
        high=200_000,
        unit="pictures",
        help="How many edited pictures to draw; at least 13 for each class.",
    )
    seed: int = param(1993, low=0, high=2**31 - 1, help="Which birds, and which other values.")

    def why_not(self, lab: Lab) -> str | None:
        """Only the Aviary can draw the same bird again."""
        if lab.config.dataset == "aviary":
            return None
        return "its images are photographs: nobody can draw the same one again with one thing changed"

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """An attribute has only so many values."""
        for name in ("old", "new"):
            if (arrays[name] >= SIZES[arrays["attribute"]]).any():
                yield f"{name}: an attribute does not have so many values"

    def run(self, lab: Lab, task: int) -> Answering:
        """Some birds at a time."""
        split = _aviary(lab)
        with fixed_threads(1):  # two threads that wait for each other are slower on one picture than one
            believed = _beliefs(lab, lab.snapshot(task), lab.sample("val", task))
            birds = _chosen(lab.sample("test", task), self.edits // len(ATTRIBUTES), self.seed)
            bird, attribute, new = effects.plan(
                split.codes[birds.rows], SIZES, numpy_stream(self.seed, "causal effects, values"), _TURN
            )
            parts: list[_Part] = []
            for start in range(0, len(birds.rows), _BIRDS):
                chosen = np.flatnonzero(bird // _BIRDS == start // _BIRDS)
                yield Step(int(chosen[0]), len(bird), "drawing birds again")
                some = birds.at(np.arange(len(birds.rows))[start : start + _BIRDS])
                parts.append(_measure(lab, believed, split, some, bird[chosen] - start, attribute[chosen], new[chosen]))
        return _summary(believed, parts)


@dataclass(frozen=True)
class _Beliefs:
    """The model, and what its weights say that each value is worth."""

    snapshot: Snapshot
    groups: Ints  # [K], attribute of each concept, -1 for none
    worth: Floats  # [A, V, C]
    value_claims: Floats  # [77, C]
    value_concepts: Ints  # [77], how many concepts with weights speak of each value
    centred: Floats = field(init=False)  # [C, K]

    def __post_init__(self) -> None:
        head = _array(self.snapshot.head)
        object.__setattr__(self, "centred", head - head.mean(0))


@dataclass(frozen=True)
class _Part:
    """The edits of some birds, their changes of evidence [E, C], and the sizes of the paths [E, 14]."""

    edits: Edits
    change: Floats
    paths: Floats


def _aviary(lab: Lab) -> AviarySplit:
    split = lab.dataset.splits["test"]
    if not isinstance(split, AviarySplit):
        raise NotApplicable("causal effects", "only the Aviary can draw the same bird again", "Choose an Aviary run")
    return split


def _chosen(sample: Sample, birds: int, seed: int) -> Sample:
    """About `birds` images, the same number of every class and at least one."""
    labels = sample.labels.numpy()
    classes = int(labels.max()) + 1
    each = max(1, round(birds / classes))
    picks = [
        numpy_stream(seed, "causal effects, birds", c).permutation(np.flatnonzero(labels == c))[:each]
        for c in range(classes)
    ]
    return sample.at(np.concatenate(picks))


def _beliefs(lab: Lab, snapshot: Snapshot, val: Sample) -> _Beliefs:
    """Read off weights and scores of validation images, without any intervention."""
    scores, head = _array(snapshot.from_features(val.features).scores), _array(snapshot.head)
    concepts = snapshot.bank.concepts
    groups = np.array([_GROUP.get(c.group, -1) if c.truth is not None else -1 for c in concepts], np.int64)
    columns = np.array([-1 if c.truth is None else c.truth for c in concepts], np.int64)
    train = lab.dataset.splits["train"]
    assert isinstance(train, AviarySplit)
    parts = claims.group_evidence(scores, head, groups, len(ATTRIBUTES))
    spreads = claims.spread(scores, train.truth[val.rows], columns)
    return _Beliefs(
        snapshot,
        groups,
        claims.worth(parts, train.codes[val.rows], SIZES),
        claims.claims_of_values(head, spreads, columns, VALUES),
        np.bincount(columns[(columns >= 0) & (np.abs(head).max(0) > _NO_WEIGHT)], minlength=VALUES),
    )


def _measure(
    lab: Lab, believed: _Beliefs, split: AviarySplit, birds: Sample, bird: Ints, attribute: Ints, new: Ints
) -> _Part:
    """Draw, embed and compare: the edits of a few birds, `bird` counting among them."""
    originals = [split.birds(int(row)) for row in birds.rows]
    edited = [_edited(originals[b], int(a), int(v)) for b, a, v in zip(bird, attribute, new, strict=True)]
    images = np.stack([render(one, lab.image_size) for one in (*originals, *edited)])
    out = believed.snapshot.from_features(lab.embed(images, believed.snapshot.task))
    scores, logits = _array(out.scores), _array(out.logits)
    n = len(originals)
    moved, change = scores[n:] - scores[:n][bird], effects.evidence(logits[n:]) - effects.evidence(logits[:n])[bird]
    label = birds.labels.numpy()[bird]
    paths = _paths(believed, moved, label)
    old = split.codes[birds.rows][bird, attribute]
    sure, rows = softmax(logits), np.arange(len(bird))
    before, after = logits[:n].argmax(1)[bird], logits[n:].argmax(1)
    table = Edits(
        bird=birds.rows[bird],
        label=label,
        attribute=attribute,
        old=old,
        new=new,
        before=before,
        after=after,
        sure_before=sure[:n].max(1)[bird],
        sure_after=sure[n:].max(1),
        own=change[rows, label],
        predicted=change[rows, before],
        through=paths[rows, attribute],
        claimed=believed.worth[attribute, new, label] - believed.worth[attribute, old, label],
        visible=np.array([effects.visible_change(images[b], image) for b, image in zip(bird, images[n:], strict=True)]),
    )
    return _Part(table, change, paths)


def _edited(bird: Bird, attribute: int, code: int) -> Bird:
    return replace(bird, values=(*bird.values[:attribute], code, *bird.values[attribute + 1 :]))


def _paths(believed: _Beliefs, moved: Floats, label: Ints) -> Floats:
    """How much of the own class's evidence moved through each group of concepts, [E, 13 + the rest], signed."""
    parts = believed.centred[label] * moved  # [E, K]
    groups = np.where(believed.groups < 0, len(ATTRIBUTES), believed.groups)
    return effects.grouped(parts.T, groups, len(ATTRIBUTES) + 1).total.T


def _summary(believed: _Beliefs, parts: list[_Part]) -> Result:
    tables = [part.edits.to_arrays() for part in parts]
    columns = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    edits, change = Edits.from_arrays(columns), np.concatenate([part.change for part in parts])
    sizes = np.abs(np.concatenate([part.paths for part in parts]))
    found: dict[str, npt.NDArray[np.generic]] = {
        **edits.to_arrays(),
        "value_claims": believed.value_claims,
        "value_concepts": believed.value_concepts,
        "paths": effects.grouped(sizes, edits.attribute, len(ATTRIBUTES)).mean,
    }
    for name, codes in (("shown", edits.new), ("removed", edits.old)):
        means = effects.grouped(change, OFFSETS[edits.attribute] + codes, VALUES)
        found |= {name: means.mean, f"{name}_error": means.error, f"{name}_count": means.count}
    return found


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().cpu().double().numpy()
    return array
