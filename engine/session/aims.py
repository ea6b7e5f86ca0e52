"""What attention maps look for, in terms of a run: its classes, its concepts, or any words."""

from __future__ import annotations

from torch import Tensor

from engine.backbone.denial import denied
from engine.errors import BadInput
from engine.explain.attention.base import Aim
from engine.session.lab import Lab


def aim_of_concept(lab: Lab, task: int, concept: int) -> Aim:
    """A concept of the bank after `task`: its text, and the row learnt for it.

    Raises:
        BadInput: the model after that task has no such concept.
    """
    snapshot = lab.snapshot(task)
    if not 0 <= concept < len(snapshot.bank):
        raise BadInput(
            f"concept {concept}", f"the model after task {task + 1} has {len(snapshot.bank)} concepts", "Choose one"
        )
    words = snapshot.bank.concepts[concept].text
    return Aim(words, snapshot.bank.embeddings[concept], _denial(lab, words), snapshot.bottleneck[concept])


def aim_of_class(lab: Lab, task: int, position: int) -> Aim:
    """A class by its position in the order of learning: its name, and head times bottleneck, which is its logit.

    Raises:
        BadInput: the class is not learnt yet after that task.
    """
    snapshot = lab.snapshot(task)
    if not 0 <= position < len(snapshot.class_ids):
        raise BadInput(
            f"class {position}",
            f"the model after task {task + 1} knows {len(snapshot.class_ids)} classes",
            "Choose one it has learnt, or a later task",
        )
    words = lab.dataset.class_names[snapshot.class_ids[position]]
    return Aim(words, _text(lab, words), _denial(lab, words), snapshot.directions[position])


def aim_of_text(lab: Lab, words: str) -> Aim:
    """Any words.

    Raises:
        BadInput: there are none, or the backbone was never trained on some of them.
    """
    if not words.strip():
        raise BadInput("an empty text", "a map needs words to look for", "Write a few words")
    return Aim(words, lab.texts([words])[0], _denial(lab, words))


def _text(lab: Lab, words: str) -> Tensor | None:
    return None if lab.embedder.unknown_words([words]) else lab.texts([words])[0]


def _denial(lab: Lab, words: str) -> Tensor | None:
    text = denied(words, lambda texts: lab.embedder.unknown_words(list(texts)))
    return None if text is None else lab.texts([text])[0]
