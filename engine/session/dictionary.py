"""The words into which a run's pictures are taken apart (see `engine.explain.splice`). Imports torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.data.streams import VAL
from engine.data.texts.vocabulary import vocabulary
from engine.errors import NotApplicable
from engine.explain.splice import Dictionary, centre_of, dictionary
from engine.runs.sources import concept_prompts
from engine.session.lab import Lab

FEWEST = 2
"""With a single word there is nothing to choose among."""


def words(lab: Lab, task: int) -> tuple[str, ...]:
    """What is listed for the classes learnt up to a task, in the order of learning, then the built-in words; each once,
    and without those that the backbone was never trained on. No method takes part, so every run has them."""
    listed = (one.text for c in lab.view.class_ids_seen(task) for one in lab.gatherer.usable(c))
    built_in = (word for group in vocabulary().values() for word in group)
    known = [word for word in dict.fromkeys(built_in) if not _unknown(lab, word)]
    once = {text.casefold(): text for text in reversed([*listed, *known])}
    return tuple(reversed(once.values()))


def open_dictionary(lab: Lab, task: int, texts: Sequence[str]) -> Dictionary:
    """Words with their embeddings, from the cache where that has them, and the centre of the pictures after a task.

    Args:
        texts: as `words` gives them.

    Raises:
        NotApplicable: there are too few.
    """
    if len(texts) < FEWEST:
        problem = f"nothing is listed for its classes that the backbone knows, and of the built-in words {len(texts)}"
        raise NotApplicable("a picture in words", problem, "List concepts for the classes")
    return dictionary(texts, lab.gatherer.concept_texts(texts).numpy(), _centre(lab, task))


def class_means(lab: Lab, task: int, seen_after: int) -> Floats:
    """Mean picture of each class learnt up to a task, as the backbone after another task sees it: [C, D], unit length.

    Of training images as they were kept where the backbone stays, of validation images where it is hardened: means that
    were kept then are another backbone's.
    """
    if not lab.changes_backbone:
        return _unit(lab.snapshot(task).classes.means.double().numpy())
    sample = lab.sample(VAL, task, seen_after)
    features, labels = sample.features.double().numpy(), sample.labels.numpy()
    return _unit(np.stack([features[labels == c].mean(0) for c in range(len(lab.snapshot(task).class_ids))]))


def _centre(lab: Lab, task: int) -> Floats:
    if not lab.changes_backbone:
        return np.asarray(lab.snapshot(task).classes.means.double().numpy().mean(0))
    sample = lab.sample(VAL, task)
    return centre_of(sample.features.double().numpy(), sample.labels.numpy())


def _unknown(lab: Lab, word: str) -> bool:
    return bool(lab.embedder.unknown_words(concept_prompts(lab.config, [word])))


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
