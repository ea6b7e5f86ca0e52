"""Which defences there are, as the form offers them."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.commands import robustify
from engine.defences.base import DEFENCES
from engine.params import Parameter, parameters_of

_SENTENCES = re.compile(r"(?<=\.)\s+(?=[A-Z])")


@dataclass(frozen=True)
class DefenceChoice:
    """A way to make a backbone hold.

    Attributes:
        title, help: of the defence; the help is a paragraph for people.
        parameters: its settings.
    """

    title: str
    help: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Defences:
    """What can be chosen.

    Attributes:
        all: by name, the usual one first.
        images: how many birds a defence is trained on by default.
    """

    all: Mapping[str, DefenceChoice]
    images: int


@lru_cache(maxsize=1)
def known() -> Defences:
    """Everything."""
    parser = argparse.ArgumentParser()
    robustify.add_arguments(parser)
    usual = parser.get_default("defence")
    ordered = sorted(DEFENCES, key=lambda name: name != usual)
    return Defences({name: _defence(name) for name in ordered}, parser.get_default("images"))


def _defence(name: str) -> DefenceChoice:
    defence = DEFENCES.get(name)
    about = " ".join(inspect.cleandoc(defence.__doc__ or "").partition("\n\n")[2].split())
    about = " ".join(part for part in _SENTENCES.split(about) if "`" not in part)  # names of our files tell nobody much
    return DefenceChoice(DEFENCES.title(name), about, parameters_of(defence))
