"""Tables of figures are made from the figures, and nobody has written over them."""

from __future__ import annotations

import importlib.util
from functools import cache
from types import ModuleType

from tests.docs.places import ROOT, texts


@cache
def tables() -> ModuleType:
    """The script, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def figure(name: str, value: float, spread: float | None = 0.5, note: str = "") -> dict[str, object]:
    made: dict[str, object] = {"name": f"methods.demo.{name}", "value": value, "spread": spread, "unit": "%"}
    return {**made, "seeds": [1, 2], "machine": "a machine", "commit": "abc", **({"note": note} if note else {})}


FIGURES = [
    figure("ncm.last", 89.56),
    figure("ncm.stored", 15_400.0),
    figure("clg_cbm.last", 90.7),
    figure("clg_cbm.anec5", 75.04, None),
    figure("finetune.last", 12.5),
    figure("finetune.failed", 1.0, None, "seed 2 was killed"),
    {**figure("ncm.last", 1.0), "name": "methods.clothing.ncm.last"},
]
TEXT = "before\n<!-- table: methods demo -->\nold\n<!-- end of table -->\nafter\n"


def test_a_table_has_a_row_a_method_by_family_and_says_what_failed() -> None:
    made = tables().written(TEXT, FIGURES)
    lines = made.splitlines()
    assert lines[0] == "before" and lines[-1] == "after" and "old" not in made
    assert "| method | last | 5 concepts a class | numbers kept |" in lines
    assert "| CLG-CBM | 90.7 ± 0.5 | 75.0 |  |" in lines and "| Nearest class mean | 89.6 ± 0.5 |  | 15,400 |" in lines
    assert made.index("Continual bottlenecks") < made.index("CLG-CBM |") < made.index("Bounds and plain references")
    assert made.index("Nearest class mean") < made.index("seed 2 was killed")
    assert "Measured on a machine, seeds 1, 2, commit `abc` (`bench methods.demo`)." in lines
    assert tables().written(made, FIGURES) == made


def test_a_table_of_the_best_has_fewer_columns_and_rows() -> None:
    more = [figure(f"{name}.last", 90.0 + place) for place, name in enumerate(("joint", "joint_linear", "zero_shot"))]
    made = tables().written(TEXT.replace("demo -->", "demo best -->"), [*FIGURES, *more])
    assert "| method | last |" in made and "numbers kept" not in made and "killed" not in made
    assert "| Zero-shot CLIP | 92.0 ± 0.5 |" in made and "| Fine-tuning |" not in made


def test_what_was_not_measured_says_so() -> None:
    assert "\nNot measured yet.\n" in tables().written(TEXT, [])


def test_every_table_of_the_house_is_the_one_that_its_figures_make() -> None:
    figures = tables().measured()
    kept = {path: path.read_text(encoding="utf-8") for path in texts()}
    assert [str(path) for path, text in kept.items() if tables().written(text, figures) != text] == []
