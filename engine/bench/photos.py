"""Photographs, as an engineer has them: every method on clothes and on CIFAR-10's, how the pages bear them, the way in.

The folders of `bench photoclip` with the photo tower, five tasks of two classes, concepts of the built-in vocabulary. A
seed draws the order of classes, the validation split, initial weights and batches; test images are the same for all, so
methods are compared on them one by one. Nobody marked where anything is on these photographs, so no map is pointed
with. Runs are kept and found again (see `_photos_runs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from statistics import mean, stdev

import numpy as np

from engine.array_types import Floats
from engine.bench import _photos_black_box, _photos_engineer, _photos_pages
from engine.bench._photos_runs import EPS, NAMES, Photos, held, last_of, methods, told
from engine.bench.figure import Figure, measured
from engine.metrics.differences import mean_difference
from engine.session.lab import Lab

TITLE = "photographs: every method, random words, attacks, pages, and the way in"
PLAIN = "ncm"
"""What every method is held against: the nearest class mean, which explains nothing."""
CONTROL = "clg_cbm"
"""Whose concepts are held against random words; of the others that learn concepts, accuracies tell enough."""
_CONTROLS = {"controls": 3, "others": 1}
"""Banks a seed of random words; and of other fields' words and of random vectors."""
_MEASURES = {"last": "last_accuracy", "average": "average_accuracy", "forgetting": "forgetting"}
_UNITS = {"forgetting": "points"}
_ENDS = ("low", "high")
_RISK = 0.05
"""Of a 95 % interval."""


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Measure `photos.*`; with `only` no more than what figures beginning so need.

    Raises:
        NotApplicable: the photographs are not on this machine.
        MissingWeights: the packages of the photo tower are not.
    """
    photos = Photos.opened(seeds)
    for (name, part), dataset in product(_PARTS.items(), NAMES):
        if _asked(f"photos.{dataset}.{name}", only):
            yield from part(photos, dataset)
    if _asked("photos.pages", only):
        yield from _photos_pages.figures(photos)
    if _asked("photos.engineer", only):
        yield from _photos_engineer.figures(seeds)


def _asked(name: str, only: str) -> bool:
    return name.startswith(only) or only.startswith(name)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Ends of the 95 % interval of a mean over seeds, by Student's t; (value, value) of a single one."""
    from scipy.stats import t

    if len(values) == 1:
        return values[0], values[0]
    half = float(t.ppf(1 - _RISK / 2, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return mean(values) - half, mean(values) + half


def with_interval(name: str, values: Sequence[float], unit: str) -> Iterator[Figure]:
    """A figure over seeds, and the ends of its interval."""
    yield measured(name, values, unit)
    for end, value in zip(_ENDS, interval(values), strict=True):
        yield measured(f"{name}.{end}", [value], unit)


# -- accuracy ----------------------------------------------------------------------------------------------------------


def _accuracy(measure: str, photos: Photos, dataset: str) -> Iterator[Figure]:
    """One measure of every method, and its difference from the nearest class mean's, seed by seed."""
    found = {method: [_summary(lab, measure) for lab in photos.labs(dataset, method)] for method in methods()}
    unit = _UNITS.get(measure, "%")
    for method, values in found.items():
        yield from with_interval(f"photos.{dataset}.{measure}.{method}", values, unit)
    for method, values in found.items():
        if method != PLAIN:
            gaps = [value - plain for value, plain in zip(values, found[PLAIN], strict=True)]
            yield from with_interval(f"photos.{dataset}.{measure}.{method}.over_{PLAIN}", gaps, "points")


def _summary(lab: Lab, measure: str) -> float:
    """In per cent; of the forgetting of a method that never learnt two tasks there is none."""
    return 100 * float(lab.view.summary("test")[_MEASURES[measure]] or 0.0)


def _images(photos: Photos, dataset: str) -> Iterator[Figure]:
    """Last accuracy against the nearest class mean's, image by image: mean over seeds, interval over test images."""
    plain = right(photos.labs(dataset, PLAIN))
    for method in methods():
        if method != PLAIN:
            gap = mean_difference(right(photos.labs(dataset, method)) - plain)
            name = f"photos.{dataset}.images.{method}.over_{PLAIN}"
            yield measured(name, [100 * gap.value], "points")
            for end, value in zip(_ENDS, (gap.low, gap.high), strict=True):
                yield measured(f"{name}.{end}", [100 * value], "points")


def right(labs: Sequence[Lab]) -> Floats:
    """In how many of the runs the model after the last task is right of each test image, [N] in 0..1, by its row."""
    found = []
    for lab in labs:
        sample = lab.sample("test", last_of(lab))
        answers = lab.predicted("test", last_of(lab)) == sample.labels.numpy()
        found.append(answers[np.argsort(sample.rows)])  # the order of tasks is the seed's
    return np.asarray(np.mean(found, axis=0), np.float64)


def _black_box(photos: Photos, dataset: str) -> Iterator[Figure]:
    """What no bottleneck stands in the way of: all training images at once, from raw features and from embeddings."""
    labs, raw = photos.labs(dataset, PLAIN), photos.raw(dataset)
    found = [_photos_black_box.accuracies(lab, raw) for lab in labs]
    for name in found[0]:
        yield from with_interval(f"photos.{dataset}.black_box.{name}", [100 * one[name] for one in found], "%")


# -- the control -------------------------------------------------------------------------------------------------------


def _random_words(photos: Photos, dataset: str) -> Iterator[Figure]:
    """The bottleneck beside banks of random words, of other fields' words and of random vectors, with all its concepts
    and with five a class; the interval of the gain is over test images, its ends means over seeds."""
    found = []
    for lab in photos.labs(dataset, CONTROL):
        found.append(photos.answered(lab, "random_words", _CONTROLS))
        told(f"{dataset}, random words, seed {lab.config.seed}")
    for row, word in enumerate(("accuracy", "anec5")):
        name = f"photos.{dataset}.random_words.{word}"
        yield measured(f"{name}.concepts", [100 * float(one["run"][row, 0, -1]) for one in found], "%")
        for kind in ("control", "elsewhere", "vectors"):
            reached = [100 * float(one[kind][row, :, 0, -1].mean()) for one in found]
            yield measured(f"{name}.{kind}", reached, "%")
        for place, word in enumerate(("gain", *(f"gain.{end}" for end in _ENDS))):
            yield measured(f"{name}.{word}", [100 * float(one["gain"][row, 0, -1, place]) for one in found], "points")


# -- attacks -----------------------------------------------------------------------------------------------------------


def _attacked(photos: Photos, dataset: str) -> Iterator[Figure]:
    """Accuracy on the same test images before PGD and after it, at every strength."""
    for method in methods():
        found = []
        for lab in photos.labs(dataset, method):
            found.append(held(lab))
            told(f"{dataset}, {method}, seed {lab.config.seed}, attacked")
        for word in ("clean", *(f"eps{eps:g}" for eps in EPS)):
            shares = [100 * float(one[word].mean()) for one in found]
            yield measured(f"photos.{dataset}.pgd.{method}.{word}", shares, "%")
    yield measured(f"photos.{dataset}.pgd.images", [len(found[0]["clean"])], "images")


_PARTS: dict[str, Callable[[Photos, str], Iterator[Figure]]] = {
    **{measure: partial(_accuracy, measure) for measure in _MEASURES},
    "images": _images,
    "black_box": _black_box,
    "pgd": _attacked,
    "random_words": _random_words,
}
"""In their order, as the first need what later ones use; the last takes longest."""
