"""Command lines made at random from the commands' own grammar, with values that nobody means well.

Hypothesis picks a command, some of its options and a value for each: a sensible one, a hostile one, or any text. The
only answers are that it was done, or a message that a person can act on. `CASES` lines, always the same.
"""

import argparse
import contextlib
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.__main__ import build_parser, main
from engine.analyses.base import ANALYSES
from engine.commands import bench
from engine.errors import NotApplicable
from engine.runs.config import parameters_for
from engine.store.store import RunStore
from tests.job_states import set_status

CASES = 80
FINE = {0, 2, 3, 4}
"""Done, bad input, no weights, trouble with the store."""

HOSTILE = (
    *("", " ", "-", "--", "-1", "0", "1", "9" * 30, "9" * 5000, "1e999", "nan", "-inf", "0x10", "\u0663", "1_0"),
    *("half\udce9", "nul\0", "line\nbreak", "\x1b[2J", "\u202ertl", "x" * 300, "x" * 5000, "{}", "[" * 500, "%s%n"),
    *("/proc", "/proc/self", "/proc/x/y", "/nowhere/x", "~nobody-of-this-name/x", "..", ".", "file", "pipe", "folder"),
    *("null", "true", "=", "a=", "=b", "a=b=c", "last", "LAST", "'; DROP TABLE runs; --", "<b>", "$(true)"),
)
# Free texts neither leave the working directory nor name a person's folder: this may run as root.
FREE = st.text(st.characters(exclude_characters="/~") | st.sampled_from("\ud800\udcff"), max_size=12)
KEYS = [*(p.name for p in parameters_for("aviary")), "data", "path", "epochs", "steps", "images", "wings", ""]
SENSIBLE = {
    "run_id": ["last", "2"],
    "name": [*ANALYSES.names(), *bench.names(), "demo.", "a name"],
    "preset": ["demo", "tiny"],
    "method": ["clg_cbm", "ncm"],
    "file": ["file", "archive.zip"],
    "out": ["new", "new/deeper", "file", "folder", "r.html"],
    "defence": ["tga", "tecoa"],
    "start": ["aviary-clip", "ViT-B-32:openai", "local-dir:.", "local-dir:"],
    "claimed": ["{}", '{"a": 1}'],
}


def values(action: argparse.Action) -> st.SearchStrategy[str]:
    """What may be given for one word of an option."""
    sensible = st.sampled_from(SENSIBLE.get(action.dest, ["1"]))
    value = st.one_of(sensible, sensible, sensible, st.sampled_from(HOSTILE), FREE)
    if action.metavar == "KEY=VALUE":
        return st.builds("{}={}".format, st.sampled_from(KEYS), value) | value
    return value


def words(action: argparse.Action) -> st.SearchStrategy[list[str]]:
    """An option as it is typed."""
    if isinstance(action, argparse._HelpAction | argparse._StoreTrueAction):
        return st.just([action.option_strings[-1]])
    most = 3 if action.nargs == "+" else 1
    several = st.lists(values(action), min_size=1, max_size=most)
    name = action.option_strings[-1:]
    joined = st.builds(lambda value: [f"{name[0]}={value}"], values(action)) if name else st.nothing()
    return several.map(lambda given: [*name, *given]) | joined


def lines() -> st.SearchStrategy[list[str]]:
    """A command with some of its options, mostly with what it needs."""
    (commands,) = [a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return st.one_of([line(word, parser) for word, parser in commands.choices.items()]) | st.lists(FREE, max_size=3)


def line(word: str, parser: argparse.ArgumentParser) -> st.SearchStrategy[list[str]]:
    needed = [a for a in parser._actions if a.required]
    other = [a for a in parser._actions if not a.required and not isinstance(a, argparse._HelpAction)]
    some = st.lists(st.sampled_from(other), max_size=3, unique_by=id) if other else st.just([])
    parts = some.flatmap(lambda chosen: st.tuples(*(words(action) for action in [*needed, *chosen])))
    return parts.map(lambda given: [word, *(text for part in given for text in part)])


@pytest.fixture(scope="module")
def place(tiny_home, tmp_path_factory):
    """A working directory and a home of its own; what takes long ends where it would begin."""

    def begun(*_args, **_settings):
        raise NotApplicable("the work", "it would begin now", "Nothing else to do")

    folder = tmp_path_factory.mktemp("lines")
    shutil.copytree(tiny_home, folder / "home")
    inner = folder / "a" / "b"
    (inner / "folder").mkdir(parents=True)
    (inner / "file").write_text("mine")
    (inner / "archive.zip").write_bytes(b"PK\x03\x04 holiday pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(folder / "home"))
        patch.setenv("HOME", str(folder / "person"))
        patch.chdir(inner)
        for name in (
            "engine.commands.train.follow",
            "engine.commands.resume.follow",
            "engine.commands.bench.figures",
            "engine.commands.doctor._list_models",
            "engine.analyses.performing.perform",
            "engine.archive.write._drawn",
            "engine.backbone.clip.from_name",
            "engine.backbone.photo_clip.make",
            "engine.training.cost.measure",
            "engine.data.aviary.pool.draw_pool",
            "engine.report.write.read",
        ):
            patch.setattr(name, begun)
        yield inner


@settings(
    max_examples=CASES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines())
@example(["analyse", "last", "exemplars", "--claimed", "garbage"])
@example(["train", "--set", "dataset=folder", "path=~nobody-of-this-name/x"])
@example(["export", "last", "--out", "half\udce9"])
@example(["export", "last", "--out", "\x1b", "--replace"])
@example(["health", "--json", "--keep", ""])
@example(["pretrain", "--out", ""])
@example(["train", "--name", "half\udce9"])
@example(["show", "last", "--json"])
def test_every_line_is_done_or_refused_with_words(place, line):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(line)
        except SystemExit as end:  # from the parser itself
            code = end.code
    said = err.getvalue()
    assert code in FINE and "Traceback" not in said and "This is a bug" not in said, (line, code, said)
    assert code == 0 or said, line
    assert "\x1b" not in said + out.getvalue() and (place / "file").read_text() == "mine"
    if line[:1] == ["train"]:  # what it registered is no longer wanted, so that the last run is one with results
        forget_unfinished(RunStore(home_of(place)))


def test_what_was_tried_left_the_store_sound(place):
    """Runs after the lines above: the tiny run is still there, with all its tasks."""
    assert [(run.status, run.tasks_done) for run in RunStore(home_of(place)).runs()] == [("finished", 3)]


def home_of(place: Path) -> Path:
    return place.parents[1] / "home"


def forget_unfinished(store: RunStore) -> None:
    for run in store.runs():
        if run.status != "finished":
            set_status(store, run.id, "failed")
            store.delete(run.id)
