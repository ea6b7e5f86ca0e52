"""The house's rules, checked on the source: imports point one way, and the engine loads nothing it must not."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = [  # from the bottom up; names in one row never import each other
    {"errors", "escaping", "glossary"},
    {"params", "registry", "rng", "device", "files", "paths", "structures", "steps"},
    {"home", "array_types"},
    {"data", "backbone", "concepts"},
    {"model"},
    {"methods", "metrics", "explain", "attacks", "interventions"},
    {"defences"},
    {"runs"},
    {"records"},
    {"store"},
    {"training"},
    {"jobs"},
    {"session"},
    {"analyses"},
    {"figures"},
    {"exhibits", "findings"},
    {"slides", "report"},
    {"archive"},
    {"bench"},
    {"commands"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
DRAWING = {"figures", "exhibits", "findings", "slides", "report", "archive"}
"""Packages that draw or word what was drawn: whoever imports them has asked for charts."""
PAGES_RANK, UI_RANK, APP_RANK = 102, 101, 103


def place(path: Path) -> tuple[str, int]:
    """Name of the package a file belongs to, and its rank."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "engine":
        return (parts[1], RANK[parts[1]]) if parts[1] != "__init__" else ("engine", -1)
    if parts[0] == "pages":
        return ("pages.ui", UI_RANK) if len(parts) > 2 and parts[1] == "ui" else (".".join(parts), PAGES_RANK)
    return parts[0], APP_RANK


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
    return found


def target(module: str) -> tuple[str, int] | None:
    parts = module.split(".")
    if parts[0] == "engine" and len(parts) > 1:
        return parts[1], RANK[parts[1]]
    if parts[0] == "pages":
        return ("pages.ui", UI_RANK) if parts[1:2] == ["ui"] else (module, PAGES_RANK)
    return ("app", APP_RANK) if module == "app" else None


SOURCES = sorted([ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("engine/**/*.py")])


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    name, rank = place(path)
    for module in imports(path):
        aim = target(module)
        if aim is None or aim[0] == name:
            continue
        assert aim[1] < rank, f"{path.relative_to(ROOT)} imports {module}: that arrow does not point down"


def test_the_check_itself_sees_arrows_that_point_up():
    assert target("engine.store.store")[1] > place(ROOT / "engine/data/streams.py")[1]
    assert target("pages.ui.state")[1] > place(ROOT / "engine/figures/matrix.py")[1]


@pytest.mark.parametrize("path", [p for p in SOURCES if p.is_relative_to(ROOT / "engine")], ids=lambda p: p.stem)
def test_no_streamlit_in_the_engine_and_no_plotly_outside_figures(path):
    roots = {module.split(".")[0] for module in imports(path)}
    assert "streamlit" not in roots
    assert not (roots & {"plotly", "altair"}) or place(path)[0] == "figures"


def loaded_after(code: str) -> set[str]:
    printed = "import sys; print(*{name.split('.')[0] for name in sys.modules})"
    result = subprocess.run([sys.executable, "-c", f"{code}; {printed}"], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_importing_the_whole_engine_loads_neither_streamlit_nor_plotly():
    modules = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for p in SOURCES
        if p.is_relative_to(ROOT / "engine") and not DRAWING & set(p.parts) and p.stem != "__main__"
    ]
    assert not loaded_after("import " + ", ".join(modules)) & {"streamlit", "plotly", "altair", "playwright"}


def test_what_pages_need_to_show_a_run_loads_no_torch():
    loaded = loaded_after("import engine.store.view, engine.store.store, engine.jobs.control, engine.figures.matrix")
    assert not loaded & {"torch", "open_clip"}


def test_knowing_all_exhibits_findings_and_slides_loads_no_torch():
    code = "from engine.exhibits.every import load; load()"
    code += "; from engine.findings.base import RULES; from engine.slides.base import SLIDES; [*RULES], [*SLIDES]"
    assert not loaded_after(code) & {"torch", "open_clip"}
