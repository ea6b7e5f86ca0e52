"""A run's rows out of an archive's files, each value checked before it is believed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from engine.archive import layout, measured
from engine.archive.fields import Fields, parsed, parsed_lines, refused
from engine.data.dataset import Repeated
from engine.errors import BadInput
from engine.runs.config import RunConfig
from engine.runs.events import EpochEnded, Event, FeaturesProgress, HardeningProgress, RunStarted, TaskStarted
from engine.runs.shelf import MAX_NOTE
from engine.runs.store import MAX_NAME
from engine.runs.summary import LIVE

Files = Mapping[str, bytes]

_MOST_CLASS, _MOST_ERROR, _MOST_MACHINE = 300, 20_000, 500  # characters
_LATEST = 4e9
"""Unix time in seconds that no run was made after: the year 2096."""
_ID = re.compile(r"[0-9a-z-]{1,64}")
_SPLITS = ("test",), ("test", "moved")
"""Test splits of photographs, and of the Aviary."""
_ENDED = frozenset({"finished", "failed", "stopped", "interrupted"})
_RUN = (
    *("id", "name", "created", "error", "machine", "parent", "parent_task", "tasks_total"),
    *("note", "status", "setup"),
)
_TASK = ("task", "seconds", "peak_memory_mb", "accuracy", "finished")
_EVENTS = {kind.__name__: kind for kind in (TaskStarted, FeaturesProgress, HardeningProgress, EpochEnded)}
_READERS: Mapping[Any, Callable[[Fields, str], Any]] = {
    int: Fields.whole,
    float: Fields.measured,
    str: lambda fields, name: fields.text(name, 64),
    float | None: lambda fields, name: None if fields.is_none(name) else fields.measured(name),
    tuple[int, ...]: Fields.wholes,
}
"""How the fields of an event are read, by their declared type."""


@dataclass(frozen=True, slots=True)
class Record:
    """A run as the store's main tables hold it.

    Attributes:
        run: values of the row's columns `name` to `tasks_total`.
        origin: the id it had where it was trained.
        note: what its owner wrote about it.
        config, setup: what was asked for, and classes, tasks and splits; the latter None where training never began.
        tasks: values by column, in order.
        metrics: .npy bytes by task, split and name.
        events: in order.
        texts: the concepts after each task, or nothing for a method without.
    """

    run: Mapping[str, Any]
    origin: str
    note: str
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
    fields = Fields(parsed(files[layout.RUN], layout.RUN), layout.RUN, _RUN)
    setup = None if fields.is_none("setup") else _setup(fields.any("setup", dict), config)
    tasks = _tasks(files, len(setup.task_classes) if setup else 0)
    arrays = measured.arrays(files)
    texts = measured.check(arrays, setup, len(tasks)) if setup else ()
    if arrays and not tasks:
        raise refused("metrics", "they are there, and no task is finished")
    return Record(
        run=_run(fields, config, setup, len(tasks)),
        origin=_named(fields, "id"),
        note=fields.text("note", MAX_NOTE),
        config=config,
        setup=setup,
        tasks=tasks,
        metrics={where: files[layout.metric(*where)] for where in arrays},
        events=tuple(_events(files, setup)),
        texts=texts,
    )


def _config(files: Files) -> RunConfig:
    values = parsed(files[layout.CONFIG], layout.CONFIG)
    if not isinstance(values, dict):
        raise refused(layout.CONFIG, "it is no JSON object")
    try:
        return RunConfig.from_mapping(values)
    except BadInput as error:  # a method or parameter that this Plumage does not have, or a value it does not allow
        raise refused(layout.CONFIG, f"{error.given}: {error.allowed}") from error


def _run(fields: Fields, config: RunConfig, setup: RunStarted | None, done: int) -> Mapping[str, Any]:
    status = fields.text("status", 20)
    if status not in _ENDED | LIVE:
        raise fields.wrong("status", "is none that a run has")
    total = len(setup.task_classes) if setup else config.tasks_total
    if not fields.is_none("tasks_total") and fields.whole("tasks_total") != total:
        raise fields.wrong("tasks_total", f"does not fit its {total} tasks")
    if status == "finished" and (done != total or not done):
        raise fields.wrong("status", f"does not fit {done} finished tasks of {total or 0}")
    forked = not fields.is_none("parent")
    return {
        "name": fields.text("name", MAX_NAME),
        "created": fields.number("created", high=_LATEST),
        "status": "interrupted" if status in LIVE else status,
        "error": None if fields.is_none("error") else fields.text("error", _MOST_ERROR),
        "machine": fields.text("machine", _MOST_MACHINE),
        "parent": _named(fields, "parent") if forked else None,
        "parent_task": fields.whole("parent_task", high=max(done - 1, 0)) if forked else None,
        "tasks_total": total,
    }


def _named(fields: Fields, name: str) -> str:
    text = fields.text(name, 64, 1)
    if not _ID.fullmatch(text):
        raise fields.wrong(name, "is no name of a run")
    return text


def _setup(values: object, config: RunConfig) -> RunStarted:
    where = f"{layout.RUN}, setup,"
    names = ["event", "class_names", "task_classes", "splits", "test_sizes", "learns_concepts"]
    names += ["repeated"] * (isinstance(values, Mapping) and "repeated" in values)  # older versions did not count
    fields = Fields(values, where, names)
    classes = fields.texts("class_names", _MOST_CLASS)
    tasks = tuple(_class_ids(ids, where) for ids in fields.any("task_classes", list))
    if sorted(c for ids in tasks for c in ids) != list(range(len(classes))) or not all(tasks):
        raise refused(where, "its tasks do not share out its classes")
    if config.dataset == "aviary" and len(classes) != config.classes:
        raise refused(where, f"it has {len(classes)} classes, and the config asks for {config.classes}")
    splits = fields.texts("splits", 64)
    if splits not in _SPLITS:
        raise fields.wrong("splits", "must be test, or test and moved")
    sizes = Fields(fields.any("test_sizes", dict), f"{where} test_sizes", splits)
    counts = {split: sizes.wholes(split, low=1) for split in splits}
    if any(len(count) != len(tasks) for count in counts.values()):
        raise fields.wrong("test_sizes", f"must count {len(tasks)} tasks")
    repeated = None if "repeated" not in names or fields.is_none("repeated") else _repeated(fields, where)
    return RunStarted(classes, tasks, splits, counts, fields.flag("learns_concepts"), repeated)


def _repeated(fields: Fields, where: str) -> Mapping[str, int]:
    kinds = [field.name for field in dataclasses.fields(Repeated)]
    counts = Fields(fields.any("repeated", dict), f"{where} repeated", kinds)
    return {kind: counts.whole(kind) for kind in kinds}


def _class_ids(values: object, where: str) -> tuple[int, ...]:
    return Fields({"classes": values}, where, ("classes",)).wholes("classes")


def _tasks(files: Files, total: int) -> tuple[Mapping[str, Any], ...]:
    tasks = []
    for number, line in enumerate(parsed_lines(files[layout.TASKS], layout.TASKS)):
        fields = Fields(line, f"{layout.TASKS}, line {number + 1},", _TASK)
        if fields.whole("task") != number or number >= total:
            raise fields.wrong("task", f"is out of order, or beyond the run's {total} tasks")
        tasks.append(
            {
                "task": number,
                "seconds": fields.number("seconds"),
                "peak_memory_mb": fields.number("peak_memory_mb"),
                "accuracy": fields.number("accuracy", high=1.0),
                "finished": fields.number("finished", high=_LATEST),
            }
        )
    return tuple(tasks)


def _events(files: Files, setup: RunStarted | None) -> Iterable[Event]:
    total = len(setup.task_classes) if setup else 0
    for number, line in enumerate(parsed_lines(files[layout.EVENTS], layout.EVENTS)):
        where = f"{layout.EVENTS}, line {number + 1},"
        kind = _EVENTS.get(str(line.get("event"))) if isinstance(line, dict) else None
        if kind is None:
            raise refused(where, "it is no event of a training")
        hints = get_type_hints(kind)
        fields = Fields(line, where, ("event", *hints))
        fields.whole("task", high=total - 1)
        yield kind(**{name: _READERS[hint](fields, name) for name, hint in hints.items()})
