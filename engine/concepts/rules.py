"""Where a run's concepts come from and which of them it may choose from: declared once, every rule a parameter.

Nothing here needs torch. The rules that look at words alone are here; those that look at embeddings are in `sifting`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.params import Parameters, param

VOCABULARY = "vocabulary"
"""In place of a file: the built-in visual words (`engine.data.texts.vocabulary`)."""
GROUP = "Concepts"
_MAX_PATH = 4096


@dataclass(frozen=True)
class ConceptRules(Parameters):
    """Which texts are candidates. With the defaults: all that come with the data."""

    concepts: str = param(
        "",
        high=_MAX_PATH,
        group=GROUP,
        help="Texts that may describe the classes: empty for those that come with the data, vocabulary for the "
        "built-in visual words, the path of a concept file, or set:NAME for a set that was imported.",
    )
    vocabulary_size: int = param(
        20,
        low=1,
        high=500,
        unit="words",
        group=GROUP,
        help="Of the vocabulary: how many words a class gets, those that separate its training images best.",
    )
    vocabulary_groups: str = param(
        "*",
        high=1000,
        group=GROUP,
        help="Of the vocabulary: the groups that take part, separated by commas (colour, texture, garment part, ...); "
        "*: all.",
    )
    vocabulary_share: float = param(
        0.1,
        low=0.01,
        high=1.0,
        group=GROUP,
        help="Of the vocabulary: a class considers this share of the words, those that score highest on its training "
        "images (at least twice as many as it gets): others may separate it and do not describe it.",
    )
    vocabulary_alike: float = param(
        0.9,
        low=0.0,
        high=1.0,
        group=GROUP,
        help="Of the vocabulary: a word is passed over if the cosine to one the class has already is above this.",
    )
    filter_length: int = param(
        0,
        low=0,
        high=200,
        unit="characters",
        group=GROUP,
        help="Texts longer than this are left out; 0: none. Label-free CBM takes 30.",
    )
    filter_class_names: bool = param(False, group=GROUP, help="Texts in which the name of a class stands are left out.")
    filter_alike: float = param(
        1.0,
        low=0.0,
        high=1.0,
        group=GROUP,
        help="Texts whose cosine to an earlier one of the task is above this are left out; 1: none. Label-free CBM "
        "takes 0.9.",
    )
    filter_activation: float = param(
        0.0,
        low=0.0,
        high=1.0,
        group=GROUP,
        help="Texts that nothing in the task's training images is like are left out: those whose five highest scores "
        "have a mean below this; 0: none. Label-free CBM takes 0.25, with CLIP's scores.",
    )
    filter_separation: float = param(
        0.0,
        low=0.0,
        high=20.0,
        group=GROUP,
        help="Texts are left out of a class whose training images do not score higher than the other classes' by this "
        "many standard deviations within classes; 0: none.",
    )

    @property
    def from_file(self) -> bool:
        """Whether a concept file is named."""
        return self.concepts not in ("", VOCABULARY)

    @property
    def needs_images(self) -> bool:
        """Whether training images decide which texts are candidates."""
        return self.concepts == VOCABULARY or self.filter_activation > 0 or self.filter_separation > 0

    @property
    def needs_vectors(self) -> bool:
        """Whether anything beyond the words themselves decides."""
        return self.needs_images or self.filter_alike < 1


@dataclass(frozen=True, slots=True)
class Removed:
    """A text that a rule left out.

    Attributes:
        text, class_id: the text, and the class it was listed for.
        rule: the parameter whose rule it was.
        value: what the rule found: a number of characters, a cosine, a score, standard deviations, or a class.
        limit: what the parameter allows.
        because: for a text too like another one, the other; else `""`.
    """

    text: str
    class_id: int
    rule: str
    value: float | str
    limit: float | bool
    because: str = ""


class WordRules:
    """The rules that look at words alone.

    Args:
        class_names: of the data.
    """

    def __init__(self, rules: ConceptRules, class_names: Sequence[str]) -> None:
        self._rules = rules
        self._names = {tuple(_words(name)): name for name in class_names if _words(name)}
        self._longest = max(map(len, self._names), default=0)

    def why_not(self, text: str, class_id: int) -> Removed | None:
        """What leaves a text of a class out, or None."""
        limit = self._rules.filter_length
        if limit and len(text) > limit:
            return Removed(text, class_id, "filter_length", len(text), limit)
        named = self._named(text) if self._rules.filter_class_names else None
        return Removed(text, class_id, "filter_class_names", named, True) if named else None

    def _named(self, text: str) -> str | None:
        """The first class whose name, or its plural, stands in a text as whole words."""
        words = _words(text)
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + self._longest) + 1):
                phrase = tuple(words[start:end])
                singular = (*phrase[:-1], phrase[-1].removesuffix("s"))
                found = self._names.get(phrase) or self._names.get(singular)
                if found:
                    return found
        return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("_", " ").casefold())
