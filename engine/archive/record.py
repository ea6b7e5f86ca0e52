"""A run's rows out of an archive's files, each value checked before it is believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from engine.archive import layout, measured
from engine.archive.foreign import RunId, Time, parsed, parsed_lines, read, refused
from engine.data.dataset import RepeatedImages
from engine.errors import BadInput
from engine.records.events import EpochEnded, Event, FeaturesProgress, HardeningProgress, RunStarted, TaskStarted
from engine.runs.config import RunConfig
from engine.store.shelf import MAX_NOTE, MAX_TAG, MAX_TAGS
from engine.store.states import INTERRUPTED, LIVE
from engine.store.store import MAX_NAME
from engine.structures import Count, Measure, Structure, Text

Files = Mapping[str, bytes]

_SPLITS = ("test",), ("test", "moved")
"""Test splits of photographs, and of the Aviary."""
_EVENTS = {kind.__name__: kind for kind in (TaskStarted, FeaturesProgress, HardeningProgress, EpochEnded)}
Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG)]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class _Row(Structure):
    """What `run.json` holds."""

    id: RunId
    name: Annotated[str, Field(max_length=MAX_NAME)]
    created: Time
    error: Annotated[str, Field(max_length=20_000)] | None
    machine: Text
    parent: RunId | None
    parent_task: Count | None
    tasks_total: Count | None
    note: Annotated[str, Field(max_length=MAX_NOTE)]
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS, default_factory=list)]
    status: Literal["queued", "running", "paused", "finished", "failed", "stopped", "interrupted"]
    setup: dict[str, Any] | None


class _Task(Structure):
    """A line of `tasks.jsonl`; digests of model and backbone are missing in archives of an older Plumage."""

    task: Count
    seconds: Measure
    peak_memory_mb: Measure
    accuracy: Annotated[float, Field(ge=0, le=1)]
    finished: Time
    snapshot: Digest = ""
    tower: Digest = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A run as the store's main tables hold it.

    Attributes:
        run: values of the row's columns `name` to `tasks_total`.
        status, error: how its training ended, and why it failed, or None.
        origin: the id it had where it was trained.
        note, tags: what its owner wrote about it, and the words put on it.
        config, setup: what was asked for, and classes, tasks and splits; the latter None where training never began.
        tasks: values by column, in order; what an older Plumage did not store is missing.
        metrics: .npy bytes by task, split and name.
        events: in order.
        texts: the concepts after each task, or nothing for a method without.
    """

    run: Mapping[str, Any]
    status: str
    error: str | None
    origin: str
    note: str
    tags: tuple[str, ...]
    config: RunConfig
    setup: RunStarted | None
    tasks: tuple[Mapping[str, Any], ...]
    metrics: Mapping[tuple[int, str, str], bytes]
    events: tuple[Event, ...]
    texts: tuple[tuple[str, ...], ...]

    def seen(self, task: int) -> tuple[int, ...]:
        """Dataset indices of the classes learnt up to a task, in the order of learning."""
        layouts = self.setup.task_classes[: task + 1] if self.setup else ()
        return tuple(c for classes in layouts for c in classes)


def record(files: Files) -> Record:
    """Read and check a run.

    Raises:
        BadInput: something is missing, of the wrong type, out of its limits or does not fit the rest.
    """
    config = _config(files)
    row = read(_Row, parsed(files[layout.RUN], layout.RUN), layout.RUN)
    setup = None if row.setup is None else _setup(row.setup, config)
    tasks = tuple(_tasks(files, len(setup.task_classes) if setup else 0))
    arrays = measured.arrays(files)
    texts = measured.check(arrays, setup, len(tasks)) if setup else ()
    if arrays and not tasks:
        raise refused("metrics", "they are there, and no task is finished")
    return Record(
        run=_run(row, config, setup, len(tasks)),
        status=INTERRUPTED if row.status in LIVE else row.status,
        error=row.error,
        origin=row.id,
        note=row.note,
        tags=tuple(sorted(set(row.tags))),
        config=config,
        setup=setup,
        tasks=tasks,
        metrics={where: files[layout.metric(*where)] for where in arrays},
        events=tuple(_events(files, setup)),
        texts=texts,
    )


