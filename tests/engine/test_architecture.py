"""The house's rules, checked on the source: imports point one way, and the engine loads nothing it must not."""

import subprocess
import sys
from pathlib import Path

from tests.engine.arrows import ROOT, SOURCES, arrows, circle, graph

LAYERS = [  # from the bottom up; names in one row never import each other
    {"errors", "escaping", "glossary"},
    {"params", "registry", "rng", "device", "files", "paths", "structures", "steps", "memory"},
    {"home", "array_types", "downloads"},
    {"data", "backbone", "concepts"},
    {"model", "generation"},
    {"methods", "metrics", "explain", "attacks", "interventions"},
    {"defences"},
    {"runs"},
    {"records"},
    {"store"},
    {"watching"},
    {"training"},
    {"health"},
    {"jobs"},
    {"session"},
    {"analyses", "experiments", "embedding"},
    {"figures", "drawing"},
    {"exhibits", "findings"},
    {"slides", "report"},
    {"archive"},
    {"cluster"},
    {"bench"},
    {"commands"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
DRAWING = {"figures", "drawing", "exhibits", "findings", "slides", "report", "archive"}
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


def target(module: str) -> tuple[str, int] | None:
    parts = module.split(".")
    if parts[0] == "engine" and len(parts) > 1:
        return parts[1], RANK[parts[1]]
    if parts[0] == "pages":
        return ("pages.ui", UI_RANK) if parts[1:2] == ["ui"] else (module, PAGES_RANK)
    return ("app", APP_RANK) if module == "app" else None


def upwards(path: Path) -> list[str]:
    """What a file imports although it does not lie below it."""
    own, rank = place(path)
    aims = {arrow.module: target(arrow.module) for arrow in arrows(path)}
    return [module for module, aim in aims.items() if aim is not None and aim[0] != own and aim[1] >= rank]


def test_imports_point_down():
    wrong = [f"{path.relative_to(ROOT)} imports {module}" for path in SOURCES for module in upwards(path)]
    assert wrong == [], "these arrows do not point down"


def test_no_two_modules_import_each_other_by_whatever_way():
    assert circle(graph()) == [], "each of these imports the next"


def test_the_checks_themselves_see_what_they_are_for(tmp_path):
    assert target("engine.store.store")[1] > place(ROOT / "engine/data/streams.py")[1]
    assert target("pages.ui.state")[1] > place(ROOT / "engine/figures/matrix.py")[1]
    assert len(SOURCES) > 600
    loads = graph()
    assert "engine.interventions.edits" in loads["engine.interventions.repair"]  # at the top of the file
    assert "engine.analyses.intervention_setup" in loads["pages.ui.picture.case"]  # inside a function
    assert "engine.session.lab" not in loads["pages.ui.picture.case"]  # for types alone
    found = circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert found[0] == found[-1] and sorted(found[1:]) == ["a", "b", "c"]


def foreign_drawing(path: Path) -> set[str]:
    """What a file of the engine imports that only pages, or only figures and exhibits, may."""
    roots = {arrow.module.split(".")[0] for arrow in arrows(path)}
    return roots & ({"streamlit"} if place(path)[0] in ("figures", "exhibits") else {"streamlit", "plotly", "altair"})


def test_no_streamlit_in_the_engine_and_no_plotly_outside_figures_and_exhibits():
    engine = [path for path in SOURCES if path.is_relative_to(ROOT / "engine")]
    assert {str(path.relative_to(ROOT)): found for path in engine if (found := foreign_drawing(path))} == {}


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
    code = "import engine.store.view, engine.store.store, engine.jobs.control, engine.figures.matrix"
    loaded = loaded_after(f"{code}; from engine.records.answers import ANSWERED; [*ANSWERED]")
    assert not loaded & {"torch", "open_clip"}


def test_knowing_all_exhibits_findings_and_slides_loads_no_torch():
    code = "from engine.exhibits.every import load; load()"
    code += "; from engine.findings.base import RULES; from engine.slides.base import SLIDES; [*RULES], [*SLIDES]"
    assert not loaded_after(code) & {"torch", "open_clip"}
