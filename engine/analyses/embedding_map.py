"""A map of all test images: fitted once on the images of all tasks together, so that it holds still while tasks pass.

PCA is a rotation: straight, exact, and poor in two dimensions. UMAP (McInnes, Healy & Melville 2018, arXiv 1802.03426)
keeps neighbours together and gives up distances: sizes of groups and gaps between them mean nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Floats
from engine.errors import NotApplicable
from engine.explain.projection import beside, principal_plane
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import index, number, share, whole
from engine.rng import numpy_stream
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.training.material import Sample

Floats32 = npt.NDArray[np.float32]
Placed = tuple[Floats, Floats]
"""Where images [N, 2] and concepts [K, 2] lie."""
Working = Generator[Step, None, Placed]

MOST = 4000
"""More images than this are thinned out at random. Up to 4,096 umap-learn finds exact neighbours."""
EPOCHS = 500
"""Rounds in which UMAP moves the points: its own default for maps of this size."""
_FEWEST = 4
"""Fewer points make no map."""
_LOOK = 0.2
"""Seconds between two looks at UMAP's progress."""


@ANALYSES.register
@dataclass(frozen=True)
class EmbeddingMap(Analysis):
    """Map of the images.

    Result, for N images:
        rows, positions: rows of the split, and their classes in the order of learning.
        place, concepts: where images lie, and the concepts' texts (K = 0 where the rows are no concepts).
        explained: shares of variance (0 for UMAP).
        images: how many there were before thinning out.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "rows": index("images", "N"),
            "positions": index("C", "N"),
            "place": number("N", 2, dtype="f4"),
            "concepts": number("K", 2, dtype="f4"),
            "explained": share(2),
            "images": whole(low=1, high="seen"),
        }
    )

    method: str = param("pca", choices=("pca", "umap"), help="How the space is laid flat.")
    split: str = param("test", high=40, help="Which images.")
    neighbours: int = param(15, low=2, high=100, unit="images", help="UMAP: how many neighbours hold a point.")
    min_dist: float = param(0.1, low=0.0, high=1.0, help="UMAP: how close two points may come.")
    seed: int = param(1993, low=0, high=2**31 - 1, help="UMAP: where points start; which images are drawn of many.")

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """All images are there, or as many as are kept."""
        yield from badly_thinned(arrays, "images", int(arrays["images"]))

    def run(self, lab: Lab, task: int) -> Answering:
        """Place the images of tasks 0 to `task`, and the concepts known by then."""
        yield Step(0, EPOCHS, "reading the embeddings")
        every = lab.sample(self.split, task)
        kept = thinned(every, self.seed)
        features = kept.features.numpy()
        if len(features) < _FEWEST:
            what = f"{len(features)} test images"
            raise NotApplicable(what, f"a map needs at least {_FEWEST}", "Learn more classes, or give more images")
        texts = beside(concept_texts(lab, task), features)
        explained: Floats = np.zeros(2)
        if self.method == "umap":
            place, concepts = yield from self._umap(features, texts.astype(np.float32))
        else:
            plane = principal_plane(features)
            place, concepts, explained = plane.place(features), plane.place(texts), plane.explained
        return {
            "rows": kept.rows,
            "positions": kept.labels.numpy(),
            "place": np.asarray(place, np.float32),
            "concepts": np.asarray(concepts, np.float32).reshape(-1, 2),
            "explained": explained,
            "images": np.asarray(len(every.rows)),
        }

    def _umap(self, features: Floats32, texts: Floats32) -> Working:
        """Fit on the images alone, then add the texts: concepts never move an image."""
        yield Step(0, EPOCHS, "loading UMAP: up to 20 s the first time")
        rounds = _Rounds()
        mapper = self._mapper(len(features), rounds)

        def work() -> Placed:
            place = mapper.fit_transform(features)
            return place, mapper.transform(texts) if len(texts) else np.zeros((0, 2))

        return (yield from _watched(work, rounds))

    def _mapper(self, count: int, rounds: _Rounds) -> Any:
        import umap  # type: ignore[import-untyped]  # 2 s; with what it compiles, 15 s

        bar = {"disable": False, "file": rounds, "bar_format": "{n_fmt}", "mininterval": _LOOK}
        return umap.UMAP(
            n_neighbors=min(self.neighbours, count - 1),
            min_dist=self.min_dist,
            metric="cosine",
            n_epochs=EPOCHS,
            random_state=self.seed,
            n_jobs=1,  # with a seed there is no other way
            tqdm_kwds=bar,
        )


def thinned(sample: Sample, seed: int) -> Sample:
    """At most `MOST` of the images, drawn at random, in their order."""
    count = len(sample.rows)
    return sample if count <= MOST else sample.at(np.sort(numpy_stream(seed, "map").permutation(count)[:MOST]))


def badly_thinned(arrays: Arrays, name: str, seen: int) -> Iterator[str]:
    """A complaint if `rows` does not hold what `seen` images are thinned out to, each once."""
    if len(np.unique(arrays["rows"])) != len(arrays["rows"]):
        yield "rows: an image is there twice"
    if len(arrays["rows"]) != min(seen, MOST):
        yield f"{name}: of {seen} images {min(seen, MOST)} are on the map, not {len(arrays['rows'])}"


def concept_texts(lab: Lab, task: int) -> Floats32:
    """Text embeddings [K, D] of the concepts after a task; none where the method's rows are no concepts."""
    bank = lab.snapshot(task).bank
    if lab.view.concept_metrics(task) is None:
        return np.zeros((0, bank.embeddings.shape[1]), np.float32)
    found: Floats32 = bank.embeddings.numpy()
    return found


class _Rounds(io.StringIO):
    """Where umap-learn's progress bar writes: the number of rounds done so far. Raises there once it is closed."""

    done = 0
    stopped = False

    def write(self, text: str) -> int:
        if self.stopped:
            raise InterruptedError("the map is not wanted any more")
        digits = "".join(filter(str.isdigit, text))
        self.done = max(self.done, int(digits or 0))
        return len(text)

    @property
    def step(self) -> Step:
        """Where it is; placing the concepts counts its few rounds from the start again."""
        if not self.done:
            return Step(0, EPOCHS, "finding neighbours, which takes about 15 s")
        word = "placing the images" if self.done < EPOCHS else "placing the concepts"
        return Step(min(self.done, EPOCHS), EPOCHS, word)


def _watched(work: Callable[[], Placed], rounds: _Rounds) -> Working:
    """Do the work in a thread and yield its progress; the result. Closing the generator stops the thread."""
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(work)
        try:
            while not wait([future], _LOOK).done:
                yield rounds.step
        except GeneratorExit:
            rounds.stopped = True
            raise
        return future.result()
