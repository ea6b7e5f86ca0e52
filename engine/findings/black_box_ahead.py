"""A black box that is clearly ahead of every bottleneck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Ints
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent, points, span, spelt
from engine.methods.base import METHODS
from engine.metrics.chance import RISK
from engine.metrics.paired import Tested, mcnemar, paired_bootstrap
from engine.session.facts import RunFacts
from engine.session.peers import Peer, peers

_IMPORTANCE, _LARGE = 0.9, 0.1
_LEAST = 0.01
"""A lead of less than a point is not worth a sentence, however certain."""
_BOTTLENECKS, _BLACK_BOX = ("bottleneck", "variant"), "black_box"

Outcomes = Mapping[int, tuple[Ints, Bools]]
"""By seed, rows of images and which of them are right."""


@dataclass(frozen=True, slots=True)
class _Lead:
    """Of a black box over the bottleneck that comes nearest to it.

    Attributes:
        ahead, behind: the two.
        gap: by how much.
    """

    ahead: Peer
    behind: Peer
    gap: Tested


@RULES.register
class BlackBoxAhead(Rule):
    """A black box clearly ahead of every bottleneck.

    Compares all runs kept here of the same data, tasks, order of classes and backbone: every black box with every
    bottleneck, on the same ordinary test images and the same seeds, image by image (paired bootstrap over images and
    seeds; of a single seed McNemar's exact test too). It speaks if a black box is ahead of each bottleneck by at least
    one point, and each interval, widened for the number of comparisons, leaves out 0. It is silent with no run of one
    of the two kinds, and where outcomes of single images were not kept.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The black box with the largest lead over the bottleneck that comes nearest to it."""
        if METHODS.get(facts.view.config.method).family not in (*_BOTTLENECKS, _BLACK_BOX):
            return None
        every = peers(facts.store, facts.view, facts.moment)
        boxes = [peer for peer in every if peer.family == _BLACK_BOX]
        necks = [peer for peer in every if peer.family in _BOTTLENECKS]
        right = {id(peer): peer.right(facts.moment, TEST) for peer in (*boxes, *necks)}
        leads = [lead for box in boxes if (lead := _least(box, necks, right, len(boxes) * len(necks))) is not None]
        best = max(leads, key=lambda lead: lead.gap.gap.value, default=None)
        if best is None or best.gap.gap.value < _LEAST:
            return None
        return self._finding(facts, best, necks, right)

    def _finding(self, facts: RunFacts, best: _Lead, necks: Sequence[Peer], right: Mapping[int, Outcomes]) -> Finding:
        name, other = (METHODS.short(peer.method) for peer in (best.ahead, best.behind))
        gap = best.gap.gap
        shares = [_share(right[id(peer)]) for peer in (best.ahead, best.behind)]
        ids = [next(iter(peer.views.values())).id for peer in (best.ahead, best.behind)]
        return Finding(
            self.name,
            f"{name}, a black box, is {points(gap.value)} ahead of every bottleneck",
            f"After task {facts.moment + 1} it is right on {percent(shares[0], 1)} of the test pictures, the best of "
            f"{spelt(len(necks), 'bottleneck')}, {other}, on {percent(shares[1], 1)}; {spelt(best.gap.runs, 'seed')}, "
            f"95 % interval for all comparisons together: {span(gap)}.",
            100 * gap.value,
            "points",
            weight(_IMPORTANCE, gap.value, _LARGE),
            Proof("tasks", "compare-lines", {"tab": "compare", "by": "runs", "runs": ",".join(ids)}),
            "It compares the runs that are kept here; another bottleneck, or other settings of one, may do better. "
            "And accuracy is not what concepts are for.",
        )


def _least(box: Peer, necks: Sequence[Peer], right: Mapping[int, Outcomes], comparisons: int) -> _Lead | None:
    """The lead over the nearest bottleneck, if it is ahead of every one of them for certain."""
    found = [_certain(right[id(box)], right[id(neck)], comparisons) for neck in necks]
    leads = [_Lead(box, neck, gap) for neck, gap in zip(necks, found, strict=True) if gap is not None]
    return min(leads, key=lambda lead: lead.gap.gap.value) if leads and len(leads) == len(necks) else None


def _certain(first: Outcomes, second: Outcomes, comparisons: int) -> Tested | None:
    """How much more often the first is right, over the seeds that both have, tested on the same images; None where that
    may be chance, or nothing can be compared."""
    seeds = [seed for seed in sorted(first) if seed in second and np.array_equal(first[seed][0], second[seed][0])]
    if not seeds:
        return None
    changes = [first[seed][1].astype(np.float64) - second[seed][1] for seed in seeds]
    shared = all(np.array_equal(first[seed][0], first[seeds[0]][0]) for seed in seeds)
    found = paired_bootstrap(changes, shared=shared, comparisons=comparisons)
    # few images on which they disagree make a bootstrap too sure; of one seed there is an exact test
    chance = mcnemar(first[seeds[0]][1], second[seeds[0]][1]).p * comparisons if len(seeds) == 1 else 0.0
    return found if found.gap.low > 0 and chance < RISK else None


def _share(outcomes: Outcomes) -> float:
    """Mean over seeds of the share that is right."""
    return float(np.mean([right.mean() for _, right in outcomes.values()]))
