"""The texts that belong to pictures, as the arrays that a run on their embeddings reads."""

from __future__ import annotations

import io

import numpy as np

from engine.backbone.clip import Backbone
from engine.data.listed import ListedImages
from engine.embedding.listing import PictureListing
from engine.embedding.settings import EmbedSettings

_EVERY_CLASS = -1


def texts_bytes(listing: PictureListing, backbone: Backbone, settings: EmbedSettings) -> tuple[bytes, str]:
    """An `.npz` file as `engine.data.vector_arrays` reads it, and what it lacks, for people.

    Class names always; their embeddings where the backbone knows all words in them; concepts that the data list, those
    with unknown words left out.
    """
    names = listing.dataset.class_names
    found: dict[str, np.ndarray] = {"class_names": np.array(names)}
    sentences = [settings.prompt.replace("{}", name) for name in names]
    lacking = []
    if unknown := backbone.unknown_words(sentences):
        lacking.append(f"class names (the backbone does not know {', '.join(sorted(unknown)[:5])})")
    else:
        found["class_embeddings"] = backbone.embed_texts(sentences).cpu().numpy()
    pairs = _concepts(listing.dataset)
    known = [one for one in pairs if not backbone.unknown_words([settings.concept_prompt.replace("{}", one[0])])]
    if len(known) < len(pairs):
        lacking.append(f"{len(pairs) - len(known)} of {len(pairs)} concepts")
    if known:
        texts = [settings.concept_prompt.replace("{}", text) for text, _, _ in known]
        found["concepts"] = np.array([text for text, _, _ in known])
        found["concept_groups"] = np.array([group for _, group, _ in known])
        found["concept_class"] = np.array([owner for _, _, owner in known], np.int64)
        found["concept_embeddings"] = backbone.embed_texts(texts).cpu().numpy()
    to = io.BytesIO()
    np.savez(to, **found)  # type: ignore[arg-type]
    return to.getvalue(), " and ".join(lacking)


def _concepts(dataset: ListedImages) -> list[tuple[str, str, int]]:
    """Text, group and class of every concept; one that all classes list stands once, for every class."""
    owners: dict[tuple[str, str], list[int]] = {}
    for c in range(len(dataset.class_names)):
        for one in dataset.candidates(c):
            owners.setdefault((one.text, one.group), []).append(c)
    everyone = len(dataset.class_names)
    return [
        (text, group, owner)
        for (text, group), classes in owners.items()
        for owner in ([_EVERY_CLASS] if len(classes) == everyone else classes)
    ]
