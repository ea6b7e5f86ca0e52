"""What an archive of a run looks like: its format, the files it may hold, and how large each may be.

    manifest.json                     format, version, and of every other file its length and SHA-256
    run.json                          the run's row: name, note, dates, status, machine, setup
    config.json                       what was asked for, as `RunConfig.to_mapping` gives it
    edits.json                        only in a fork of an edited model: which edits it started from
    tasks.jsonl, events.jsonl         one finished task, one event a line
    metrics/task-00/[test/]ece.npy    every array measured after a task; of a split, or of the model itself
    snapshots/*.safetensors           the models, as `engine.model.storage` keeps them
    towers/task-00/*                  hardened backbones, as `engine.runs.task_backbones` keeps them
    analyses.jsonl, analyses/*/*.npy  finished analyses: what was asked, and the arrays that answer it
    scenarios.jsonl                   saved edits
    selections.jsonl                  saved selections of pictures, where there are any
    marks.jsonl                       what people said that pictures show, where they did
    watching.json, film/*             what was watched, and what was seen (see `engine.archive.film`)
    tables/*.csv, report.html, README.txt   for people; they are checked, but nothing is read back from them

Arrays are NumPy's .npy files without pickles. Nothing in an archive is ever run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FORMAT = "plumage run"
VERSION = 1
"""Version of the layout; an archive of a newer one is refused."""

MANIFEST, RUN, CONFIG, EDITS = "manifest.json", "run.json", "config.json", "edits.json"
TASKS, EVENTS, ANALYSES, SCENARIOS = "tasks.jsonl", "events.jsonl", "analyses.jsonl", "scenarios.jsonl"
SELECTIONS, MARKS = "selections.jsonl", "marks.jsonl"
README, REPORT = "README.txt", "report.html"
NEEDED = (RUN, CONFIG, TASKS, EVENTS, ANALYSES, SCENARIOS)
"""What every archive holds besides the manifest."""

_MB = 2**20
MOST_FILES = 50_000
MOST_BYTES = 64 * 2**30
"""Bytes of all files together, unpacked."""
MOST_READ = 1024 * _MB
"""Bytes of all files that are held in memory together: all but models, towers and what is for people."""
GROWTH, ALWAYS = 30, 64 * _MB
"""No archive unpacks to more than this many times its own length, beyond what is always allowed: trained weights hardly
shrink when packed, so one that grows a thousandfold was built to fill a disk."""

_WORD = r"[a-z][a-z0-9_]{0,63}"
_TASK = r"task-[0-9]{2,5}"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file.

    Attributes:
        names: what their names look like.
        most: bytes one may have, unpacked.
        use: `"read"` into memory, `"unpack"` beside the runs, or `"skip"`.
    """

    names: re.Pattern[str]
    most: int
    use: str


def _rule(names: str, megabytes: int, use: str = "read") -> FileKind:
    return FileKind(re.compile(names), megabytes * _MB, use)


RULES = (
    _rule(r"manifest\.json", 16, "skip"),
    _rule(r"(run|config|edits|watching)\.json|(tasks|analyses|scenarios|selections|marks)\.jsonl", 64),
    _rule(r"events\.jsonl", 256),
    _rule(rf"metrics/{_TASK}/({_WORD}/)?{_WORD}\.npy|analyses/{_WORD}-[0-9]{{1,5}}/{_WORD}\.npy", 256),
    _rule(rf"film/{_TASK}/[0-9]{{5,9}}\.npz|film/pins/[0-9]{{1,4}}\.webp", 64),
    _rule(r"snapshots/(model|classes|memory)-[0-9]{1,5}\.safetensors", 8192, "unpack"),
    _rule(rf"towers/{_TASK}/open_clip_model\.safetensors", 8192, "unpack"),
    _rule(rf"towers/{_TASK}/(open_clip_config\.json|vocabulary\.txt)", 16, "unpack"),
    _rule(r"tables/[a-z0-9][a-z0-9._-]{0,120}\.csv|report\.html|README\.txt", 256, "skip"),
)


def rule(name: str) -> FileKind | None:
    """The rule for a file of this name, or None where an archive has no such file."""
    return next((one for one in RULES if one.names.fullmatch(name)), None)


def metric(task: int, split: str, name: str) -> str:
    """Where an array measured after a task lies; the split is `""` for what belongs to the model."""
    return "/".join(filter(None, ("metrics", f"task-{task:02d}", split, f"{name}.npy")))


def metric_parts(path: str) -> tuple[int, str, str]:
    """Task, split and name of an array that `metric` placed."""
    _, task, *split, file = path.split("/")
    return int(task.removeprefix("task-")), "".join(split), file.removesuffix(".npy")


def answer(folder: str, name: str) -> str:
    """Where an array of an analysis lies."""
    return f"analyses/{folder}/{name}.npy"


def models(task: int) -> tuple[str, str]:
    """Where the two files of the model after a task lie."""
    return f"snapshots/model-{task}.safetensors", f"snapshots/classes-{task}.safetensors"


def memory(task: int) -> str:
    """Where what the method carries on from a task lies, in runs of methods that carry anything."""
    return f"snapshots/memory-{task}.safetensors"


def tower(task: int, file: str) -> str:
    """Where a file of the hardened backbone after a task lies."""
    return f"towers/task-{task:02d}/{file}"


def table(name: str) -> str:
    """Where a table lies; the name may come from any text."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower())[:100].strip("._-")
    return f"tables/{plain or 'table'}.csv"


def inside(folder: Path, name: str) -> Path:
    """Where a file of an archive lies in a run's folder."""
    return folder.joinpath(*name.split("/"))
