"""One look at a model: at every probe, clean and under a short attack, and at every watched concept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.array_types import Floats, Ints
from engine.attacks.base import ATTACKS
from engine.attacks.objectives import Mislabel
from engine.attacks.victim import Victim
from engine.backbone.clip import Backbone
from engine.backbone.grid import as_grid
from engine.backbone.walk import patches_why_not
from engine.concepts.bank import Concept
from engine.device import device
from engine.errors import PlumageError
from engine.explain.contributions import contributions_all, mean_scores
from engine.metrics import attention_shift
from engine.metrics.concepts import alignment
from engine.model.probabilities import softmax
from engine.model.snapshot import Snapshot
from engine.records.arrays import Array
from engine.records.watched import CHANGED, SHIFTS, TOP
from engine.runs.watch import NO_ATTACK, WatchSettings
from engine.steps import finish
from engine.watching.probes import NOBODY, Probe, Sight

Named = dict[str, Array]
_NAMELESS = "CLIP does not know the words of some class names"
_FROZEN = "CLIP and the class names stay as they are in this run, so where the words fit cannot change"


@dataclass(frozen=True, slots=True)
class WatchedModel:
    """A model that is looked at, and what belongs to it.

    Attributes:
        epoch: epochs of learning it has of its task, or `engine.records.watched.AFTER`.
        snapshot: the model.
        backbone: opens the one it stands on.
        births: the rows of concepts when they were learnt, by concept.
        accuracy: of some concepts, by their rows, on the test images seen, [n]; NaN without truth.
        learns_concepts: whether the rows of the bottleneck are concepts.
        seed: the run's.
        hardened: whether the backbone changes from task to task.
    """

    epoch: int
    snapshot: Snapshot
    backbone: Callable[[], Backbone]
    births: Mapping[Concept, Tensor]
    accuracy: Callable[[Sequence[int]], Floats]
    learns_concepts: bool
    seed: int
    hardened: bool


def drift(moment: WatchedModel) -> Floats:
    """1 - cos of each row and the same when it was learnt, [K]; NaN for those being learnt."""
    found: Floats = np.full(len(moment.snapshot.bank), np.nan)
    for k, concept in enumerate(moment.snapshot.bank.concepts):
        if (born := moment.births.get(concept)) is not None:
            found[k] = 1.0 - float(F.cosine_similarity(moment.snapshot.bottleneck[k], born, dim=0))
    return found.clip(0.0, 2.0)


def of_concepts(moment: WatchedModel, watched: Mapping[int, str]) -> Named:
    """The watched concepts: why each is watched, by its row."""
    snapshot, rows = moment.snapshot, [*watched]
    listed = [snapshot.bank.concepts[k] for k in rows]
    texts = snapshot.bank.embeddings[rows].numpy()
    return {
        "concept": np.array([concept.text for concept in listed], np.str_),
        "group": np.array([concept.group for concept in listed], np.str_),
        "born": np.array([concept.task for concept in listed], np.int64),
        "why": np.array([*watched.values()], np.str_),
        "alignment": alignment(snapshot.bottleneck[rows].numpy(), texts).astype(np.float32),
        "drift": drift(moment)[rows].astype(np.float32),
        "weight": snapshot.head[:, rows].T.contiguous().numpy().astype(np.float32),
        "accuracy": moment.accuracy(rows).astype(np.float32) if rows else np.zeros(0, np.float32),
    }


def of_head(snapshot: Snapshot, before: Tensor | None) -> Named:
    """How much of the head changed since it was `before` [C', K'], and where most."""
    names = [concept.text for concept in snapshot.bank.concepts]
    if before is None:
        return _changes(np.nan, (), (), np.zeros((0, 2)), names)
    now = snapshot.head[: before.shape[0], : before.shape[1]]
    change = (now - before).abs()
    size = float(before.norm())
    order = torch.argsort(change.flatten(), descending=True, stable=True)[:CHANGED]
    order = order[change.flatten()[order] > 0]
    classes, concepts = (order // change.shape[1]).tolist(), (order % change.shape[1]).tolist()
    both = np.array([[float(before[c, k]), float(now[c, k])] for c, k in zip(classes, concepts, strict=True)])
    return _changes(float((now - before).norm()) / size if size else np.nan, classes, concepts, both, names)


def _changes(
    moved: float, classes: Sequence[int], concepts: Sequence[int], both: Floats, names: Sequence[str]
) -> Named:
    values = both.reshape(-1, 2).astype(np.float32)
    return {
        "moved": np.array(moved, np.float32),
        "changed_concept": np.array([names[k] for k in concepts], np.str_),
        "changed_class": np.array(classes, np.int64),
        "changed_before": values[:, 0],
        "changed_now": values[:, 1],
    }


def of_probes(
    moment: WatchedModel, probes: Sequence[Probe], sights: Sequence[Sight | str], settings: WatchSettings
) -> Named:
    """The probes, clean and under attack; numbers of one that cannot be looked at are NaN, or -1.

    Args:
        sights: how each is seen, or why it cannot be.
    """
    there = [place for place, sight in enumerate(sights) if isinstance(sight, Sight)]
    seen = len(moment.snapshot.class_ids)
    labels = np.array([probe.label if probe.label < seen else NOBODY for probe in probes], np.int64)
    found = _seen(moment, [sight for sight in sights if isinstance(sight, Sight)], labels[there], settings)
    return {
        "probe": np.array([probe.name for probe in probes], np.str_),
        "arrived": np.array([probe.arrived for probe in probes], np.int64),
        "reason": np.array([probe.reason for probe in probes], np.str_),
        "lost": np.array(["" if isinstance(sight, Sight) else sight for sight in sights], np.str_),
        "label": labels,
        **{name: array if array.ndim == 0 else _spread(array, there, len(probes)) for name, array in found.items()},
    }


def _seen(moment: WatchedModel, alive: Sequence[Sight], labels: Ints, settings: WatchSettings) -> Named:
    snapshot = moment.snapshot
    width = snapshot.bottleneck.shape[1]
    features = torch.stack([sight.feature for sight in alive]).cpu() if alive else torch.zeros(0, width)
    patches = [sight.patches.cpu() for sight in alive if sight.patches is not None]
    taken_for = snapshot.from_features(features).logits.argmax(1).numpy()
    aimed = np.where(labels == NOBODY, taken_for, labels).astype(np.int64)
    clean = _answers(snapshot, features, torch.stack(patches) if patches else None, aimed)
    under, no_attack = _under_attack(moment, alive, clean, aimed, settings)
    top, part = _reasons(snapshot, features, aimed)
    return {
        "aimed": aimed,
        "fooled": (clean["predicted"] == aimed) & (under["predicted"] != aimed) & (under["predicted"] != NOBODY),
        "top": top,
        "part": part,
        "predicted": clean.pop("predicted"),
        "attacked": under.pop("predicted"),
        **clean,
        **{f"attacked_{name}": array for name, array in under.items()},
        **{f"{guide}_shift": _shift(clean[f"{guide}_map"], under[f"{guide}_map"]) for guide in ("row", "text")},
        "no_map": np.array((patches_why_not(moment.backbone()) or "") if alive else ""),
        "no_text": np.array(_NAMELESS if bool((snapshot.classes.texts[aimed] == 0).all(1).any()) else ""),
        "no_attack": np.array(no_attack),
        "text_fixed": np.array("" if moment.hardened else _FROZEN),
        "attack": np.array(_words(settings)),
    }


def _answers(snapshot: Snapshot, features: Tensor, patches: Tensor | None, aimed: Ints) -> Named:
    """What the model says of embeddings [A, D], and where patches [A, P, D] fit the classes `aimed` [A]."""
    logits = snapshot.from_features(features).logits.numpy().astype(np.float64)
    own = logits[np.arange(len(aimed)), aimed]
    others = logits.copy()
    others[np.arange(len(aimed)), aimed] = -np.inf
    rows = F.normalize(snapshot.directions[aimed], dim=1)
    return {
        "predicted": logits.argmax(1).astype(np.int64),
        "probability": softmax(logits).astype(np.float16),
        "margin": (own - others.max(1) if logits.shape[1] > 1 else np.full(len(aimed), np.nan)).astype(np.float32),
        "row_map": _maps(patches, rows, len(aimed)),
        "text_map": _maps(patches, snapshot.classes.texts[aimed], len(aimed)),
    }


def _maps(patches: Tensor | None, directions: Tensor, count: int) -> Array:
    """Scores of each picture's patches along its own direction, [A, g, g]; NaN where the direction is nothing."""
    if patches is None:
        return np.zeros((count, 0, 0), np.float16)
    maps = as_grid(torch.einsum("apd,ad->ap", patches, directions)[:, None])[:, 0]
    maps[(directions == 0).all(1)] = float("nan")
    return maps.numpy().astype(np.float16)


