"""A model's answers as rules about concepts that are present or absent, and how far the rules hold what they say.

A rule reads "if red crown and not long tail, unless spotted breast: cardinal". It does not decide anything: it is held
against the model's own answers, right or wrong. *Fidelity* is the share of the pictures it speaks about that the model
takes for the rule's class, *coverage* the share of all pictures that it speaks about. What the model takes from its
scores beyond present and absent, and what reaches its answer past the concepts, no such rule can say: then fidelity
is low, and that is what it is there to show.

Two kinds, which answer different questions:

*Conjunctions* (Med-MICN: Hu et al., NeurIPS 2024) are read off the weights. Each class has a sign and a relevance r of
every concept; by Goedel's logic its value is min over k of max(1 - r_k, [sign_k iff concept k present]), and the class
of the largest value is the answer. A value above 1/2 means that every concept with r >= 1/2 is as its sign says, so
these make the rule "c1 and not c2: class". There, small networks give sign and relevance, and in the released code the
rules are not what decides; here the sign is the weight's, and the relevance grows with what the concept does for the
class, w_ck (m_ck - m_k) (see `engine.explain.wording`).

*Default rules* (FOLD-SE: Wang and Gupta, 2022) are learnt from the answers, class by class: literals are added by Gini
impurity until few other pictures are left, and those become exceptions, learnt the same way with the roles exchanged;
what is not covered yet may get another rule. There, a literal has a threshold of its own; here every concept has one,
so that "present" means the same in every rule.

Arrays only: no torch, no images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Bools, Floats, Ints

SILENT = -1
"""In place of a class where no rule speaks."""
LITERALS = 3
"""Concepts in a rule at most, and in an exception."""
EXCEPTIONS = 2
"""Exceptions of a rule at most."""
RULES = 2
"""Default rules of a class at most."""
_RATIO = 0.1
"""A rule is long enough when it leaves so many other pictures for each of its own."""
_TAIL = 0.1
"""A further rule must speak about this share of the class's pictures."""
_BETA = 0.5
"""In the F-measure by which a rule's length is chosen, fidelity weighs twice what reach does."""


@dataclass(frozen=True, slots=True)
class Literal:
    """That a concept is present, or absent."""

    concept: int
    negated: bool = False


Conjunction = tuple[Literal, ...]
"""Literals that must all hold."""


@dataclass(frozen=True, slots=True)
class ConceptRule:
    """If all literals hold, and none of the exceptions does, the model takes the picture for a class.

    Attributes:
        position: of the class, in the order of learning.
        literals: at least one.
        exceptions: each a conjunction; none for a rule that is read off the weights.
    """

    position: int
    literals: Conjunction
    exceptions: tuple[Conjunction, ...] = ()

    def speaks(self, present: Bools) -> Bools:
        """About which pictures it says something, [N], given which concepts are present, [N, K]."""
        found = _holds(self.literals, present)
        for exception in self.exceptions:
            found &= ~_holds(exception, present)
        return found


@dataclass(frozen=True, slots=True)
class Binarised:
    """What a model says of some pictures.

    Attributes:
        present: which concepts it finds present, [N, K].
        answers: which class it takes each for, [N].
    """

    present: Bools
    answers: Ints


# -- present or absent -------------------------------------------------------------------------------------------------


def thresholds(scores: Floats) -> Floats:
    """The score above which each concept counts as present where nobody knows, [K]: Otsu's (1979), which parts the
    scores into the two groups that lie furthest apart for their size.

    Args:
        scores: [N, K], on validation pictures.
    """
    ordered = np.sort(np.asarray(scores, np.float64), axis=0)
    count = len(ordered)
    if count < 2:
        return np.asarray(ordered[0])
    below = np.arange(1, count)[:, None]  # how many lie below each cut
    sums = ordered.cumsum(0)
    gap = (sums[-1] - sums[:-1]) / (count - below) - sums[:-1] / below  # [N-1, K], between the two groups' means
    at = (below * (count - below) * gap**2).argmax(0)[None]
    low, high = (np.take_along_axis(ordered, at + step, 0)[0] for step in (0, 1))
    return np.asarray((low + high) / 2)


