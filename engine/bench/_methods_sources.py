"""Which source decides what a method leaves: its own file and what that loads, not the files of other methods.

A registry finds methods by their names, so no import leads from one to another, and a change in one leaves what the
others made as it is. Docstrings and comments decide nothing: a claim may be written up after it was measured.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_DECIDING = ("analyses", "backbone", "bench", "concepts", "data", "methods", "metrics", "model", "rng", "training")
"""Packages that decide; of the others, such as the store, a change alters no number."""
_ALSO = ("engine.runs.sources", "engine.runs.concepts")
_PACKAGES = ("torch", "numpy", "scipy", "scikit-learn")


def digest_of(modules: Iterable[str], more: Collection[str] = ()) -> str:
    """Hex digest of everything that these modules load and that decides, and of the packages that compute.

    Args:
        more: packages of the engine that decide here too.
    """
    sha = hashlib.sha256()
    for module in sorted(closure(modules)):
        if module.split(".")[1] in (*_DECIDING, *more) or module in _ALSO:
            sha.update(f"{module}\0{_code(_file(module))}\0".encode())
    for name in _PACKAGES:
        sha.update(f"{name} {importlib.metadata.version(name)}\0".encode())
    return sha.hexdigest()


def closure(modules: Iterable[str]) -> frozenset[str]:
    """The modules of the engine that these load, sooner or later, they themselves among them."""
    found, waiting = set[str](), [*modules]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _loads(_file(module))
    return frozenset(found)


def _file(module: str) -> Path:
    path = _ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _code(path: Path) -> str:
    """The file's syntax tree without docstrings, as text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


@cache
def _loads(path: Path) -> tuple[str, ...]:
    return tuple(_imported(ast.parse(path.read_text(encoding="utf-8"))))


def _imported(node: ast.AST) -> Iterator[str]:
    """Modules of the engine that are imported, inside functions too, but not for types alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from (name for other in child.orelse for name in _imported(other))
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names if alias.name.startswith("engine."))
        elif isinstance(child, ast.ImportFrom) and (child.module or "").startswith("engine"):
            full = [f"{child.module}.{alias.name}" for alias in child.names]
            modules = [name for name in full if _file(name).is_file()]
            yield from modules
            if len(modules) < len(full) and child.module != "engine":
                yield str(child.module)
        else:
            yield from _imported(child)
