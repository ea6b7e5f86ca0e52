"""The concepts a run may choose from: those of its data, of a file, or the built-in vocabulary. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.concepts.rules import VOCABULARY, Removed, WordRules
from engine.data.dataset import ConceptCandidate, Dataset
from engine.data.texts.read import read_file
from engine.data.texts.understood import Concepts
from engine.data.texts.vocabulary import vocabulary_concepts
from engine.runs.config import RunConfig


@dataclass(frozen=True, slots=True)
class RunConcepts:
    """What may describe the classes of a run, as far as words alone decide.

    Attributes:
        listed: what was read, before any rule.
        kept: what the rules about words leave of it, by class.
        removed: what they left out.
    """

    listed: Concepts
    kept: tuple[tuple[ConceptCandidate, ...], ...]
    removed: tuple[Removed, ...]

    @property
    def digest(self) -> str:
        """Hex digest of what was read; empty where there is nothing."""
        return self.listed.digest


def open_concepts(config: RunConfig, dataset: Dataset) -> RunConcepts:
    """Read what a run may choose from.

    Raises:
        BadInput: the concept file it names cannot be used for its classes, or the vocabulary has no such group.
    """
    listed = _listed(config, dataset)
    if not (config.filter_length or config.filter_class_names):
        return RunConcepts(listed, listed.candidates, ())
    rules = WordRules(config, dataset.class_names)
    kept, removed = [], []
    for class_id, candidates in enumerate(listed.candidates):
        reasons = [rules.why_not(candidate.text, class_id) for candidate in candidates]
        kept.append(tuple(c for c, reason in zip(candidates, reasons, strict=True) if reason is None))
        removed += [reason for reason in reasons if reason is not None]
    return RunConcepts(listed, tuple(kept), tuple(removed))


def _listed(config: RunConfig, dataset: Dataset) -> Concepts:
    if config.concepts == VOCABULARY:
        return _judgeable(vocabulary_concepts(len(dataset.class_names), config.vocabulary_groups), dataset)
    if config.from_file:
        return _judgeable(read_file(Path(config.concepts), dataset.choice or dataset.class_names).required(), dataset)
    own = tuple(dataset.candidates(class_id) for class_id in range(len(dataset.class_names)))
    return Concepts(own, dataset.concepts_digest)


def _judgeable(concepts: Concepts, dataset: Dataset) -> Concepts:
    """With the truth of every text that the data list too: they say which images it is true of."""
    every = (one for class_id in range(len(dataset.class_names)) for one in dataset.candidates(class_id))
    known = {one.text.casefold(): one for one in every if one.truth is not None}
    if not known:
        return concepts

    def told(one: ConceptCandidate) -> ConceptCandidate:
        same = known.get(one.text.casefold())
        return one if same is None else replace(one, truth=same.truth, group=one.group or same.group)

    return Concepts(tuple(tuple(map(told, each)) for each in concepts.candidates), concepts.digest)