# -- read off the weights ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logic:
    """Sign and relevance of every concept for every class.

    Attributes:
        relevance: [C, K], 0..1.
        positive: [C, K], whether the concept speaks for the class by being present.
    """

    relevance: Floats
    positive: Bools

    def values(self, present: Bools) -> Floats:
        """Goedel's value of every class, [N, C] in 0..1: one less the relevance of the most relevant mismatch."""
        found = np.empty((len(present), len(self.relevance)))
        for c, (relevance, positive) in enumerate(zip(self.relevance, self.positive, strict=True)):
            used = np.flatnonzero(relevance)
            wrong = present[:, used] != positive[used]  # [N, used]
            found[:, c] = 1 - (wrong * relevance[used]).max(1, initial=0.0)
        return found

    def answered(self, present: Bools) -> Ints:
        """The class of the largest value, [N], or `SILENT` where none is above 1/2."""
        values = self.values(present)
        return np.where(values.max(1) > 1 / 2, values.argmax(1), SILENT)

    def rules(self) -> list[ConceptRule]:
        """What each class's value above 1/2 means; none for a class that no concept is relevant enough for."""
        named = [np.flatnonzero(row >= 1 / 2) for row in self.relevance]
        return [
            ConceptRule(
                c,
                tuple(
                    Literal(k, not self.positive[c, k]) for k in sorted(which.tolist(), key=lambda k: self._order(c, k))
                ),
            )
            for c, which in enumerate(named)
            if len(which)
        ]

    def _order(self, c: int, k: int) -> tuple[bool, float]:
        """In the order of reading: what the class has before what it lacks, the most relevant first."""
        return not self.positive[c, k], -float(self.relevance[c, k])


def logic(head: Floats, means: Floats, learnt: Binarised, chosen: Binarised, most: int = LITERALS) -> Logic:
    """Read sign and relevance off the weights; how many concepts make a class's rule is chosen on validation pictures.

    A concept is relevant for a class by w_ck (m_ck - m_k), if that is above 0 and the sign holds for most pictures that
    the model takes for the class.

    Args:
        head: [C, K].
        means: mean score of each concept on each class, [C, K].
        learnt: training pictures.
        chosen: validation pictures.
    """
    gains, positive = head * (means - means.mean(0)), head > 0  # [C, K]
    relevance = np.zeros(gains.shape)
    for c in range(len(head)):
        own = learnt.present[learnt.answers == c]  # [n, K]
        typical = (own == positive[c]).mean(0) > 1 / 2 if len(own) else np.zeros(gains.shape[1], np.bool_)
        order = [int(k) for k in np.argsort(-gains[c], kind="stable") if gains[c, k] > 0 and typical[k]]
        if not order:
            continue
        rules = [
            ConceptRule(c, tuple(Literal(k, not positive[c, k]) for k in order[:length]))
            for length in range(1, min(most, len(order)) + 1)
        ]
        length = len(_best(rules, chosen).literals)
        relevance[c, order] = (gains[c, order] / (2 * gains[c, order[length - 1]])).clip(0, 1)
        relevance[c, order[length:]] = np.minimum(relevance[c, order[length:]], np.nextafter(0.5, 0))  # equal gains
    return Logic(relevance, positive)


# -- learnt from the answers -------------------------------------------------------------------------------------------


def default_rules(learnt: Binarised, chosen: Binarised, classes: int, most: int = LITERALS) -> list[ConceptRule]:
    """Default rules with exceptions for every class, grown on training pictures and cut on validation pictures."""
    holds = np.hstack([learnt.present, ~learnt.present]).astype(np.float32)  # [N, 2K], every literal
    return [rule for c in range(classes) for rule in _of_class(holds, learnt, chosen, c, most)]


def _of_class(holds: Floats, learnt: Binarised, chosen: Binarised, position: int, most: int) -> list[ConceptRule]:
    own, others = learnt.answers == position, learnt.answers != position
    left, found = own.copy(), list[ConceptRule]()
    while len(found) < RULES and left.sum() > _TAIL * own.sum():
        literals = _grown(holds, left, others, most, learnt.present.shape[1])
        if not literals:
            break
        rule = _cut(ConceptRule(position, literals), holds, learnt, own, chosen)
        covered = rule.speaks(learnt.present)
        if (covered & left).sum() <= _TAIL * own.sum() or (covered & own).sum() <= (covered & others).sum():
            break
        found.append(rule)
        left &= ~covered
    return found


