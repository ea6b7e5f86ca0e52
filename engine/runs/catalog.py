"""What methods there are and what parameters they declare. No torch here: methods import it where they learn."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import BadParameter
from engine.methods.base import METHODS
from engine.params import Parameter, Value, parameters_of


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """One learning method as people see it.

    Attributes:
        name: registered name, for example `"clg_cbm"`.
        title: first line of its docstring.
        help: the rest of its docstring, with the source it cites.
        sees_earlier_tasks: whether it may look back at earlier tasks' images, as only an upper bound does.
        learns_concepts: whether the bottleneck's rows are concepts.
        parameters: its own declared parameters.
    """

    name: str
    title: str
    help: str
    sees_earlier_tasks: bool
    learns_concepts: bool
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
    text = inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip()
    concepts = cls.learns_concepts
    return MethodInfo(name, METHODS.title(name), text, cls.sees_earlier_tasks, concepts, parameters_of(cls))
