"""Every how-to page's example is laid where its heading says, found there by the house's own means, and tested."""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from engine.exhibits import every, exhibit
from engine.registry import Registry
from tests.docs.places import ROOT

PAGES = sorted(path for path in (ROOT / "docs" / "how-to").glob("*.md") if path.stem != "index")
BLOCK = re.compile(r'^```python title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
REGISTRIES = {
    "engine/methods": "engine.methods.base.METHODS",
    "engine/attacks": "engine.attacks.base.ATTACKS",
    "engine/defences": "engine.defences.base.DEFENCES",
    "engine/explain/attention": "engine.explain.attention.base.ATTENTION",
    "engine/interventions/policies": "engine.interventions.base.POLICIES",
    "engine/analyses": "engine.analyses.base.ANALYSES",
    "engine/data/sources": "engine.data.sources.base.SOURCES",
    "engine/findings": "engine.findings.base.RULES",
    "engine/slides": "engine.slides.base.SLIDES",
}


def blocks(page: Path) -> dict[str, str]:
    """Python files that a page shows, by their path in the house."""
    return dict(BLOCK.findall(page.read_text(encoding="utf-8")))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder beside the house, whose packages also look into it for modules. All is forgotten afterwards."""
    registries = [_registry(name) for name in REGISTRIES.values()]
    kinds = dict(every.load())
    for registry in registries:
        registry.names()  # so that all of the house is known before anything is set aside, and remembered after
    for folder in {"engine/bench", "engine/exhibits/run", *REGISTRIES}:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        package = importlib.import_module(folder.replace("/", "."))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / folder)])
    for registry in registries:
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
        monkeypatch.setattr(registry, "_loaded", False)
    (tmp_path / "pages").mkdir()
    shutil.copy(ROOT / "app.py", tmp_path)
    for path in (ROOT / "pages").glob("*.py"):
        (tmp_path / "pages" / path.name).symlink_to(path)  # Streamlit knows pages that lie beside its script only
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "declared"))  # where the declarations of methods are kept
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a page under test takes its place
    _forget()
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
            parent, _, own = name.rpartition(".")
            vars(sys.modules.get(parent, module)).pop(own, None)
    exhibit._KINDS.clear()
    exhibit._KINDS.update(kinds)
    _forget()


def _registry(name: str) -> Registry[object]:
    module, _, attribute = name.rpartition(".")
    registry: Registry[object] = getattr(importlib.import_module(module), attribute)
    return registry


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_works_and_so_does_its_test(page: Path, installed: Path, request: pytest.FixtureRequest) -> None:
    shown = blocks(page)
    tests = [path for path in shown if path.startswith("tests/")]
    assert len(tests) == 1 and len(shown) > 1, f"{page.name} shows no example with a test"
    for path, text in shown.items():
        (installed / path).parent.mkdir(parents=True, exist_ok=True)
        (installed / path).write_text(text, encoding="utf-8")
        assert not (ROOT / path).exists(), f"{page.name}: {path} is a file of the house"
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(shown[tests[0]], f"{page.name}: {tests[0]}", "exec"), names)
    found = [value for name, value in names.items() if name.startswith("test_") and callable(value)]
    assert found
    for test in found:
        test(**{name: request.getfixturevalue(name) for name in inspect.signature(test).parameters})


def test_every_kind_of_the_house_has_a_page() -> None:
    listed = (ROOT / "docs" / "how-to" / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES] == sorted(re.findall(r"\]\(([a-z-]+\.md)\)", listed))
    assert set(REGISTRIES) <= {folder.rstrip("/") for folder in re.findall(r"`([a-z/]+/)`", listed)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_table_tells_how_many_files_and_lines_the_example_has(page: Path) -> None:
    listed = (ROOT / "docs" / "how-to" / "index.md").read_text(encoding="utf-8")
    (row,) = [line for line in listed.splitlines() if f"]({page.name})" in line]
    *_, files, lines = (cell.strip() for cell in row.strip("|").split("|"))
    own = [text for path, text in blocks(page).items() if not path.startswith("tests/")]
    assert int(files.partition(",")[0]) == len(own) and int(lines) == sum(len(text.splitlines()) for text in own)