def _grown(holds: Floats, own: Bools, others: Bools, most: int, concepts: int) -> Conjunction:
    """Literals that leave many of some pictures and few of the others, the strongest first.

    Args:
        holds: which literals hold, [N, L]: `concepts` of presence, then, if they may be used, as many of absence.
    """
    literals: list[Literal] = []
    kept, wrong = own.copy(), others.copy()
    while len(literals) < most and wrong.sum() > _RATIO * kept.sum():
        at = _purest(holds, kept, wrong)
        if at is None:
            break
        literals.append(Literal(at % concepts, at >= concepts))
        kept, wrong = (which & (holds[:, at] > 0) for which in (kept, wrong))
    return tuple(literals)


def _purest(holds: Floats, own: Bools, others: Bools) -> int | None:
    """The literal that lowers the Gini impurity most and keeps more of its own than it loses; None if none does."""
    a, b = float(own.sum()), float(others.sum())
    tp, fp = holds[own].sum(0), holds[others].sum(0)  # [2K]
    inside, outside = (tp + fp).clip(1), (a - tp + b - fp).clip(1)
    impurity = tp * fp / inside + (a - tp) * (b - fp) / outside
    allowed = (tp > a / 2) & (fp < b)
    if not allowed.any():
        return None
    impurity[~allowed] = np.inf
    at = int(impurity.argmin())
    return at if impurity[at] < a * b / (a + b) else None


def _cut(rule: ConceptRule, holds: Floats, learnt: Binarised, own: Bools, chosen: Binarised) -> ConceptRule:
    """The rule at the length, and with the exceptions, that do best on validation pictures."""
    concepts = learnt.present.shape[1]
    lengths = [replace(rule, literals=rule.literals[:n]) for n in range(1, len(rule.literals) + 1)]
    options = []
    for short in lengths:
        options.append(short)
        for _ in range(EXCEPTIONS):
            covered = options[-1].speaks(learnt.present)
            exception = _grown(holds[:, :concepts], covered & ~own, covered & own, LITERALS - 1, concepts)
            if not exception:
                break
            options.append(replace(options[-1], exceptions=(*options[-1].exceptions, exception)))
    return _best(options, chosen)


# -- how far they hold -------------------------------------------------------------------------------------------------


def _best(rules: Sequence[ConceptRule], chosen: Binarised) -> ConceptRule:
    """The rule with the largest F-measure on validation pictures; of equal ones the first, which is the shortest."""
    return max(rules, key=lambda rule: _f_measure(rule, chosen))


def _f_measure(rule: ConceptRule, seen: Binarised) -> float:
    speaks, own = rule.speaks(seen.present), seen.answers == rule.position
    hits = float((speaks & own).sum())
    weight = _BETA**2
    return (1 + weight) * hits / max(1.0, weight * float(own.sum()) + float(speaks.sum()))


def told(rules: Sequence[ConceptRule], seen: Binarised) -> tuple[Ints, Ints]:
    """About how many pictures each rule speaks, and of how many of these it says what the model says, [R] each."""
    speaks = [rule.speaks(seen.present) for rule in rules]
    agrees = [said & (seen.answers == rule.position) for rule, said in zip(rules, speaks, strict=True)]
    return _counts(speaks), _counts(agrees)


def answered(rules: Sequence[ConceptRule], trust: Floats, present: Bools) -> Ints:
    """What rules say of each picture together, [N]: the class of the one trusted most of those that speak.

    Args:
        trust: fidelity of each, [R], on validation pictures.
    """
    found, best = np.full(len(present), SILENT, np.int64), np.full(len(present), -np.inf)
    for rule, share in zip(rules, trust, strict=True):
        better = rule.speaks(present) & (share > best)
        found[better], best[better] = rule.position, share
    return found


def _holds(literals: Conjunction, present: Bools) -> Bools:
    which = [literal.concept for literal in literals]
    wanted = np.array([not literal.negated for literal in literals])
    return np.asarray((present[:, which] == wanted).all(1), np.bool_)


def _counts(masks: Sequence[Bools]) -> Ints:
    return np.array([int(mask.sum()) for mask in masks], np.int64)
