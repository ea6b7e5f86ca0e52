"""One name, one meaning: no two classes are called the same, and work is drained in one place."""

import ast
from collections import defaultdict

from tests.engine.arrows import ROOT, SOURCES


def is_entry(node: ast.ClassDef) -> bool:
    """Whether a class is registered; an analysis and the finding that tells of it may share a name."""
    return any(isinstance(one, ast.Attribute) and one.attr == "register" for one in node.decorator_list)


def test_no_two_classes_have_one_name():
    found = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append((str(path.relative_to(ROOT)), is_entry(node)))
    assert len(found) > 300
    assert {name: where for name, where in found.items() if len(where) > 1 and not all(e for _, e in where)} == {}


def test_pages_drain_work_by_the_one_way():
    pages = [path for path in SOURCES if path.is_relative_to(ROOT / "pages")]
    assert [str(path.relative_to(ROOT)) for path in pages if "StopIteration" in path.read_text("utf-8")] == []
