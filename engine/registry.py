"""How methods (and later attacks, maps and policies) are found: one file each, its stem is its name.

A registry loads the modules of a package that register something when first asked; what else lies there helps them.
Plug-ins import torch where they use it, so that what they declare can be read at once. A module that fails to import
raises with its file named, because a plug-in that silently vanishes is worse than one that breaks.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from engine.errors import BadParameter

T = TypeVar("T")


class Registry(Generic[T]):
    """Classes of one kind, by name.

    Args:
        package: dotted name of the package whose modules register themselves.
        kind: what the entries are, for messages, for example `"method"`.
    """

    def __init__(self, package: str, kind: str) -> None:
        self._package = package
        self._kind = kind
        self._entries: dict[str, type[T]] = {}
        self._loaded = False

    def register(self, cls: type[T]) -> type[T]:
        """Class decorator. The entry's name is the stem of the file that defines it, stored as `cls.name`."""
        name = cls.__module__.rpartition(".")[2]
        if name in self._entries and self._entries[name] is not cls:
            raise TypeError(f"{cls.__module__} registers two {self._kind}s; one concept, one file")
        cls.name = name  # type: ignore[attr-defined]
        self._entries[name] = cls
        return cls

    def get(self, name: str) -> type[T]:
        """The class registered under `name`.

        Raises:
            BadParameter: there is none; the message lists what there is.
        """
        self._load()
        if name not in self._entries:
            raise BadParameter(f"{self._kind} {name!r}", f"known are {', '.join(sorted(self._entries))}", "Choose one")
        return self._entries[name]

    def title(self, name: str) -> str:
        """The title on screen: first line of the class's docstring, without the full stop."""
        return (self.get(name).__doc__ or name).strip().splitlines()[0].rstrip(".")

    def short(self, name: str) -> str:
        """The title up to its colon, where one line has room for a name alone: `PGD` of `PGD: many small steps`."""
        return self.title(name).partition(":")[0]

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self))

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._entries))

    def _load(self) -> None:
        if self._loaded:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            name = f"{self._package}.{module.name}"
            if not _registers(name):
                continue
            try:
                importlib.import_module(name)
            except Exception as error:
                raise ImportError(f"{self._kind} file {name.replace('.', '/')}.py does not import: {error}") from error
        self._loaded = True


def _registers(module: str) -> bool:
    """Whether a module's source decorates anything with `register`, which is told without running it."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None and b".register\n" in Path(spec.origin).read_bytes()
