"""What methods there are and what parameters they declare. No torch here: methods import it where they learn."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import BadParameter
from engine.methods.base import METHODS, PARTS
from engine.params import Parameter, Value, parameters_of


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """One learning method as people see it.

    Attributes:
        name: registered name, for example `"clg_cbm"`.
        title: first line of its docstring.
        family: one of `engine.methods.base.FAMILIES`.
        summary: what it does, in one sentence.
        help: the rest of its docstring, with the source it cites.
        parts: what a published method's docstring tells under the words of `engine.methods.base.PARTS`, by them.
        sees_earlier_tasks: whether it may look back at earlier tasks' images, as only an upper bound does.
        learns_concepts: whether the bottleneck's rows are concepts.
        can_unlearn: whether it forgets single images exactly.
        parameters: its own declared parameters.
    """

    name: str
    title: str
    family: str
    summary: str
    help: str
    parts: Mapping[str, str]
    sees_earlier_tasks: bool
    learns_concepts: bool
    can_unlearn: bool
    parameters: tuple[Parameter, ...]

    def settings(self, given: Mapping[str, object]) -> dict[str, Value]:
        """All parameters of the method: those given, checked, and defaults for the rest.

        Raises:
            BadParameter: an unknown name, or a value that is not allowed.
        """
        declared = {p.name: p for p in self.parameters}
        for name in given:
            if name not in declared:
                known = ", ".join(declared) or "no parameters"
                raise BadParameter(
                    f"{self.name}: {name}", f"it has no such parameter; it has {known}", "Check the spelling"
                )
        return {name: p.check(given.get(name, p.default), self.name) for name, p in declared.items()}

    def parse(self, name: str, text: str) -> Value:
        """Read one parameter from the command line; same errors as `settings`."""
        self.settings({name: None} if name not in {p.name for p in self.parameters} else {})
        return next(p for p in self.parameters if p.name == name).parse(text, self.name)


def catalog() -> Mapping[str, MethodInfo]:
    """Every method by name, sorted."""
    return {name: _described(name) for name in METHODS}


def method_info(name: str) -> MethodInfo:
    """One method.

    Raises:
        BadParameter: there is no such method; the message lists what there is.
    """
    known = catalog()
    if name not in known:
        raise BadParameter(f"method {name!r}", f"known are {', '.join(known)}", "Choose one")
    return known[name]


@lru_cache(maxsize=256)
def _described(name: str) -> MethodInfo:
    cls = METHODS.get(name)
    plain, parts = told(inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip())
    return MethodInfo(
        name=name,
        title=METHODS.title(name),
        family=cls.family,
        summary=cls.summary,
        help=plain,
        parts=parts,
        sees_earlier_tasks=cls.sees_earlier_tasks,
        learns_concepts=cls.learns_concepts,
        can_unlearn=cls.can_unlearn,
        parameters=parameters_of(cls),
    )


def told(text: str) -> tuple[str, Mapping[str, str]]:
    """A docstring without the paragraphs that begin with one of `PARTS`, and those, by that word."""
    plain: list[str] = []
    parts: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        word, colon, rest = paragraph.partition(": ")
        if colon and word in PARTS:
            parts[word] = " ".join((rest[:1].upper() + rest[1:]).split())
        else:
            plain.append(paragraph)
    return "\n\n".join(plain), parts