def _under_attack(
    moment: WatchedModel, alive: Sequence[Sight], clean: Named, aimed: Ints, settings: WatchSettings
) -> tuple[Named, str]:
    """The same answers under attack, and why there are none."""
    unknown = {name: _unknown(array) for name, array in clean.items()}
    if settings.attack == NO_ATTACK or not alive:
        return unknown, "no attack is watched" if settings.attack == NO_ATTACK else ""
    backbone = moment.backbone()
    attack = ATTACKS.get(settings.attack).from_mapping(settings.attack_settings())
    victim = Victim(backbone, moment.snapshot.to(device()))
    pixels = torch.stack([sight.pixels for sight in alive])
    aim = Mislabel(torch.from_numpy(aimed).to(device()))
    try:
        images = finish(attack.run(victim, pixels, aim, moment.seed, whole=True)).images
    except PlumageError as error:  # a model with one class cannot be misled
        return unknown, error.allowed
    with torch.no_grad():
        features, patches = (backbone.embed(images), None) if patches_why_not(backbone) else backbone.look(images)
    return _answers(moment.snapshot, features.cpu(), None if patches is None else patches.cpu(), aimed), ""


def _unknown(array: Array) -> Array:
    """An array of the same shape that says nothing."""
    return np.full(array.shape, np.nan if array.dtype.kind == "f" else NOBODY, array.dtype)


