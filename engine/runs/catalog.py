"""What methods there are and what parameters they declare, known without importing torch.

Methods import torch, which takes seconds; the page that offers them must paint at once. So their declarations are kept
in a small JSON file, named by the digest of the source they were read from, and read from the methods themselves
only when that source has changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import BadParameter
from engine.files import write_text
from engine.home import cache_folder, home
from engine.params import Parameter, Value, parameters_of

_KINDS = {kind.__name__: kind for kind in (bool, int, float, str)}
_ENGINE = Path(__file__).resolve().parents[1]


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
    return _catalog(_source_digest(), home())


def method_info(name: str) -> MethodInfo:
    """One method.

    Raises:
        BadParameter: there is no such method; the message lists what there is.
    """
    known = catalog()
    if name not in known:
        raise BadParameter(f"method {name!r}", f"known are {', '.join(known)}", "Choose one")
    return known[name]


@lru_cache(maxsize=8)
def _catalog(digest: str, root: Path) -> Mapping[str, MethodInfo]:
    path = cache_folder(root) / f"methods-{digest[:16]}.json"
    try:
        return {entry["name"]: _from_json(entry) for entry in json.loads(path.read_text(encoding="utf-8"))}
    except (OSError, ValueError, KeyError, TypeError):  # not written yet, or damaged: read the methods themselves
        infos = _read_methods()
    with contextlib.suppress(OSError):  # a read-only or full home only costs the next process some seconds
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(json.dumps([_to_json(info) for info in infos.values()]), path)
    return infos


def _source_digest() -> str:
    digest = hashlib.sha256()
    for path in [_ENGINE / "params.py", *sorted((_ENGINE / "methods").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _read_methods() -> dict[str, MethodInfo]:
    from engine.methods.base import METHODS

    return {name: _describe(name, METHODS.get(name), METHODS.title(name)) for name in METHODS}


def _describe(name: str, cls: Any, title: str) -> MethodInfo:
    text = inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip()
    return MethodInfo(name, title, text, cls.sees_earlier_tasks, cls.learns_concepts, parameters_of(cls))


def _to_json(info: MethodInfo) -> dict[str, Any]:
    entry = dataclasses.asdict(info)
    for parameter, declared in zip(entry["parameters"], info.parameters, strict=True):
        parameter["kind"] = declared.kind.__name__
    return entry


def _from_json(entry: dict[str, Any]) -> MethodInfo:
    parameters = tuple(
        Parameter(**{**p, "kind": _KINDS[p["kind"]], "choices": tuple(p["choices"])}) for p in entry["parameters"]
    )
    return MethodInfo(**{**entry, "parameters": parameters})
