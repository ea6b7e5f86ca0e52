"""What the model for photographs can name: its map, what it loses, and what was tried instead.

Of two folders of photographs, one above `shared/data` beside this repository: clothes, and the first of CIFAR-10. The
figures of the training images decided; those of the test images are only reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.array_types import Ints
from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.photo_clip import Classifier, classifier, make
from engine.backbone.photo_map import Doubles, fit_maps, unit
from engine.backbone.presets import LOCAL
from engine.bench.figure import Figure, measured
from engine.data.dataset import Split
from engine.data.folder import open_folder
from engine.errors import NotApplicable
from engine.home import cache_folder, home
from engine.model.probabilities import softmax
from engine.rng import numpy_stream
from engine.steps import finish

TITLE = "the model for photographs: what it can name, and what else was tried"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDERS = ("clothing", "photos")
PROMPT = "a photo of a {}"
_PER_CLASS = 70  # training images behind a class mean
_BATCH = 32
_WHITE = 255.0
_BARELY = 1e6  # shrinkage under which texts stay as they are
_PLAIN_RIDGE = 3.0  # the best of 1, 3, 10 and 100 without whitening


@dataclass(frozen=True, slots=True)
class Features:
    """What an image tower made of N images of a folder's split.

    Attributes:
        features: [N, C], the mean over the grid.
        cells: [N, K], the mean over the grid of each cell's probabilities of ImageNet's classes.
        labels: [N].
    """

    features: Doubles
    cells: Doubles
    labels: Ints


@dataclass(frozen=True, slots=True)
class ImageMap:
    """One way from the image tower into a joint space, and the texts' way there.

    Attributes:
        images: embeddings [N, D] of what was seen, of any length.
        text: [D, D], the map of MiniLM's embeddings.
    """

    images: Callable[[Features], Doubles]
    text: Doubles


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """`photoclip.FOLDER.HEAD.*`; a seed draws the training images behind the class means, all else is one number.

    Raises:
        NotApplicable: the photographs are not on this machine.
        MissingWeights: the packages are not.
    """
    missing = [str(DATA / name) for name in FOLDERS if not (DATA / name).is_dir()]
    if missing:
        raise NotApplicable("bench photoclip", f"no photographs at {', '.join(missing)}", "Put them there")
    folder = cache_folder(home()) / "bench-photoclip"
    finish(make(folder))
    backbone = load_backbone(f"{LOCAL}{folder}")
    for name in FOLDERS:
        yield from figures(f"photoclip.{name}", backbone, classifier(), DATA / name, seeds)


def figures(name: str, backbone: Backbone, classes: Classifier, folder: Path, seeds: Sequence[int]) -> Iterator[Figure]:
    """Every figure of one folder."""
    dataset = open_folder(folder)
    seen = {split: look(backbone, classes, images) for split, images in dataset.splits.items()}
    words = [text.replace("_", " ") for text in dataset.class_names]
    texts = {"name": plain(backbone, words), "prompt": plain(backbone, [PROMPT.format(word) for word in words])}
    for kind, head in heads(backbone, classes).items():
        for split, prompt in product(("train", "test"), texts):
            found = zero_shot(head, seen[split], texts[prompt])
            yield measured(f"{name}.{kind}.zero_shot_{prompt}.{split}", [found], "%")
        yield measured(f"{name}.{kind}.ncm.test", [ncm(head.images, seen, seed) for seed in seeds], "%")
    yield measured(f"{name}.raw.ncm.test", [ncm(lambda some: some.features, seen, seed) for seed in seeds], "%")


def heads(backbone: Backbone, classes: Classifier) -> Mapping[str, ImageMap]:
    """The model's own map; the best without whitening; and names weighted by probability, of an image and of cells."""
    names, own = plain(backbone, classes.names), text_map(backbone)
    model: Any = backbone.model
    image: Doubles = model.visual.head.proj.weight.double().numpy()
    unwhitened = fit_maps(classes.rows, names, _BARELY, _PLAIN_RIDGE)
    aims = unit(names @ own)
    aims = aims - aims.mean(0)
    return {
        "linear": ImageMap(lambda seen: seen.features @ image.T, own),
        "unwhitened": ImageMap(lambda seen: seen.features @ unwhitened.image.T, unwhitened.text),
        "weighted": ImageMap(lambda seen: probabilities(classes, seen.features) @ aims, own),
        "weighted_cells": ImageMap(lambda seen: seen.cells @ aims, own),
    }


def text_map(backbone: Backbone) -> Doubles:
    """The map of texts, [D, D]."""
    model: Any = backbone.model
    found: Doubles = model.text.proj.weight.double().numpy()
    return found


def plain(backbone: Backbone, texts: Sequence[str]) -> Doubles:
    """Embeddings [K, D] of texts as they are before the map, unit length."""
    return unit(np.linalg.solve(text_map(backbone), backbone.embed_texts(texts).double().numpy().T).T)


def probabilities(classes: Classifier, features: Doubles) -> Doubles:
    """Of ImageNet's classes, [..., K], where the features are [..., C]."""
    return np.asarray(softmax(features @ classes.rows.T + classes.biases))


@torch.inference_mode()
def look(backbone: Backbone, classes: Classifier, split: Split) -> Features:
    """The tower's features of all images of a split."""
    model: Any = backbone.model
    features, cells = [], []
    for rows in np.split(np.arange(len(split.labels)), range(_BATCH, len(split.labels), _BATCH)):
        images = torch.from_numpy(split.images(rows, backbone.image_size)).permute(0, 3, 1, 2).float() / _WHITE
        grid = model.visual.trunk.forward_features(backbone.normalised(images))  # [B, C, g, g]
        found = grid.flatten(2).transpose(1, 2).double().numpy()  # [B, P, C]
        features.append(found.mean(1))
        cells.append(probabilities(classes, found).mean(1))
    return Features(np.concatenate(features), np.concatenate(cells), np.asarray(split.labels))


def zero_shot(head: ImageMap, seen: Features, texts: Doubles) -> float:
    """Accuracy in per cent of the nearest of texts [C, D], as MiniLM embeds them."""
    found = unit(head.images(seen)) @ unit(texts @ head.text).T
    return 100 * float(np.mean(found.argmax(1) == seen.labels))


def ncm(embed: Callable[[Features], Doubles], seen: Mapping[str, Features], seed: int) -> float:
    """Accuracy in per cent on the test images of the nearest mean of 70 training images a class."""
    draw, (learnt, asked) = numpy_stream(seed, "bench photoclip"), (seen[split] for split in ("train", "test"))
    train, test = unit(embed(learnt)), unit(embed(asked))
    rows = [draw.permutation(np.flatnonzero(learnt.labels == label))[:_PER_CLASS] for label in np.unique(learnt.labels)]
    means = unit(np.stack([train[some].mean(0) for some in rows]))
    return 100 * float(np.mean((test @ means.T).argmax(1) == asked.labels))
