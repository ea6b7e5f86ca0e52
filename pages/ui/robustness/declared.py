"""What can be chosen on the Robustness page: settings of the look over a run, attacks, defences."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.analyses.robustness import Robustness
from engine.attacks.base import ATTACKS
from engine.commands import robustify
from engine.defences.base import DEFENCES
from engine.params import Parameter, parameters_of

_SENTENCES = re.compile(r"(?<=\.)\s+(?=[A-Z])")


@dataclass(frozen=True)
class DefenceChoice:
    """A way to make a backbone hold.

    Attributes:
        name, title, help: of the defence; the help is a paragraph for people.
        parameters: its settings.
    """

    name: str
    title: str
    help: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Choices:
    """What can be chosen.

    Attributes:
        analysis: the settings of the look over a run.
        attacks: titles by name.
        defences: by name, the usual one first.
        images: how many birds a defence is trained on by default.
    """

    analysis: tuple[Parameter, ...]
    attacks: Mapping[str, str]
    defences: Mapping[str, DefenceChoice]
    images: int

    def default(self, name: str) -> Any:
        """A setting of the analysis where nothing was said."""
        return next(p.default for p in self.analysis if p.name == name)


@lru_cache(maxsize=1)
def known() -> Choices:
    """Everything."""
    parser = argparse.ArgumentParser()
    robustify.add_arguments(parser)
    usual = parser.get_default("defence")
    defences = {name: _defence(name) for name in sorted(DEFENCES, key=lambda name: name != usual)}
    attacks = {name: ATTACKS.title(name) for name in ATTACKS}
    return Choices(parameters_of(Robustness), attacks, defences, parser.get_default("images"))


def _defence(name: str) -> DefenceChoice:
    defence = DEFENCES.get(name)
    about = " ".join(inspect.cleandoc(defence.__doc__ or "").partition("\n\n")[2].split())
    about = " ".join(part for part in _SENTENCES.split(about) if "`" not in part)  # names of our files tell nobody much
    return DefenceChoice(name, DEFENCES.title(name), about, parameters_of(defence))
