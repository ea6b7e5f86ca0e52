"""A finished run that goes by another last model from now on: saved, and measured anew, as its pages read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.concepts.bank import ConceptBank
from engine.metrics.accuracy import over_images
from engine.model.snapshot import Snapshot
from engine.model.storage import save
from engine.session.edited_fork import measured_of
from engine.session.lab import Lab
from engine.store.store import RunStore


def replace_last(store: RunStore, run: str, model: Snapshot, texts: Sequence[str] = ()) -> None:
    """Put a model in the place of the run's last one.

    Args:
        texts: what the first concepts are called now.
    """
    lab = Lab(store, run)
    metrics = {split: dict(named) for split, named in measured_of(lab, model).items()}
    accuracy = over_images(metrics["test"]["class_il"], lab.stream.test_sizes("test"))
    own = list(model.bank.concepts)
    own[: len(texts)] = [replace(concept, text=text) for concept, text in zip(own, texts, strict=False)]
    metrics[""]["text"] = np.array([concept.text for concept in own], np.str_)
    called = replace(model, bank=ConceptBank(tuple(own), model.bank.embeddings))
    store.measured_anew(run, model.task, metrics, accuracy, save(store.snapshots(run), called))
