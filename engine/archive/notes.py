"""What an archive says of itself to people: what it is, how to look at it, and how to train the run again."""

from __future__ import annotations

from collections.abc import Sequence

from engine.archive.content import Line
from engine.backbone.presets import local_folder
from engine.runs.config import RunConfig
from engine.runs.recipe import command

_README = """\
Plumage run {id}{name}
{line}

A concept bottleneck model that learnt task by task, as one file: settings, numbers, models, analyses and saved edits.

Look at it again, with Plumage on any machine:

    python -m engine import THIS_FILE.zip

{again}
What is inside:

    config.json      everything that was asked for
    tables/          the numbers as CSV, one measurement a line; exhibit-*.csv are the numbers behind the charts
    metrics/         the same as NumPy arrays, task by task
    film/            what was seen of the watched pictures and concepts while it learnt, as NumPy arrays
    snapshots/       the model after each task (safetensors); towers/ holds hardened backbones, where there are any
    analyses/        the arrays of every finished analysis
    report.html      all charts; opens in any browser, needs no network (where the archive was made with it)
    manifest.json    length and SHA-256 of every file
{lacks}"""
_AGAIN = """\
Train it again from nothing:

    {command}

Equal settings give equal weights on one machine and nearly equal ones on another. This run was made on: {machine}.
"""
_FORK = """\
It was forked from run {parent} after task {task}, so no single command makes it again from nothing: import the file
and fork from it. The settings it learnt the later tasks with, as a run of its own:

    {command}
"""


def readme(run: Line, config: RunConfig, left_out: Sequence[str] = ()) -> str:
    """The text of README.txt.

    Args:
        left_out: analyses that are damaged, each with the reason.
    """
    done = "finished" if run["status"] == "finished" else f"{run['status']} when it was exported"
    name = " ".join(str(run["name"]).split())
    return _README.format(
        id=run["id"],
        name=f": {name}" if name else "",
        line=f"{config.method} on {config.dataset}, seed {config.seed}, {done}",
        again=_again(run, config),
        lacks="".join(f"\n{line}\n" for line in [*_lacking(config), *(f"Left out: {one}." for one in left_out)]),
    )


def _again(run: Line, config: RunConfig) -> str:
    if run["parent"]:
        task = (run["parent_task"] or 0) + 1
        return _FORK.format(parent=run["parent"], task=task, command=command(config))
    return _AGAIN.format(command=command(config), machine=run["machine"])


def _lacking(config: RunConfig) -> list[str]:
    """What is not inside and would be needed to train it again or to look at its images."""
    missing = []
    if config.source.place:
        missing.append(f"Not inside: the images, which lay in {config.data[config.source.place]}.")
    if local_folder(config.backbone) is not None and ":" in config.backbone:
        missing.append(f"Not inside: the backbone it started from, {config.backbone}.")
    return missing
