"""Every finding's number worked out anew, without the rules: from the models and the images' features where that is
possible, else from the stored arrays of an analysis.

Nothing here reads a stored metric or calls a rule. AUCs are counted over pairs, tails summed term by term, intervals
left out: what is recomputed is what a headline says, its number and whom it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats, Ints
from engine.bench import _findings_answers as answered
from engine.bench import _findings_concepts as concepts
from engine.bench import _findings_methods as methods
from engine.bench._findings_answers import PERCENT, Told, answers
from engine.session.lab import Lab


def recomputed(rule: str, lab: Lab, moment: int) -> Told:
    """What the headline of a rule should say of a run after a task.

    Raises:
        KeyError: no rule of this name can be recomputed.
    """
    return _CHECKS[rule](lab, moment)


def _random_words(lab: Lab, moment: int) -> Told:
    from engine.session.facts import RunFacts

    result = RunFacts(lab.store, lab.view.id).result("random_words")
    assert result is not None  # the rule spoke of it
    labels, predicted, _ = answers(lab, moment)
    controls = result["control"][0, :, result["splits"].tolist().index("test"), moment]
    return Told(PERCENT * abs(float((labels == predicted).mean() - controls.mean())))


def _outcomes(lab: Lab, moment: int) -> tuple[Mapping[str, npt.NDArray[np.generic]], int, Ints, Ints]:
    """The newest measurement, its place of 4/255, and clean (predicted anew) and attacked outcomes at the moment."""
    from engine.jobs.analyses import Analyses

    analyses = Analyses(lab.store)
    question = analyses.asked(lab.view.id, lab.view.tasks_done - 1, "robustness")[0][0]
    result = analyses.result(question)
    assert result is not None  # the rule spoke of it
    at = result["eps"].tolist().index(4.0)
    labels, predicted, _ = answers(lab, moment)
    rows = lab.sample("test", moment).rows.tolist()
    right = dict(zip(rows, (labels == predicted).tolist(), strict=True))
    learnt = result["task_of"] <= moment
    clean = np.array([right[row] for row in result["rows"][learnt].tolist()], np.int64)
    return result, at, clean, (result["outcome"][at + 1, moment, learnt] == 1).astype(np.int64)


def _under_attack(lab: Lab, moment: int) -> Told:
    _, _, clean, held = _outcomes(lab, moment)
    return Told(float(held.mean()), ("holds up" if held.mean() >= clean.mean() / 2 else "fools it",))


def _attention_shift(lab: Lab, moment: int) -> Told:
    from engine.findings.words import percent  # it brings the figures' wording, and Plotly with it

    result, at, clean, held = _outcomes(lab, moment)
    moved = np.asarray(result["shift"])[at, moment, np.asarray(result["task_of"]) <= moment, 0, 0]
    lead = _margins(lab, moment, np.asarray(result["rows"])[np.asarray(result["task_of"]) <= moment])
    fooled, kept = (clean == 1) & (held == 0), (clean == 1) & (held == 1)
    share, alone = _pairs(moved[fooled], moved[kept]), _pairs(-lead[fooled], -lead[kept])
    words = ("further" if share > 0.5 else "less far", f"the clean margin alone says {percent(alone)}")
    return Told(max(share, 1 - share), words)


def _margins(lab: Lab, moment: int, rows: Ints) -> Floats:
    """Logit of the true class minus the largest other one of test images, from their features anew."""
    sample = lab.sample("test", moment)
    at = [sample.rows.tolist().index(row) for row in rows.tolist()]
    logits = lab.snapshot(moment).from_features(sample.features[at]).logits.double().numpy()
    own = np.arange(logits.shape[1]) == sample.labels[at].numpy()[:, None]
    return np.asarray(logits[own] - np.where(own, -np.inf, logits).max(1), np.float64)


def _pairs(fooled: Floats, kept: Floats) -> float:
    """Share of pairs in which the first is larger; ties count half."""
    return float(np.mean([float(a > b) + float(a == b) / 2 for a in fooled for b in kept]))


def _repeated(lab: Lab, moment: int) -> Told:
    from engine.data.images import decode_image
    from engine.data.listed import ListedImages

    assert isinstance(lab.dataset, ListedImages)  # the rule spoke of it, and the Aviary repeats nothing
    shown = {
        split: [decode_image(file.path.read_bytes(), file.path.name) for file in lab.dataset.splits[split].files]
        for split in ("train", "test")
    }
    learnt = {(image.size, image.tobytes()) for image in shown["train"]}
    return Told(float(sum((image.size, image.tobytes()) in learnt for image in shown["test"])), ("learnt from",))


_CHECKS: Mapping[str, Callable[[Lab, int], Told]] = {
    "worst_forgetting": answered.worst_forgetting,
    "habitat": answered.habitat,
    "first_task": answered.first_task,
    "old_and_new": answered.old_and_new,
    "within_task": answered.within_task,
    "confused_pair": answered.confused_pair,
    "calibration": answered.calibration,
    "against_zero_shot": answered.against_zero_shot,
    "broken_concept": concepts.broken_concept,
    "weakest_concept": concepts.weakest_concept,
    "concepts_seen": concepts.concepts_seen,
    "random_words": _random_words,
    "under_attack": _under_attack,
    "attention_shift": _attention_shift,
    "repeated": _repeated,
    "past_concepts": methods.past_concepts,
    "rules_hold": methods.rules_hold,
    "black_box_ahead": methods.black_box_ahead,
}
RECOMPUTED = frozenset(_CHECKS)
"""Rules whose headlines can be recomputed."""
