"""The sentence around a concept: it reaches the text tower, and nothing that people read."""

import pytest
import torch

from engine.training.material import Gatherer


@pytest.fixture
def gatherer_of(tiny_lab):
    """The tiny run's gatherer under another sentence around concepts."""

    def gatherer(sentence):
        config = tiny_lab.config.changed(concept_prompt=sentence)
        return Gatherer(config, tiny_lab.dataset, tiny_lab.stream, tiny_lab.embedder)

    return gatherer


def test_without_a_sentence_a_concept_stands_alone(gatherer_of, tiny_lab):
    task = tiny_lab.stream.tasks[0]
    bank = gatherer_of("{}").candidates(task)
    assert torch.equal(bank.embeddings, tiny_lab.texts([c.text for c in bank.concepts]))


def test_concepts_are_embedded_in_their_sentence_and_named_without_it(gatherer_of, tiny_lab):
    task = tiny_lab.stream.tasks[0]
    plain, within = (gatherer_of(sentence).candidates(task) for sentence in ("{}", "the bird has {}"))
    assert within.concepts == plain.concepts
    expected = tiny_lab.texts([f"the bird has {concept.text}" for concept in plain.concepts])
    assert torch.equal(within.embeddings, expected)
    assert not torch.allclose(within.embeddings, plain.embeddings, atol=1e-3)


def test_a_sentence_with_unknown_words_leaves_no_candidate(gatherer_of, tiny_lab):
    assert gatherer_of("{}").usable(0)
    assert gatherer_of("a zebra with {}").usable(0) == ()


def test_random_words_stand_in_the_same_sentence(gatherer_of, tiny_lab):
    found = gatherer_of("the bird has {}").concept_texts(["red crown"])
    assert torch.equal(found, tiny_lab.texts(["the bird has red crown"]))