def _config(files: Files) -> RunConfig:
    values = parsed(files[layout.CONFIG], layout.CONFIG)
    try:
        return RunConfig.stored(read(dict[str, Any], values, layout.CONFIG))
    except BadInput as error:  # a method or parameter that this Plumage does not have, or a value it does not allow
        raise refused(layout.CONFIG, f"{error.given}: {error.allowed}") from error


def _run(row: _Row, config: RunConfig, setup: RunStarted | None, done: int) -> Mapping[str, Any]:
    total = len(setup.task_classes) if setup else config.tasks_total
    if row.tasks_total is not None and row.tasks_total != total:
        raise refused(layout.RUN, f"tasks_total does not fit its {total} tasks: {row.tasks_total}")
    if row.status == "finished" and (done != total or not done):
        raise refused(layout.RUN, f"its status does not fit {done} finished tasks of {total or 0}")
    if row.parent is not None and (row.parent_task is None or row.parent_task > max(done - 1, 0)):
        raise refused(layout.RUN, f"parent_task is none of its {done} finished tasks: {row.parent_task}")
    return {
        "name": row.name,
        "created": row.created,
        "machine": row.machine,
        "parent": row.parent,
        "parent_task": None if row.parent is None else row.parent_task,
        "tasks_total": total,
    }


def _setup(values: dict[str, Any], config: RunConfig) -> RunStarted:
    where = f"{layout.RUN}, setup,"
    setup = read(RunStarted, {name: value for name, value in values.items() if name != "event"}, where)
    for flaw in [*_flaws(setup), *(_aviary_flaws(setup, config) if config.dataset == "aviary" else ())]:
        raise refused(where, flaw)
    return setup


def _flaws(setup: RunStarted) -> Iterator[str]:
    """What of a layout, each part of which is what it should be, does not fit the rest."""
    classes, tasks, sizes = len(setup.class_names), setup.task_classes, setup.test_sizes
    if not classes or not all(tasks) or sorted(c for ids in tasks for c in ids) != list(range(classes)):
        yield "its tasks do not share out its classes"
    if setup.splits not in _SPLITS:
        yield "its splits must be test, or test and moved"
    if set(sizes) != set(setup.splits) or not all(len(s) == len(tasks) and all(s) for s in sizes.values()):
        yield f"test_sizes must count {len(tasks)} tasks of {', '.join(setup.splits)}"
    if setup.class_digests and len(setup.class_digests) != classes:
        yield f"class_digests must be as many as its {classes} classes"
    if not all(" " in part for part in setup.code.split(", ") if setup.code):
        yield "code names no versions"
    counted = {field.name for field in fields(RepeatedImages)}
    if setup.repeated is not None and set(setup.repeated) != counted:
        yield f"repeated must count {', '.join(sorted(counted))}"


def _aviary_flaws(setup: RunStarted, config: RunConfig) -> Iterator[str]:
    """The same of what the config says of an Aviary: how many classes, and how many test images of each."""
    classes, each = config.class_count, int(config.data["test_per_class"])
    if len(setup.class_names) != classes:
        yield f"it has {len(setup.class_names)} classes, and the config asks for {classes}"
    expected = tuple(len(ids) * each for ids in setup.task_classes)
    if any(sizes != expected for sizes in setup.test_sizes.values()):
        yield f"test_sizes are not the {each} a class that the config asks for"


def _tasks(files: Files, total: int) -> Iterable[Mapping[str, Any]]:
    for number, (line, where) in enumerate(parsed_lines(files[layout.TASKS], layout.TASKS)):
        found = read(_Task, line, where)
        if found.task != number or number >= total:
            raise refused(where, f"task is out of order, or beyond the run's {total} tasks: {found.task}")
        yield {name: value for name, value in found.model_dump().items() if value != ""}


def _events(files: Files, setup: RunStarted | None) -> Iterable[Event]:
    total = len(setup.task_classes) if setup else 0
    for line, where in parsed_lines(files[layout.EVENTS], layout.EVENTS, finite=False):
        kind = _EVENTS.get(str(line.get("event"))) if isinstance(line, dict) else None
        if kind is None:
            raise refused(where, "it is no event of a training")
        found = read(kind, {name: value for name, value in line.items() if name != "event"}, where)
        if cast(EpochEnded, found).task >= total:
            raise refused(where, f"task is beyond the run's {total} tasks")
        yield found
