"""Concept sets: look at a file before it is used, keep it, edit it version by version, see what filters left out.

A file may have any published form; `set:NAME` is the newest version of a kept set. `left-out` speaks of a run."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from engine.commands._steps import shown
from engine.commands._words import printable, table
from engine.concepts.rules import VOCABULARY, Removed
from engine.data.texts.forms.concept_set import VersionFile
from engine.data.texts.kept import ConceptSets, SetVersion, located, read_set
from engine.data.texts.read import read_file
from engine.data.texts.sets import (
    COLUMNS,
    AddText,
    AssignTexts,
    ConceptEntry,
    DropTexts,
    GroupTexts,
    MergeTexts,
    RenameText,
    SetEdit,
    collected,
)
from engine.errors import BadInput
from engine.files import replacing
from engine.generation.endpoint import KEY_VARIABLE, Endpoint
from engine.generation.generate import Generating
from engine.generation.prompts import FAMILIES
from engine.home import cache_folder, home
from engine.jobs.concepts import AlikeTexts, LeftOut, Likeness, Sifted, Suggested
from engine.params import parameters_of, parse_settings, settings_of
from engine.paths import output_file, told
from engine.runs.config import configure
from engine.runs.sources import open_dataset
from engine.structures import Structure

SUMMARY = "look at concept files, keep and edit concept sets, see what filters left out"
_MAX_SHOWN = 20
_ORIGINS = {VOCABULARY: "built-in words, chosen by the training images", "": "came with the data"}
"""Where texts come from, by the value of `concepts`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    look = parts.add_parser("look", help="what a concept file is understood to say of the classes of some data")
    look.add_argument("file", metavar="FILE", help="the concept file, or set:NAME")
    look.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="the data, as train takes them")
    parts.add_parser("list", help="the sets that are kept")
    bring = parts.add_parser("import", help="keep what a concept file lists, as a set or its newest version")
    bring.add_argument("file", metavar="FILE", help="a concept file of any known form")
    bring.add_argument("--name", required=True, help="what to call the set")
    show = parts.add_parser("show", help="the texts of a set, its versions and where they come from")
    show.add_argument("name", metavar="NAME")
    out = parts.add_parser("export", help="write a set as CSV, which import reads")
    out.add_argument("name", metavar="NAME")
    out.add_argument("-o", "--out", required=True, metavar="FILE")
    ask = parts.add_parser("generate", help="ask a language model; without --yes only what that would cost")
    where = ask.add_mutually_exclusive_group(required=True)
    where.add_argument("--name", help="what to call the set")
    where.add_argument("-o", "--out", metavar="FILE", help="write a concept file that import reads, and keep no set")
    ask.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="the data, as train takes them")
    taken = ", ".join(p.name for p in parameters_of(Endpoint))
    ask.add_argument("--endpoint", nargs="+", default=[], metavar="KEY=VALUE", help=f"{taken}; key in {KEY_VARIABLE}")
    ask.add_argument("--prompts", default="label_free", help=f"whose questions: {', '.join(FAMILIES)}")
    ask.add_argument("--yes", action="store_true", help="ask")
    _add_edits(parts.add_parser("edit", help="make a new version of a set"))
    chosen = parts.add_parser("candidates", help="what a run could choose from, and what its rules leave out, as JSON")
    chosen.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="the run, as train takes it")
    chosen.add_argument("-o", "--out", required=True, metavar="FILE")
    same = parts.add_parser("alike", help="texts of a set that say nearly the same, to be merged, as JSON")
    same.add_argument("concepts", metavar="FILE", help="a concept file, or set:NAME")
    same.add_argument(
        "--above", type=float, default=Likeness.cosine_above, metavar="COSINE", help=f"default {Likeness.cosine_above}"
    )
    same.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="data and backbone, as train takes them"
    )
    same.add_argument("-o", "--out", required=True, metavar="FILE")
    left = parts.add_parser("left-out", help="what a run's filters left out, by which rule and for what value, as CSV")
    left.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")