def _reasons(snapshot: Snapshot, features: Tensor, aimed: Ints) -> tuple[Array, Array]:
    """The concepts that add most to the logits of the classes `aimed`, and how much, [A, TOP] each."""
    means = mean_scores(snapshot) * snapshot.head[aimed].double().numpy()  # [A, K], what an average picture gets
    parts = contributions_all(snapshot, features, aimed) - means
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :TOP]
    names = np.array([concept.text for concept in snapshot.bank.concepts], np.str_)
    return names[order], np.take_along_axis(parts, order, 1).astype(np.float32)


def _shift(before: Array, after: Array) -> Array:
    """How far each map moved, [A, 5]."""
    if not before.size:
        return np.full((len(before), SHIFTS), np.nan, np.float32)
    return attention_shift.shifts(before.astype(np.float64), after.astype(np.float64)).astype(np.float32)


def _words(settings: WatchSettings) -> str:
    if settings.attack == NO_ATTACK:
        return ""
    steps = "" if settings.attack == "fgsm" else f", {settings.attack_steps} steps"
    return f"{ATTACKS.short(settings.attack)}, {settings.attack_eps:g}/255{steps}"


def _spread(values: Array, there: Sequence[int], count: int) -> Array:
    """`values` [A, ...] at their places among `count`; elsewhere NaN, -1, no, or nothing."""
    blank = {"f": np.nan, "i": NOBODY, "b": False, "U": ""}[values.dtype.kind]
    spread = np.full((count, *values.shape[1:]), blank, values.dtype)
    spread[list(there)] = values
    return spread
