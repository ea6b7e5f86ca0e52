"""Whether a run's backbone knows the kind of pictures and the words it is given. Nothing here needs torch.

A backbone with a closed vocabulary was pretrained by Plumage on the Aviary's painted birds: it has seen no other
picture, and reads no other word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.backbone.presets import vocabulary_of
from engine.data.dataset import ConceptCandidate
from engine.runs.config import RunConfig

OPEN_TEXT = "ViT-B-16:openai"
"""A backbone to recommend where other pictures or words are wanted."""
_LISTED = 5
"""Words and classes named in a message."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """What to say where a backbone does not know this kind of pictures.

    Attributes:
        headline, detail, remedy: sentences, not escaped.
    """

    headline: str
    detail: str
    remedy: str


def stranger(config: RunConfig) -> Stranger | None:
    """What everything about a run has to be read with, where its backbone never saw its kind of pictures; else None."""
    if config.dataset == "aviary" or vocabulary_of(config.backbone) is None:
        return None
    return Stranger(
        f"{config.backbone} does not know this kind of pictures",
        "It was trained on the Aviary's painted birds and nothing else. On other pictures it tells colours and shapes "
        "apart, not things, and its words mean nothing here: accuracy, concepts, maps and findings of this run say "
        "little about the pictures",
        f"Train again with a backbone of photographs and open text, for example {OPEN_TEXT}",
    )


Reads = Callable[[Sequence[str]], frozenset[str]]
"""What of some texts is unknown: words to a backbone, whole texts to data that bring embeddings of some."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Concept texts that a backbone cannot read.

    Attributes:
        texts, lost: how many there are, and how many of them hold a word that it does not know.
        words: those words, the most frequent first.
        bare: names of the classes that are left without any concept.
        lacks: how a sentence about them begins.
    """

    texts: int
    lost: int
    words: tuple[str, ...]
    bare: tuple[str, ...]
    lacks: str

    def told(self) -> str | None:
        """Why a method that needs concepts cannot run, as a clause, or None where every class keeps one."""
        if not self.bare:
            return None
        if not self.texts:
            return "it needs concepts for every class, and this data lists none"
        classes = f"{len(self.bare)} class{'es' if len(self.bare) > 1 else ''} ({_some(self.bare)})"
        if not self.lost:
            return f"it needs concepts for every class, and this data lists none for {classes}"
        return (
            f"{self.lacks} {self.lost} of the {self.texts} concept texts: {_some(self.words)}. "
            f"That leaves {classes} without concepts"
        )


def unread(names: Sequence[str], candidates: Sequence[Sequence[ConceptCandidate]], reads: Reads, given: bool) -> Unread:
    """Go through the concept texts of all classes.

    Args:
        names, candidates: of the classes, aligned.
        reads: gives what of some texts is unknown.
        given: whether the data bring embeddings in place of a backbone.
    """
    listed = {c: [candidate.text for candidate in own] for c, own in enumerate(candidates)}
    every = dict.fromkeys(text for texts in listed.values() for text in texts)
    missing = {text: reads([text]) for text in every}
    counts: dict[str, int] = {}
    for words in missing.values():
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return Unread(
        len(every),
        sum(bool(words) for words in missing.values()),
        tuple(sorted(counts, key=lambda word: (-counts[word], word))),
        tuple(names[c] for c, texts in listed.items() if all(missing[text] for text in texts)),
        "the data bring no embedding of" if given else "the backbone does not know words of",
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"
