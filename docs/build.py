"""Hook of mkdocs: draws from the code what the docs say of it, so that the two cannot disagree.

- `docs/reference/*.md` but the index are made here and nowhere else (`PAGES`).
- `<!-- lessons: PAGE -->` in a text becomes the lessons of the charts of one page of the dashboard.
- `<!-- figures: NAME -->` becomes the table of `docs/results/NAME.jsonl`, as `bench NAME --json` wrote it.
- `<!-- methods: all -->` becomes the list of methods, by family.
- `<!-- rooms: engine -->` becomes the table of the packages of the engine, in the order of their imports.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

DOCS = Path(__file__).resolve().parent

_MARK = re.compile(r"^<!-- (lessons|figures|methods|rooms): ([a-z-]+) -->$", re.MULTILINE)
_PAGES = ["The dashboard, one page a file, and in `ui/` what pages share. Streamlit lives only here and in `app`."]
_BETTER = {True: "Higher is better.", False: "Lower is better.", None: ""}
_METHODS = "Methods"
_KINDS = {
    "Data sources": ("engine.data.sources.base", "SOURCES"),
    _METHODS: ("engine.methods.base", "METHODS"),
    "Attacks": ("engine.attacks.base", "ATTACKS"),
    "Defences": ("engine.defences.base", "DEFENCES"),
    "Attention maps": ("engine.explain.attention.base", "ATTENTION"),
    "Policies": ("engine.interventions.base", "POLICIES"),
    "Analyses": ("engine.analyses.base", "ANALYSES"),
}
"""What declares parameters beside the run itself, by heading."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference."""
    from mkdocs.structure.files import File

    sys.path.insert(0, str(DOCS.parent))  # not when this is imported: mkdocs puts the path back then
    for name, make in PAGES.items():
        files.append(File.generated(config, f"reference/{name}", content=make()))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fill in what a page marks."""
    return filled(markdown)


def filled(markdown: str) -> str:
    """The text with its marks replaced."""
    makers = {"lessons": lessons, "figures": figures, "methods": methods, "rooms": rooms}
    return _MARK.sub(lambda mark: makers[mark[1]](mark[2]), markdown)


def lessons(page: str) -> str:
    """The charts of a page of the dashboard, each with its lesson."""
    from engine.exhibits.every import load
    from engine.metrics.definitions import DEFINITIONS

    parts = []
    for kind in load().values():
        if kind.page == page:
            lesson, terms = kind.lesson, (DEFINITIONS[key].title for key in kind.terms)
            more = (f"**How to read it.** {lesson.reading}", lesson.caveats and f"**Not said.** {lesson.caveats}")
            numbers = ", ".join(f"[{title}](reference/metrics.md#{_anchor(title)})" for title in terms)
            heading = kind.name.replace("-", " ").capitalize()
            parts += [f"### {heading}", lesson.what, f"**Why.** {lesson.why}", *filter(None, more)]
            parts += [f"Numbers: {numbers}."] if numbers else []
    return "\n\n".join(parts)


def figures(name: str) -> str:
    """The table of a bench's figures; their machine, seeds and commit; and what missed its target."""
    rows = [json.loads(line) for line in (DOCS / "results" / f"{name}.jsonl").read_text("utf-8").splitlines()]
    taken = {(row["machine"], ", ".join(map(str, row["seeds"])), row["commit"]) for row in rows}
    said = "; ".join(f"{machine}, seeds {seeds}, commit `{commit}`" for machine, seeds, commit in sorted(taken))
    missed = [f"`{row['name']}`" for row in rows if row["met"] is False]
    lines = [
        f"Measured on {said} (`docs/results/{name}.jsonl`). Targets missed: {', '.join(missed) or 'none'}.",
        "",
        "| figure | value | unit | target | met |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        spread = f" ± {row['spread']:.3g}" if row["spread"] is not None else ""
        met = {True: "yes", False: "**no**", None: ""}[row["met"]]
        lines.append(f"| `{row['name']}` | {row['value']:.4g}{spread} | {row['unit']} | {row['target']} | {met} |")
    return "\n".join(lines)


def methods(_: str) -> str:
    """Every method in a sentence, by family."""
    from engine.methods.base import FAMILIES
    from engine.runs.catalog import catalog

    lines: list[str] = []
    for family, title in FAMILIES.items():
        lines += [f"## {title}", "", "| `--method` | what it does |", "|---|---|"]
        own = [info for info in catalog().values() if info.family == family]
        lines += [f"| [`{info.name}`](../reference/parameters.md#{info.name}) | {info.summary} |" for info in own]
        lines.append("")
    return "\n".join(lines)


def rooms(top: str) -> str:
    """The packages, each with its size and the first line of its docstring, from those that import everything down."""
    source = (DOCS.parent / "tests" / "engine" / "test_architecture.py").read_text("utf-8")
    assigned = next(node for node in ast.parse(source).body if isinstance(node, ast.Assign) and _name(node) == "LAYERS")
    house = [name for layer in reversed(ast.literal_eval(assigned.value)) for name in sorted(layer)]
    lines = ["| room | files | lines | what it holds |", "|---|---|---|---|"]
    for place in ("app", "pages", *(f"{top}/{name}" for name in house)):
        package = DOCS.parent / place
        files = [*package.rglob("*.py")] if package.is_dir() else [package.with_suffix(".py")]
        head = package / "__init__.py" if package.is_dir() else files[0]
        words = (ast.get_docstring(ast.parse(head.read_text("utf-8"))) or "").splitlines() if head.exists() else _PAGES
        size = sum(len(file.read_text("utf-8").splitlines()) for file in files)
        lines.append(f"| `{place}` | {len(files)} | {size:,} | {_plain(words[0])} |")
    return "\n".join(lines)


def _name(node: ast.Assign) -> str:
    return ", ".join(target.id for target in node.targets if isinstance(target, ast.Name))


def parameters() -> str:
    """Everything that can be set, with its limits."""
    from engine.runs.config import PRESETS, RunConfig

    lines = [
        "# Parameters",
        "",
        "Set on the command line by `--set name=value`, on the pages by fields of these names.",
        "",
    ]
    lines += ["## Runs", ""]
    lines += [f"- preset `{name}`: {preset.help}" for name, preset in PRESETS.items()]
    lines += ["", *_declared(RunConfig)]
    for heading, (module, name) in _KINDS.items():
        registry = getattr(importlib.import_module(module), name)
        lines += [f"## {heading}", ""]
        if heading == _METHODS:
            lines += _methods()
            continue
        for entry in registry:
            about = (registry.get(entry).__doc__ or "").strip().partition("\n")[2]
            words = " ".join(about.split())
            lines += [
                f"### `{entry}`",
                "",
                f"**{registry.title(entry)}.** {_plain(words)}",
                "",
                *_declared(registry.get(entry)),
            ]
    return "\n".join(lines)


def _methods() -> Iterator[str]:
    """Every method in its family: what it does and how, what its paper and the authors' code do, what it needs."""
    from engine.methods.base import FAMILIES, METHODS
    from engine.runs.catalog import catalog
    from engine.training.offers import needs

    for family, title in FAMILIES.items():
        yield from (f"### {title}", "")
        for one in catalog().values():
            if one.family == family:
                yield from (f"#### `{one.name}`", "", f"**{one.title}.** {_plain(one.summary)}", "")
                told = [" ".join(paragraph.split()) for paragraph in one.help.split("\n\n")]
                yield from (line for paragraph in told for line in (_plain(paragraph), ""))
                parts = {**one.parts, "Needs": f"{', '.join(needs(one.name)) or 'nothing'} besides images."}
                yield from (f"- **{word}.** {_plain(text)}" for word, text in parts.items())
                yield from ("", *_declared(METHODS.get(one.name)))


def _declared(cls: type) -> Iterator[str]:
    from engine.params import parameters_of

    if found := parameters_of(cls):
        yield from ("| name | default | allowed | what |", "|---|---|---|---|")
        for one in found:
            default = f"`{one.default!r}`" if one.kind is str else f"`{one.default}`"
            yield f"| `{one.name}` | {default} | {_plain(one.allowed())} | {_plain(one.help)} |"
    yield ""


def commands() -> str:
    """The help of every command, as argparse knows it."""
    from engine.__main__ import build_parser

    parser = build_parser()
    chosen = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    lines = ["# Commands", "", _plain(parser.epilog or ""), ""]
    helps = {action.dest: action.help for action in chosen._choices_actions}
    for word, command in sorted(chosen.choices.items()):
        command.formatter_class = _Wide
        lines += [
            f"## {word}",
            "",
            f"{_plain(helps[word] or '')}.",
            "",
            "```text",
            command.format_help().rstrip(),
            "```",
            "",
        ]
    return "\n".join(lines)


class _Wide(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


def metrics() -> str:
    """Every definition."""
    from engine.metrics.definitions import DEFINITIONS

    lines = ["# Metrics", ""]
    for one in sorted(DEFINITIONS.values(), key=lambda found: found.title.casefold()):
        lines += [f"## {one.title}", "", f"{_plain(one.text)} {_BETTER[one.higher_is_better]}", ""]
        lines += ["```text", one.formula, "```", "", f"`{one.key}`. {_plain(one.source)}", ""]
    return "\n".join(lines)


def glossary() -> str:
    """Every term, by theme."""
    from engine.glossary import TERMS, THEMES
    from engine.metrics.definitions import DEFINITIONS

    lines = ["# Glossary", ""]
    for theme, terms in THEMES.items():
        lines += [f"## {theme}", ""]
        for term in terms:
            links = (
                f"[{TERMS[key].title}](#{_anchor(TERMS[key].title)})"
                if key in TERMS
                else f"[{DEFINITIONS[key].title}](metrics.md#{_anchor(DEFINITIONS[key].title)})"
                for key in term.see
            )
            lines += [f"### {term.title}", "", _plain(term.plain), "", _plain(term.more), ""]
            lines += [f"See also: {', '.join(links)}.", ""] if term.see else []
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text as Markdown shows it literally, also within a table; what is marked as code stays so."""
    parts = text.split("`")
    return "`".join(part if i % 2 else re.sub(r"([\\*_<>|\[\]])", r"\\\1", part) for i, part in enumerate(parts))


def _anchor(title: str) -> str:
    """The anchor that Python-Markdown gives a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower())


PAGES: Mapping[str, Callable[[], str]] = {
    "parameters.md": parameters,
    "commands.md": commands,
    "metrics.md": metrics,
    "glossary.md": glossary,
}
"""Pages of the reference, by file."""
