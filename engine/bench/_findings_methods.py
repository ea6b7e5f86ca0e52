"""Headlines about rules, side channels and other methods worked out anew (see `_findings`).

Functions are called as the rules whose headlines they work out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.analyses.rules import KINDS
from engine.array_types import Bools
from engine.bench._findings_answers import PERCENT, Told
from engine.jobs.analyses import Result
from engine.methods.base import METHODS
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.session.peers import peers


def past_concepts(lab: Lab, moment: int) -> Told:
    """From the logits with and without the side channel, image by image."""
    model, sample = lab.snapshot(moment), lab.sample("test", moment)
    whole, rest = (
        one.from_features(sample.features).logits.double().numpy() for one in (model, replace(model, side=None))
    )
    shares = []
    for logits, alone in zip(whole, rest, strict=True):
        best, second = np.argsort(-logits, kind="stable")[:2]
        own = abs(alone[best] - alone[second])
        beside = abs(logits[best] - logits[second] - (alone[best] - alone[second]))
        shares.append(beside / (own + beside))
    return Told(float(np.mean(shares)), ("past its concepts",))


def rules_hold(lab: Lab, moment: int) -> Told:
    """From the stored conditions and thresholds, and the model's scores and answers anew."""
    result = RunFacts(lab.store, lab.view.id, moment).result("rules")
    assert result is not None  # the rule spoke of it
    held = {split: _held(lab, moment, result, split) for split in lab.splits}
    promised, *shares = held.values()
    return Told(PERCENT * (promised - min(shares)), ("promised",))


def _held(lab: Lab, moment: int, result: Result, split: str) -> float:
    """Of the images about which a learnt rule speaks, the share that the most trusted one is right about."""
    own = [r for r, kind in enumerate(result["kind"].tolist()) if kind == KINDS[0]]
    spoke, agreed = (result[name][own, 0] for name in ("speaks", "agrees"))  # on validation images
    trust = (agreed + 1) / (spoke + 2)
    out = lab.snapshot(moment).from_features(lab.sample(split, moment).features)
    present, answers = out.scores.double().numpy() > result["thresholds"], out.logits.argmax(1).numpy()
    right = spoken = 0
    for image, answer in zip(present, answers, strict=True):
        speaking = [n for n, r in enumerate(own) if _speaks(result, r, image)]
        if speaking:
            best = max(speaking, key=lambda n: (trust[n], -n))
            spoken += 1
            right += int(result["position"][own[best]] == answer)
    return right / spoken


def _speaks(result: Result, rule: int, image: Bools) -> bool:
    literals = zip(result["literals"][rule].tolist(), result["negated"][rule].tolist(), strict=True)
    excepted = [[k for k in one if k >= 0] for one in result["exceptions"][rule].tolist()]
    return all(image[k] != absent for k, absent in literals if k >= 0) and not any(
        one and image[one].all() for one in excepted
    )


def black_box_ahead(lab: Lab, moment: int) -> Told:
    """From the stored predictions of all runs of the same data, seed by seed."""
    means: dict[str, list[tuple[float, str]]] = {"box": [], "neck": []}
    for peer in peers(lab.store, lab.view, moment):
        kind = {"black_box": "box", "bottleneck": "neck", "variant": "neck"}.get(peer.family)
        shares = [float(right.mean()) for _, right in peer.right(moment, "test").values()]
        if kind and shares:
            means[kind].append((float(np.mean(shares)), METHODS.short(peer.method)))
    (best, name), (nearest, _) = max(means["box"]), max(means["neck"])
    return Told(PERCENT * (best - nearest), (name, "ahead of every bottleneck"))
