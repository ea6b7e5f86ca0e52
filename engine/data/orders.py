"""In which order the classes are learnt: by seed, by hand, or by the similarity of their names.

An order is a tuple of class indices; its position t is the class learnt as the t-th.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.data.chosen import ClassChoice
from engine.data.class_lists import by_name, found, require_known, some
from engine.data.class_lists import entries as listed_entries
from engine.errors import BadParameter

LITERATURE_SEED = 1993
"""The seed of nearly all published class-incremental results, since iCaRL (Rebuffi et al., 2017)."""
_FIELD = "class_order"
_REMEDY = "Name every class once"


def seeded_order(classes: int, seed: int = LITERATURE_SEED) -> tuple[int, ...]:
    """Shuffled as PILOT and CLG-CBM do with `np.random.seed(seed); np.random.permutation(classes)`."""
    return tuple(int(i) for i in np.random.RandomState(seed).permutation(classes))


def given_order(
    entries: str | Sequence[str | int], class_names: Sequence[str], choice: ClassChoice | None = None
) -> tuple[int, ...]:
    """An order written by a person.

    Args:
        entries: class names or numbers from 0 as the data list the classes; in a text, as
            `engine.data.class_lists.entries` reads them. Upper and lower case, and underscores and spaces, do not
            matter. A class that is called "7" is meant before the class at number 7.
        class_names: names of the classes that take part, by index.
        choice: which these are of all. Then old names are understood where no class is called so now, and classes left
            out may stand in the order without effect.

    Raises:
        BadParameter: an entry is no class, or a class is missing or comes twice; the message names it.
    """
    source = choice.source if choice else tuple(class_names)
    kept = choice.kept if choice else tuple(range(len(source)))
    known = by_name(source) | {plain: kept[i] for plain, i in by_name(class_names).items()}
    wanted = listed_entries(entries) if isinstance(entries, str) else [e for e in entries if str(e).strip()]
    numbers = [found(entry, known, len(source)) for entry in wanted]
    require_known("Class order", wanted, numbers, class_names, _FIELD)
    index = {c: i for i, c in enumerate(kept)}
    order = [index[c] for c in numbers if c in index]
    _check_once(order, class_names)
    return tuple(order)


def similarity_order(embeddings: Floats) -> tuple[int, ...]:
    """A chain of classes in which neighbours have similar names.

    Starts with the class least similar to the others on average, then always goes on to the most similar class left.
    Ties go to the lower index, so the same embeddings always give the same order.

    Args:
        embeddings: text embeddings of the class names, [C, D], any length but 0.
    """
    if len(embeddings) == 0:
        return ()
    unit = np.asarray(embeddings, np.float64)
    unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
    similarity = (unit @ unit.T).round(9)  # [C, C]; rounded so that ties are ties on every machine
    order = [int(similarity.sum(1).argmin())]
    left = np.ones(len(unit), bool)
    left[order[0]] = False
    while left.any():
        order.append(int(np.where(left, similarity[order[-1]], -np.inf).argmax()))
        left[order[-1]] = False
    return tuple(order)


def _check_once(order: list[int], class_names: Sequence[str]) -> None:
    twice = [class_names[i] for i, times in Counter(order).items() if times > 1]
    if twice:
        raise BadParameter(f"Class order: {some(twice)}", f"{twice[0]} comes more than once", _REMEDY, _FIELD)
    missing = [class_names[i] for i in sorted(set(range(len(class_names))) - set(order))]
    if missing:
        raise BadParameter(f"Class order: {some(missing)}", f"{missing[0]} is missing", _REMEDY, _FIELD)
