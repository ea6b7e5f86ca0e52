"""Who imports whom, read from the source. Imports for types alone are told apart: nothing is loaded for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted([ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("engine/**/*.py")])


@dataclass(frozen=True)
class Arrow:
    """One import.

    Attributes:
        module: as written after `import` or `from`.
        names: what is taken from it; empty for a plain `import`.
        typing: it stands below `if TYPE_CHECKING`.
    """

    module: str
    names: tuple[str, ...] = ()
    typing: bool = False


@cache
def arrows(path: Path) -> tuple[Arrow, ...]:
    """Every import of a file, also those inside functions."""
    return tuple(_found(ast.parse(path.read_text(encoding="utf-8")), False))


def _found(node: ast.AST, typing: bool) -> Iterator[Arrow]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Arrow(alias.name, (), typing) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"a relative import: {ast.unparse(child)}"
            yield Arrow(child.module or "", tuple(alias.name for alias in child.names), typing)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from _found(ast.Module(child.body, []), True)
            yield from _found(ast.Module(child.orelse, []), typing)
        else:
            yield from _found(child, typing)


def name(path: Path) -> str:
    """A file as others import it."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def graph(sources: Iterable[Path] = SOURCES) -> dict[str, set[str]]:
    """For each module those of its kind that it loads, sooner or later."""
    files = {name(path): path for path in sources}
    return {module: set(_loaded(arrows(path), files)) for module, path in files.items()}


def _loaded(found: Iterable[Arrow], files: dict[str, Path]) -> Iterator[str]:
    for arrow in found:
        if arrow.typing:
            continue
        inside = [full for each in arrow.names if (full := f"{arrow.module}.{each}") in files]
        yield from inside
        if len(inside) < max(len(arrow.names), 1) and arrow.module in files:
            yield arrow.module


def circle(loads: dict[str, set[str]]) -> list[str]:
    """Modules of which each loads the next, the last one being the first again; empty if there is no such circle."""
    try:
        TopologicalSorter(loads).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
