"""Banks of random rows in place of a run's concepts: phrases, words of other fields, directions."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.backbone.presets import vocabulary_of
from engine.backbone.words import words_of
from engine.rng import numpy_stream, torch_stream

if TYPE_CHECKING:
    from torch import Tensor

    from engine.concepts.bank import Concept, ConceptBank
    from engine.data.streams import Task
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

SHOWN = 12
"""Phrases of each control that are kept to be read."""
_LONGEST = 3  # words in a phrase
_ELSEWHERE = """
invoice tariff mortgage auditor dividend budget salary contract verdict lawyer senate ballot treaty parliament
engine piston gearbox bolt turbine circuit voltage transistor software keyboard database compiler server modem
sonata violin chord opera drummer theatre comedy novel poem sculptor kitchen oven recipe soup bread cheese pepper
teapot sofa curtain carpet ladder hammer concrete brick bridge tunnel harbour ferry railway airport passport
football goalkeeper tennis referee chess marathon surgeon vaccine kidney insulin therapy molecule enzyme neutron
galaxy comet equation theorem algebra grammar adverb alphabet calendar century emperor castle museum parcel
"""
"""Words of other fields: money, law, machines, music, home, building, travel, sport, medicine, science, language."""
_TRIES = 1000  # attempts at a phrase nobody has, before a small vocabulary is given up on


def random_phrases(words: Sequence[str], count: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    """`count` phrases of one to three different words, none of which is in `taken`; adds them to it.

    A vocabulary too small for so many gives phrases that are longer.
    """
    found: list[str] = []
    longest, tries = min(_LONGEST, len(words)), 0
    while len(found) < count:
        length = int(rng.integers(1, longest + 1))
        phrase = " ".join(words[int(i)] for i in rng.choice(len(words), length, replace=length > len(words)))
        if phrase not in taken:
            taken.add(phrase)
            found.append(phrase)
        tries += 1
        if tries % _TRIES == 0:
            longest += 1
    return found


Draw = Callable[[int], "tuple[list[str], Tensor]"]
"""Draws so many texts that nobody has, and their unit vectors [n, D]."""


class Drawn:
    """One control's rows: none is drawn twice, and none is a text that the run could have chosen."""

    def __init__(self, lab: Lab, draw: Draw) -> None:
        self._lab, self._draw = lab, draw
        self.sample: list[str] = []

    def candidates(self, task: Task, previous: Snapshot | None) -> ConceptBank:
        """As many rows as the run's search could choose from at this task, each listed for the same class."""
        from engine.concepts.bank import ConceptBank

        free = free_concepts(self._lab, task)
        if not free and previous is not None:  # a method wants to be offered something, even what it has
            return previous.bank.select([0])
        texts, vectors = self._draw(len(free))
        self.sample = [*self.sample, *texts][:SHOWN]
        replaced = tuple(
            dataclasses.replace(concept, text=text, group="", truth=None)
            for concept, text in zip(free, texts, strict=True)
        )
        return ConceptBank(replaced, vectors)


def words(lab: Lab, control: int) -> Drawn:
    """Phrases of words that the backbone knows, or, where it reads open text, of the run's own concepts' words."""
    vocabulary = vocabulary_of(lab.config.backbone)
    open_words = {word for text in _listed(lab) for word in words_of(text) if word.isalpha()}
    return _phrases(lab, sorted(open_words if vocabulary is None else vocabulary), "random words", control)


def elsewhere(lab: Lab, control: int) -> Drawn:
    """Phrases of words of other fields."""
    return _phrases(lab, _ELSEWHERE.split(), "words of other fields", control)


def _phrases(lab: Lab, words: Sequence[str], role: str, control: int) -> Drawn:
    rng, taken = numpy_stream(lab.config.seed, role, control), set(_listed(lab))

    def draw(count: int) -> tuple[list[str], Tensor]:
        phrases = random_phrases(words, count, taken, rng)
        return phrases, lab.gatherer.concept_texts(phrases)

    return Drawn(lab, draw)


def vectors(lab: Lab, control: int) -> Drawn:
    """Directions drawn evenly from the sphere, which stand for no text."""
    import torch

    rng, names = torch_stream(lab.config.seed, "random vectors", control), itertools.count(1)
    width = lab.snapshot(0).bank.embeddings.shape[1]

    def draw(count: int) -> tuple[list[str], Tensor]:
        texts = [f"random vector {next(names)}" for _ in range(count)]
        return texts, torch.nn.functional.normalize(torch.randn(count, width, generator=rng), dim=1)

    return Drawn(lab, draw)


def _listed(lab: Lab) -> list[str]:
    """Every text that the run could have chosen."""
    return [candidate.text for c in lab.stream.class_order for candidate in lab.gatherer.concepts.listed.candidates[c]]


def free_concepts(lab: Lab, task: Task) -> list[Concept]:
    """The task's candidates that were new to the run, each text once."""
    from engine.session.listed import candidates

    listed = candidates(lab, task).concepts
    shared = lab.config.settings.get("share_concepts", False) and task.id > 0
    known = {concept.text for concept in lab.snapshot(task.id - 1).bank.concepts} if shared else set()
    once = {concept.text: concept for concept in reversed(listed)}
    return [concept for concept in listed if concept.text not in known and once[concept.text] is concept]
