"""What the texts tell people to press and to type exists; and what is drawn from the code is all there."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from engine.__main__ import build_parser
from engine.commands import bench
from engine.exhibits.every import load
from engine.glossary import TERMS
from engine.metrics.definitions import DEFINITIONS
from tests.docs.places import ROOT, build, texts

COMMAND = re.compile(r"python -m engine ([^\n`]*)")
PRESS = re.compile(r"\*\*([A-Z][^*\n]+)\*\*")
TUTORIALS = [path for path in (ROOT / "docs" / "tutorials").glob("*.md") if path.stem != "command-line"]
PLACES = ("COMMAND", "--help", "[")  # a command's form, not a command


def commands() -> list[str]:
    """Every command line that a text shows."""
    found = {line.strip() for path in texts() for line in COMMAND.findall(path.read_text(encoding="utf-8"))}
    return sorted(line for line in found if line and not any(place in line for place in PLACES))


@pytest.mark.parametrize("line", commands())
def test_every_command_shown_is_one(line: str) -> None:
    word, *rest = shlex.split(line.partition("  #")[0].partition(" >")[0])
    if rest:
        assert build_parser().parse_args([word, *rest]).command == word
    else:  # a sentence about the command
        assert f"\n## {word}\n" in build().commands()


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_every_button_named_by_a_tutorial_is_on_a_page(path: Path) -> None:
    places = [
        *(ROOT / "pages").rglob("*.py"),
        *(ROOT / "engine" / "exhibits").rglob("*.py"),
        *(ROOT / "assets" / "ui").glob("*.js"),
    ]
    code = "".join(place.read_text(encoding="utf-8") for place in places)
    pressed = PRESS.findall(path.read_text(encoding="utf-8"))
    assert pressed and [label for label in pressed if f'"{label}' not in code] == []


def test_the_reference_has_everything_that_is_declared() -> None:
    made = {name: make() for name, make in build().PAGES.items()}
    assert made["metrics.md"].count("\n## ") == len(DEFINITIONS)
    assert made["glossary.md"].count("\n### ") == len(TERMS)
    assert all(f"\n## {word}\n" in made["commands.md"] for word in ("train", "import", "bench", "doctor"))
    assert all(f"`{name}`" in made["parameters.md"] for name in ("hardening", "clg_cbm", "tecoa", "ectp", "rollout"))


def test_the_gallery_has_the_lesson_of_every_chart() -> None:
    text = build().filled((ROOT / "docs" / "gallery.md").read_text(encoding="utf-8"))
    assert "<!--" not in text
    assert [kind.name for kind in load().values() if kind.lesson.what not in text] == []


def test_the_table_of_rooms_has_all_of_the_engine() -> None:
    text = build().filled((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    rooms = {path.stem for path in (ROOT / "engine").iterdir() if path.name[0] != "_" or path.stem == "__main__"}
    assert {name for name in rooms if f"`engine/{name}`" not in text} == set()


def test_there_is_a_page_for_every_bench() -> None:
    results = ROOT / "docs" / "results"
    assert {path.stem for path in results.glob("*.md")} - {"index"} == set(bench.names())
    for path in results.glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert rows and all(
            row["name"].startswith(f"{path.stem}.") and row["commit"] and row["machine"] for row in rows
        )
        assert rows[0]["commit"] in (drawn := build().figures(path.stem)) and f"`{rows[-1]['name']}`" in drawn
        assert f"<!-- figures: {path.stem} -->" in (results / f"{path.stem}.md").read_text(encoding="utf-8")


def test_citation_and_package_are_of_one_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'version: "{version}"' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
