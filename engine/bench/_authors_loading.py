"""Authors' released code, imported from checkouts at run time: nothing of it is part of Plumage, or left behind.

`PLUMAGE_AUTHORS` names a folder with one checkout a repository, each called `OWNER+NAME`. What is read is executed: use
only checkouts that you trust.
"""

from __future__ import annotations

import ast
import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.machinery import FileFinder, SourceFileLoader
from io import StringIO
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, ClassVar

from engine.errors import NotApplicable

VARIABLE = "PLUMAGE_AUTHORS"
Edits = Mapping[str, str]
"""Words to read for others, so that the code runs here (`.cuda()` without a GPU); on file nothing changes."""


@dataclass(frozen=True)
class Repository:
    """Where authors released their code.

    Attributes:
        name: `OWNER/NAME` on GitHub.
        commit: that it was tried at.
    """

    name: str
    commit: str

    @property
    def folder(self) -> str:
        """Of its checkout."""
        return self.name.replace("/", "+")

    def clone(self, path: str) -> str:
        """What to do for a checkout."""
        return f"Run: git clone https://github.com/{self.name} {path} && git -C {path} checkout {self.commit}"

    def checkout(self) -> Path:
        """The checkout's folder.

        Raises:
            NotApplicable: there is none; the message says how to get it.
        """
        root = os.environ.get(VARIABLE, "")
        if not root:
            remedy = f"Set it to a folder. {self.clone(f'${VARIABLE}/{self.folder}')}"
            raise NotApplicable(VARIABLE, "is not set, and names the folder with the authors' code", remedy)
        path = Path(root).resolve() / self.folder
        if not path.is_dir():
            raise NotApplicable(str(path), f"no checkout of {self.name} is there", self.clone(str(path)))
        return path


def load(
    checkout: Path, name: str, edits: Edits | None = None, stand_ins: Mapping[str, ModuleType] | None = None
) -> Any:
    """A module of a checkout. `sys.modules` and `sys.path` are afterwards as they were: names such as `utils` are
    everybody's.

    Args:
        name: dotted, from the checkout's root.
        edits: for every module of the checkout.
        stand_ins: modules to find in place of those of these names.

    Raises:
        ImportError: the code needs something that is neither in the checkout nor installed.
    """
    own = {path.stem for path in checkout.iterdir() if path.is_dir() or path.suffix == ".py"} | {*(stand_ins or {})}
    hidden = {known: sys.modules.pop(known) for known in [*sys.modules] if known.partition(".")[0] in own}
    hook = _hook(checkout, edits or {})
    sys.path_hooks.insert(0, hook)
    sys.path.insert(0, str(checkout))
    sys.modules.update(stand_ins or {})
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(checkout))
        sys.path_hooks.remove(hook)
        for known in [*sys.modules]:
            if known.partition(".")[0] in own:
                del sys.modules[known]
        for known in [*sys.path_importer_cache]:
            if Path(known).is_relative_to(checkout):
                del sys.path_importer_cache[known]
        sys.modules.update(hidden)


def _hook(checkout: Path, edits: Edits) -> Callable[[str], FileFinder]:
    loader = type("_Loader", (_EditedLoader,), {"edits": edits})

    def finder(path: str) -> FileFinder:
        if not Path(path).is_relative_to(checkout):
            raise ImportError(path)
        return FileFinder(path, (loader, [".py"]))

    return finder


class _EditedLoader(SourceFileLoader):
    """Reads source with edits, and neither reads nor writes bytecode beside it."""

    edits: ClassVar[Edits]

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        for old, new in self.edits.items():
            source = source.replace(old, new)
        return compile(source, self.path, "exec")


def functions(file: Path, names: Sequence[str], given: Mapping[str, Any]) -> list[Callable[..., Any]]:
    """Functions of a script that does more when it is run.

    Args:
        names: of functions at its top level.
        given: globals that they need.

    Raises:
        ImportError: it has no such function.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    wanted: list[ast.stmt] = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name in names]
    room = dict(given)
    exec(compile(ast.Module(wanted, []), str(file), "exec"), room)
    missing = [name for name in names if name not in room]
    if missing:
        raise ImportError(f"{file} defines no {', '.join(missing)}")
    return [room[name] for name in names]


@contextmanager
def visiting(seed: int) -> Iterator[None]:
    """Run others' code: what it prints is dropped, its global random numbers start at a seed, and ours go on after."""
    import numpy as np
    import torch

    plain, numbers = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]), redirect_stdout(StringIO()):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(numbers)