def _add_edits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    kinds = parser.add_subparsers(dest="edit", metavar="EDIT", required=True)
    add = kinds.add_parser("add", help="a new text")
    add.add_argument("text")
    add.add_argument("--group", default="")
    add.add_argument("--classes", nargs="+", default=[], metavar="CLASS", help="those it may describe; else all")
    rename = kinds.add_parser("rename", help="other words for a text")
    rename.add_argument("text")
    rename.add_argument("to")
    group = kinds.add_parser("group", help="what some texts are about")
    group.add_argument("group")
    group.add_argument("texts", nargs="+", metavar="TEXT")
    give = kinds.add_parser("classes", help="the classes that a text may describe; none: all")
    give.add_argument("text")
    give.add_argument("classes", nargs="*", metavar="CLASS")
    kinds.add_parser("merge", help="several texts become the first").add_argument("texts", nargs="+", metavar="TEXT")
    kinds.add_parser("drop", help="some texts go").add_argument("texts", nargs="+", metavar="TEXT")
    kinds.add_parser("undo", help="back to the version before")


def run(arguments: argparse.Namespace) -> int:
    """Do one of them."""
    _PARTS[arguments.part](arguments)
    return 0


def _look(arguments: argparse.Namespace) -> None:
    data = open_dataset(configure("demo", settings_of(arguments.set)))
    understood = read_file(Path(located(arguments.file)), data.choice or data.class_names)
    for line in understood.said():
        print(printable(line))
    understood.required()


def _list(arguments: argparse.Namespace) -> None:
    sets = ConceptSets(home())
    rows = [
        (name, str(len(now.content.entries)), str(sum(1 for _ in sets.history(name))), now.digest[:12])
        for name in sets.names()
        for now in (sets.newest(name),)
    ]
    print(table([("name", "texts", "versions", "digest"), *rows]) if rows else "No set is kept yet.")


def _import(arguments: argparse.Namespace) -> None:
    _say(ConceptSets(home()).bring(arguments.name, arguments.file))


def _show(arguments: argparse.Namespace) -> None:
    sets = ConceptSets(home())
    for version in sets.history(arguments.name):
        print(f"{version.digest[:12]}  {len(version.content.entries)} texts  {printable(version.told)}")
    now = sets.newest(arguments.name)
    rows = [tuple(printable(value) for value in _row(entry)) for entry in now.content.entries[:_MAX_SHOWN]]
    print(table([COLUMNS, *rows]))
    if len(now.content.entries) > _MAX_SHOWN:
        print(f"and {len(now.content.entries) - _MAX_SHOWN} more; export writes them all")
    _say(now)


def _export(arguments: argparse.Namespace) -> None:
    path = output_file(arguments.out, "-o")
    now = ConceptSets(home()).newest(arguments.name)
    with told(path, "-o"), replacing(path) as part:
        part.write_text(now.concepts.table(), encoding="utf-8", newline="")
    print(f"{len(now.content.entries)} texts in {path}", file=sys.stderr)


def _edit(arguments: argparse.Namespace) -> None:
    sets = ConceptSets(home())
    if arguments.edit == "undo":
        _say(sets.undo(arguments.name))
    else:
        _say(sets.edit(arguments.name, _asked(arguments)))


def _generate(arguments: argparse.Namespace) -> None:
    endpoint = Endpoint.from_mapping(parse_settings(Endpoint, settings_of(arguments.endpoint)))
    data = open_dataset(configure("demo", settings_of(arguments.set)))
    work = Generating(home(), endpoint, arguments.prompts, data.class_names)
    cost = work.cost()
    print(f"{cost.requests} questions, at most {cost.tokens} tokens; {cost.kept} are answered", file=sys.stderr)
    if not arguments.yes:
        print("Nothing was asked: say --yes to ask", file=sys.stderr)
        return
    made = shown(work.work(os.environ.get(KEY_VARIABLE) or None))
    said = f"{endpoint.model}, prompts of {arguments.prompts}"
    if arguments.out:
        path = output_file(arguments.out, "-o")
        _write(path, VersionFile(said=said, entries=made.entries))
        return
    _say(ConceptSets(home()).keep(arguments.name, made, said))


