"""Prompts for concepts as published, and how their answers are read.

Label-free CBM: Oikarinen et al., ICLR 2023, word for word as in `GPT_initial_concepts.ipynb` of its repository. LaBo:
Yang et al., CVPR 2023, its five questions about looks. Its repository has the answers and not the questions; their
wording is the paper's as five public reimplementations quote it, all alike. LaBo cuts the answers into concepts with a
trained model, here every sentence is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.data.texts.sets import MAX_CHARACTERS

SLOT = "{}"
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2013]|\d{1,3}[.)])\s*")
_AROUND = " \t\r\"'`*.;,"
"""What stands around a text in a list and is no part of it."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question about a class.

    Attributes:
        name: of the prompt, within its family.
        text: with `{}` for the class.
        is_list: whether the answer is a list, one text a line; else every sentence is a text.
    """

    name: str
    text: str
    is_list: bool

    def about(self, class_name: str) -> str:
        """The question about one class."""
        return self.text.replace(SLOT, class_name.replace("_", " "))

    def texts(self, answer: str) -> Iterator[str]:
        """The texts of an answer. What is longer than a concept may be is no concept, and passed over."""
        for part in answer.splitlines() if self.is_list else _SENTENCE.split(answer):
            text = _BULLET.sub("", part).strip(_AROUND)
            plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
            if plain and len(plain) <= MAX_CHARACTERS and not plain.endswith(":"):
                yield plain


def _shots(question: str, *answered: tuple[str, str]) -> str:
    """A question asked of other classes with an answer each, then of ours."""
    before = (f"{question.replace(SLOT, name)}\n\n{answer}\n\n" for name, answer in answered)
    return f"{''.join(before)}{question}"


FAMILIES: Mapping[str, tuple[Prompt, ...]] = {
    "label_free": (
        Prompt(
            "important",
            _shots(
                'List the most important features for recognizing something as a "{}":',
                (
                    "goldfish",
                    "-bright orange color\n-a small, round body\n-a long, flowing tail\n-a small mouth\n-orange fins",
                ),
                (
                    "beerglass",
                    "-a tall, cylindrical shape\n-clear or translucent color\n-opening at the top\n"
                    "-a sturdy base\n-a handle",
                ),
            ),
            True,
        ),
        Prompt(
            "superclass",
            _shots(
                'Give superclasses for the word "{}":',
                ("tench", "-fish\n-vertebrate\n-animal"),
                ("beer glass", "-glass\n-container\n-object"),
            ),
            True,
        ),
        Prompt(
            "around",
            _shots(
                'List the things most commonly seen around a "{}":',
                ("tench", "- a pond\n-fish\n-a net\n-a rod\n-a reel\n-a hook\n-bait"),
                ("beer glass", "- beer\n-a bar\n-a coaster\n-a napkin\n-a straw\n-a lime\n-a person"),
            ),
            True,
        ),
    ),
    "labo": tuple(
        Prompt(name, text, False)
        for name, text in (
            ("looks", "describe what the {} looks like:"),
            ("appearance", "describe the appearance of the {}:"),
            ("color", "describe the color of the {}:"),
            ("pattern", "describe the pattern of the {}:"),
            ("shape", "describe the shape of the {}:"),
        )
    ),
}
"""By family."""
