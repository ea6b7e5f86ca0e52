"""A model's answers as rules about its concepts, and how far the rules hold what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Bools, Floats, Ints
from engine.data.streams import VAL
from engine.explain.rules import (
    EXCEPTIONS,
    LITERALS,
    SILENT,
    Binarised,
    ConceptRule,
    answered,
    default_rules,
    logic,
    thresholds,
    told,
)
from engine.interventions.evidence import ANSWERS, Evidence
from engine.methods.base import METHODS
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import flag, index, number, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample

KINDS = ("answers", "weights")
"""What rules come from: learnt from the model's answers, or read off its weights (see `engine.explain.rules`)."""
NOTHING = -1
"""In place of a concept where a rule has no more."""
_IN_EXCEPTION = LITERALS - 1


@ANALYSES.register
@dataclass(frozen=True)
class Rules(Analysis):
    """Rules that say what the model says.

    Two sets of rules about concepts that are present or absent (see `engine.explain.rules`), held against the model's
    answers to the validation images, on which their length was chosen, and to every test split. Present is a score
    above a threshold chosen on validation images: by the truth where the data know it, else where the scores part best.

    Result, for R rules:
        split: validation first.
        kind, position: where each rule comes from, and its class in the order of learning.
        literals, negated, exceptions: the concepts of its condition, whether each must be absent, and the concepts of
            its exceptions, all of which must be present; -1 where there are no more.
        speaks, agrees: about how many images it speaks, and how many of these the model takes for its class.
        answers, images: images that the model takes for each class, and all of them.
        spoken, followed: about how many images any rule of a kind speaks, and of how many they together say what the
            model says: of default rules the one with the highest fidelity on validation images, of the others the class
            with Goedel's largest value.
        thresholds: the score above which a concept is present.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("V", among="with val", exact=True),
            "kind": text("R", among=KINDS),
            "position": index("C", "R"),
            "literals": index("K", "R", LITERALS, none=True),
            "negated": flag("R", LITERALS),
            "exceptions": index("K", "R", EXCEPTIONS, _IN_EXCEPTION, none=True),
            "speaks": whole("R", "V"),
            "agrees": whole("R", "V"),
            "answers": whole("C", "V"),
            "images": whole("V"),
            "spoken": whole(len(KINDS), "V"),
            "followed": whole(len(KINDS), "V"),
            "thresholds": number("K"),
        },
        free={"R": (0, 2**31 - 1)},
    )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What rules are learnt from."""
        return (ANSWERS,)

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts."""
        if METHODS.get(lab.config.method).learns_concepts:
            return None
        return "its method learns no concepts, and rules are about concepts"

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """No part is larger than its whole."""
        for part, every in (("agrees", "speaks"), ("followed", "spoken")):
            if (arrays[part] > arrays[every]).any():
                yield f"{part}: more than {every}"
        for part in ("speaks", "spoken", "answers"):
            if (arrays[part] > arrays["images"]).any():
                yield f"{part}: more than there are images"

    def run(self, lab: Lab, task: int) -> Answering:
        """Learn, and judge on every split."""
        model = lab.snapshot(task)
        yield Step(0, 3, "reading the embeddings")
        limits = _limits(lab, model)
        learnt = _seen(model, lab.train(task), limits)
        judged = [_seen(model, lab.sample(split, task), limits) for split in lab.splits]
        yield Step(1, 3, "reading rules off the weights")
        means = (model.classes.means.double() @ model.bottleneck.double().T).numpy()
        read = logic(model.head.double().numpy(), means, learnt, judged[0])
        yield Step(2, 3, "learning rules from the answers")
        grown = default_rules(learnt, judged[0], len(model.class_ids))
        rules = [*grown, *read.rules()]
        trust = _fidelity(grown, judged[0])
        said = [(answered(grown, trust, seen.present), read.answered(seen.present)) for seen in judged]
        counts = [told(rules, seen) for seen in judged]
        answers = [np.bincount(seen.answers, minlength=len(model.class_ids)) for seen in judged]
        return {
            "split": np.array(lab.splits, np.str_),
            "kind": np.array([KINDS[0]] * len(grown) + [KINDS[1]] * (len(rules) - len(grown)), "U7"),
            **_packed(rules),
            "speaks": np.stack([speaks for speaks, _ in counts], axis=1),
            "agrees": np.stack([agrees for _, agrees in counts], axis=1),
            "answers": np.stack(answers, axis=1),
            "images": np.array([len(seen.answers) for seen in judged], np.int64),
            "spoken": _counted([[which != SILENT for which in kinds] for kinds in said]),
            "followed": _counted(
                [[which == seen.answers for which in kinds] for kinds, seen in zip(said, judged, strict=True)]
            ),
            "thresholds": limits,
        }


def _limits(lab: Lab, model: Snapshot) -> Floats:
    """The threshold of every concept, [K]."""
    from engine.metrics.concepts import best_thresholds

    sample = lab.sample(VAL, model.task)
    scores = model.from_features(sample.features).scores.double().numpy()
    truth, known = lab.truth(VAL, sample.rows, model.bank)
    both = known & truth.any(0) & ~truth.all(0)  # where all images agree there is nothing to choose by
    return np.where(both, best_thresholds(scores, truth), thresholds(scores))


def _seen(model: Snapshot, sample: Sample, limits: Floats) -> Binarised:
    out = model.from_features(sample.features)
    return Binarised(out.scores.double().numpy() > limits, np.asarray(out.logits.argmax(1).numpy(), np.int64))


def _fidelity(rules: Sequence[ConceptRule], seen: Binarised) -> Floats:
    speaks, agrees = told(rules, seen)
    return np.asarray((agrees + 1) / (speaks + 2))  # Laplace's: a rule that spoke once is trusted little


def _packed(rules: Sequence[ConceptRule]) -> dict[str, Ints | Bools]:
    """The rules as arrays; empty places hold `NOTHING`."""
    literals = np.full((len(rules), LITERALS), NOTHING, np.int64)
    negated = np.zeros(literals.shape, np.bool_)
    exceptions = np.full((len(rules), EXCEPTIONS, _IN_EXCEPTION), NOTHING, np.int64)
    for r, rule in enumerate(rules):
        for place, literal in enumerate(rule.literals):
            literals[r, place], negated[r, place] = literal.concept, literal.negated
        for place, exception in enumerate(rule.exceptions):
            exceptions[r, place, : len(exception)] = [literal.concept for literal in exception]
    position = np.array([rule.position for rule in rules], np.int64)
    return {"position": position, "literals": literals, "negated": negated, "exceptions": exceptions}


def _counted(masks: Sequence[Sequence[Bools]]) -> Ints:
    """Images by kind and split, [kinds, V], of masks by split and kind."""
    return np.array([[int(mask.sum()) for mask in kinds] for kinds in masks], np.int64).T