def _candidates(arguments: argparse.Namespace) -> None:
    from engine.training.choice import choice  # torch

    path = output_file(arguments.out, "-o")
    config = configure("demo", settings_of(arguments.set))
    data = open_dataset(config)
    found = shown(choice(config, data, cache_folder(home())))
    names = data.class_names
    listed = ((one.text, name, one.group) for name, own in zip(names, found.kept, strict=True) for one in own)
    removed: dict[Removed, list[str]] = {}
    for one in found.removed:
        removed.setdefault(replace(one, class_id=-1), []).append(names[one.class_id])
    gone = tuple(
        LeftOut(text=r.text, classes=tuple(own), rule=r.rule, value=r.value, limit=r.limit, because=r.because)
        for r, own in removed.items()
    )
    _write(
        path,
        Sifted(
            kept=collected(listed, _ORIGINS.get(config.concepts, "a concept file")).entries,
            removed=gone,
            unread=found.unread,
        ),
    )


def _alike(arguments: argparse.Namespace) -> None:
    from engine.training.alike import alike  # torch

    path = output_file(arguments.out, "-o")
    config = configure("demo", settings_of(arguments.set))
    rules = Likeness(cosine_above=arguments.above)
    _, concepts = read_set(Path(located(arguments.concepts)))
    texts = [entry.text for entry in concepts.entries]
    found = shown(alike(config, open_dataset(config), cache_folder(home()), texts, rules.cosine_above))
    _write(path, Suggested(groups=tuple(AlikeTexts(texts=one.texts, cosines=one.cosines) for one in found)))


def _write(path: Path, content: Structure) -> None:
    with told(path, "-o"), replacing(path) as part:
        part.write_text(content.model_dump_json(), encoding="utf-8")
    print(printable(str(path)))


def _asked(arguments: argparse.Namespace) -> SetEdit:
    if arguments.edit == "add":
        return AddText(text=arguments.text, group=arguments.group, classes=tuple(arguments.classes))
    if arguments.edit == "rename":
        return RenameText(text=arguments.text, to=arguments.to)
    if arguments.edit == "group":
        return GroupTexts(texts=tuple(arguments.texts), group=arguments.group)
    if arguments.edit == "classes":
        return AssignTexts(texts=(arguments.text,), classes=tuple(arguments.classes))
    if arguments.edit == "drop":
        return DropTexts(texts=tuple(arguments.texts))
    if len(arguments.texts) < 2:
        raise BadInput(f"merge {arguments.texts[0]!r}", "it takes at least two texts", "Name those that are one")
    return MergeTexts(texts=tuple(arguments.texts))


def _left_out(arguments: argparse.Namespace) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("task", "class", "concept", "rule", "value", "limit", "because"))
    writer.writerows(_removed(arguments.run_id))


def _removed(run_id: str) -> Iterator[tuple[object, ...]]:
    from engine.session.lab import Lab  # torch
    from engine.session.listed import sifted
    from engine.store.store import RunStore

    store = RunStore()
    lab = Lab(store, store.resolve(run_id))
    for task in lab.stream.tasks[: lab.view.tasks_done]:
        for one in sifted(lab, task)[1]:
            name = lab.dataset.class_names[one.class_id]
            yield task.id + 1, name, printable(one.text), one.rule, one.value, one.limit, printable(one.because)


def _row(entry: ConceptEntry) -> tuple[str, ...]:
    return entry.text, ", ".join(entry.classes) or "every class", entry.group, "; ".join(entry.origins)


def _say(version: SetVersion) -> None:
    print(f"train with: --set concepts=set:{version.name}", file=sys.stderr)
    print(f"{version.name} {version.digest}")


_PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "look": _look,
    "list": _list,
    "import": _import,
    "show": _show,
    "export": _export,
    "edit": _edit,
    "generate": _generate,
    "candidates": _candidates,
    "alike": _alike,
    "left-out": _left_out,
}
