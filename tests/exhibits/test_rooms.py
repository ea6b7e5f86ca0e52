"""Pages and exhibits have the same rooms: whoever knows one finds the twin in the other."""

import ast
from pathlib import Path

import pytest

from engine.exhibits.every import load
from engine.exhibits.exhibit import kind
from tests.engine.arrows import ROOT, arrows

UI, EXHIBITS = ROOT / "pages/ui", ROOT / "engine/exhibits"
WITHOUT = {
    "bring": "sets up a run, before there is anything to exhibit",
    "home": "shows runs and findings, whose proofs are exhibits of other pages",
    "story": "shows slides, which have a room of their own",
}
"""Rooms of pages that have no exhibits, and why."""
SHELL = {"__init__", "first_script", "moved", "shell"}
"""What is loaded by the server's frame and by every page."""


def rooms(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def declared(path: Path) -> set[str]:
    """The pages that a module's kinds of exhibit say they belong to."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    kinds = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "kind")
    return {str(ast.literal_eval(call.args[1])) for call in kinds}


def test_each_page_with_exhibits_has_a_room_in_both():
    assert rooms(EXHIBITS) == {kind.page for kind in load().values()}
    assert rooms(UI) == rooms(EXHIBITS) | set(WITHOUT) and not rooms(EXHIBITS) & set(WITHOUT)
    assert all((ROOT / f"pages/{room}.py").exists() for room in rooms(UI))


def test_what_is_explained_has_a_formula_and_a_source():
    """A lesson alone says what is drawn and how to read it, not what the numbers are."""
    assert [kind.name for kind in load().values() if not kind.terms] == []
    some = next(iter(load().values()))
    with pytest.raises(TypeError, match="'of-nothing'"):
        kind("of-nothing", some.page, some.lesson, ())


def test_an_exhibit_is_declared_in_its_pages_room():
    found = {str(path.relative_to(EXHIBITS)): declared(path) for path in EXHIBITS.rglob("*.py")}
    assert {path: pages for path, pages in found.items() if pages and pages != {Path(path).parent.name}} == {}


def users(module: str) -> set[str]:
    """The rooms and pages that import a part of `pages/ui`; the shared ones count each for itself."""
    found = set()
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        names = {one for arrow in arrows(path) for one in (arrow.module, *(f"{arrow.module}.{n}" for n in arrow.names))}
        if f"pages.ui.{module}" in names:
            parts = path.relative_to(ROOT / "pages").parts if path.is_relative_to(ROOT / "pages") else ("app",)
            found.add(parts[1] if len(parts) == 3 else Path(parts[-1]).stem)
    return found - {module}


@pytest.mark.parametrize("room", sorted(rooms(UI)))
def test_what_one_page_alone_uses_lies_in_its_room(room):
    shared = {path.stem for path in UI.glob("*.py")} - SHELL
    assert {module for module in shared if users(module) == {room}} == set()


def test_the_check_sees_who_uses_what():
    assert {"attack", "picture"} <= users("verdict") and "home" in users("text")
