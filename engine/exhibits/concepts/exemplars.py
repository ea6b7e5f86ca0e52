"""What concepts look like to the model: their strongest images, and where on them they are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats
from engine.data.dataset import Dataset
from engine.exhibits.concepts import listing
from engine.exhibits.concepts.listing import Listing
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.heat import data_address, overlay

ANALYSIS = "exemplars"
SPLIT = "test"
SIZE = 112
"""Pixels of a picture."""
ROW, TEXT = "row_maps", "text_maps"
"""Heat maps by the direction that was learnt, and by the words."""

Arrays = Mapping[str, npt.NDArray[Any]]
Maps = Floats
_NOTHING: Mapping[tuple[int, int], bool] = MappingProxyType({})

CONCEPTS = kind(
    "concepts",
    "concepts",
    Lesson(
        what="The concepts of the model: for each the test picture that shows it most strongly, under a map of where. "
        "The table has all of them with everything that was measured.",
        why="These words are all that the model may use to tell classes apart. Here you see whether they are good "
        "ones, whether they are used, and whether they are seen.",
        reading="Does the picture show what the words say, and is the blue spot in the right place? In the table look "
        "for concepts with a low AUC, for those that no class uses, and for those that a task broke.",
        caveats="One picture shows the best case only. A concept may be right on its strongest picture and wrong on "
        "many others; that is what AUC and accuracy count. They are known only where somebody knows the truth of the "
        "pictures.",
    ),
    (
        "concept_use",
        "concept_auc",
        "concept_accuracy",
        "concept_break",
        "concept_drift",
        "concept_alignment",
        "heat_map",
    ),
)
IMAGES = kind(
    "concept-images",
    "concepts",
    Lesson(
        what="The four test pictures on which one concept scores highest, and the same four under a heat map: blue "
        "where the concept is seen, orange where the picture speaks against it.",
        why="The name of a concept is a promise. The pictures show what the model has made of it.",
        reading="Do the four pictures have in common what the words say? Is the blue in the place where it should be? "
        "A picture that does not have the concept is marked.",
        caveats="These are the four strongest of all, not typical ones. The map is coarse, a few patches wide, and all "
        "four share one scale. A map shows where the score comes from, not why.",
    ),
    ("heat_map",),
)


def pictures(
    dataset: Dataset, rows: Sequence[int], maps: Maps, limit: float | None = None
) -> tuple[list[str], list[str]]:
    """Images of the test split and the same under their heat maps, as data addresses; no maps give none.

    Args:
        maps: [n, g, g], or [n, 0, 0] where the backbone keeps no patch tokens.
        limit: where the scale of the maps ends; their largest size if not given, for all of them.
    """
    if not len(rows):
        return [], []
    drawn = dataset.splits[SPLIT].images(np.asarray(rows, np.int64), SIZE)
    plain = [data_address(image) for image in drawn]
    if not maps.size:
        return plain, []
    end = limit or float(np.abs(maps).max()) or 1.0
    return plain, [data_address(overlay(image, heat, end)) for image, heat in zip(drawn, maps, strict=True)]


def hits(result: Arrays, concept: int, said: Mapping[tuple[int, int], bool] = _NOTHING) -> list[bool | None]:
    """Whether the concept is true of each of its strongest images; None where nobody knows.

    Args:
        said: what people marked, by row and concept; it counts where the data do not say themselves.
    """
    real = result["rows"][concept] >= 0
    rows, known = result["rows"][concept][real].tolist(), bool(result["known"][concept])
    return [
        bool(hit) if known else said.get((row, concept))
        for row, hit in zip(rows, result["hits"][concept][real], strict=True)
    ]


def strongest(result: Arrays, concept: int, guide: str) -> tuple[list[int], Maps]:
    """Rows of its strongest images, and its heat maps on them."""
    real = result["rows"][concept] >= 0
    return result["rows"][concept][real].tolist(), result[guide][concept][real].astype(np.float32)


def images(found: Listing, concept: int, result: Arrays, dataset: Dataset, guide: str = ROW) -> Exhibit:
    """One concept's strongest images, plain and under its heat map.

    Args:
        result: of the analysis `exemplars` at the moment of `found`.
        guide: `ROW` or `TEXT`.
    """
    rows, maps = strongest(result, concept, guide)
    plain, hot = pictures(dataset, rows, maps)
    true = hits(result, concept, found.said)
    labels = dataset.splits[SPLIT].labels
    names = [found.class_names[labels[row]] for row in rows]
    notes = [{True: "has it", False: "does not have it", None: ""}[hit] for hit in true]
    shown = [Plate(*parts) for parts in zip(plain, names, notes, strict=True)]
    if hot:  # each under its own picture's side, so that a row of any length keeps them together
        heats = [Plate(picture, f"heat map on {name}") for picture, name in zip(hot, names, strict=True)]
        shown = [plate for pair in zip(shown, heats, strict=True) for plate in pair]
    first, second = listing.facts(found, concept)
    return Exhibit(
        IMAGES,
        _told(found.known.text[concept], true),
        f"The test images that score highest, and where; {', '.join([*first, *second])}",
        tuple(shown),
        lambda: {
            "image": [f"{SPLIT}:{row}" for row in rows],
            "class": [*names],
            "score": [round(float(score), 4) for score in result["scores"][concept][: len(rows)]],
            "has it": [{True: "yes", False: "no", None: "not known"}[hit] for hit in true],
        },
        str(concept),
    )


def hottest(result: Arrays, concept: int, dataset: Dataset) -> str:
    """Its strongest image under its heat map, or plain where there are no maps, as a data address."""
    rows, maps = strongest(result, concept, ROW)
    plain, hot = pictures(dataset, rows[:1], maps[:1])
    return (hot or plain)[0]


def overview(found: Listing, moment: int, shots: Mapping[int, str]) -> Exhibit:
    """Some concepts in pictures; the table has all.

    Args:
        shots: by concept, its strongest test image as a data address.
    """
    plates = []
    for concept, src in shots.items():
        first, second = listing.facts(found, concept)
        plates.append(Plate(src, found.known.text[concept], ", ".join((first[-1], *second))))
    most = f" Pictured are the {len(plates)} that most classes use" if len(plates) < len(found) else " Pictured are all"
    return Exhibit(
        CONCEPTS,
        listing.headline(found, moment),
        f"{listing.note(found)}{most}, each on its strongest test image",
        tuple(plates),
        lambda: listing.table(found, range(len(found))),
    )


def _told(text: str, true: Sequence[bool | None]) -> str:
    known = [hit for hit in true if hit is not None]
    if not known:
        return f"What “{text}” looks like to the model"
    many = len(known)
    if all(known):
        return f"All {many} images on which “{text}” is strongest have it" if many > 1 else f"“{text}” is there"
    return f"{sum(known)} of the {many} images on which “{text}” is strongest ha{'s' if sum(known) == 1 else 've'} it"
