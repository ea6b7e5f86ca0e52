"""Longer work on concept texts, as jobs that are commands: asking a language model, what rules leave out, what says
nearly the same. Each writes a file that a page reads. No torch here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.data.texts.sets import ConceptEntry
from engine.errors import StoreDamaged
from engine.generation.endpoint import Endpoint
from engine.home import jobs_folder
from engine.jobs import queue
from engine.jobs.kinds import CONCEPTS
from engine.params import Parameters, param
from engine.runs.config import RunConfig
from engine.runs.recipe import told_apart
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.structures import Malformed, Structure, checked, parse_json, read_file

_LARGEST = 64 * 2**20


@dataclass(frozen=True)
class Likeness(Parameters):
    """Which texts are suggested as one."""

    cosine_above: float = param(
        0.95,
        low=0.5,
        high=1.0,
        help="Texts are suggested as one if the cosine of their embeddings is above this. It differs from one backbone "
        "to the next: lower it until what is suggested is no longer the same.",
    )


class LeftOut(Structure):
    """A text that a rule left out of some classes; else as `engine.concepts.rules.Removed`."""

    text: str
    classes: tuple[str, ...]
    rule: str
    value: float | str
    limit: float | bool
    because: str = ""


class Sifted(Structure):
    """What the rules of a run make of its texts.

    Attributes:
        kept: what it could choose from.
        removed: what a rule left out, and which.
        unread: texts with a word that its backbone was never trained on.
    """

    kept: tuple[ConceptEntry, ...]
    removed: tuple[LeftOut, ...]
    unread: tuple[str, ...]


class AlikeTexts(Structure):
    """Texts that could be one: the first, and those like it with their cosines to it."""

    texts: tuple[str, ...]
    cosines: tuple[float, ...]


class Suggested(Structure):
    """Groups of texts that say nearly the same, the likest first."""

    groups: tuple[AlikeTexts, ...]


Made = TypeVar("Made", bound=Structure)


def generation(config: RunConfig, endpoint: Endpoint, family: str) -> list[str]:
    """The command that asks a language model about the classes of a run's data; the key is no part of it."""
    asked = [f"{name}={value}" for name, value in endpoint.to_mapping().items()]
    data = told_apart(config, ("Learning", "Concepts"))
    return ["generate", "--endpoint", *asked, "--prompts", family, "--yes", *_set(data)]


def sifting(config: RunConfig) -> list[str]:
    """The command that applies a run's rules to its texts."""
    return ["candidates", *_set(told_apart(config))]


def likening(config: RunConfig, rules: Likeness) -> list[str]:
    """The command that looks for texts of a run's concept file that say nearly the same."""
    return [
        "alike",
        config.concepts,
        "--above",
        str(rules.cosine_above),
        *_set(told_apart(config, ("Tasks", "Concepts"))),
    ]


def _set(settings: list[str]) -> list[str]:
    return ["--set", *settings] if settings else []


def ask(store: RunStore, command: Sequence[str], title: str) -> None:
    """Have it done in the background; what was done before is done anew.

    Args:
        title: what it is, for people.

    Raises:
        NotApplicable: it is at work or waits already.
        StoreError: the store cannot be written, or no process can be started.
    """
    with store.database.writing() as db:
        number = jobs.ask(db, CONCEPTS.name, _subject(command), {})
        path = jobs_folder(store.home) / str(number) / "made.json"
        jobs.give(db, number, {"command": ["concepts", *command, "-o", str(path)], "title": title})
    queue.advance(store)


def asked(store: RunStore, command: Sequence[str]) -> Job | None:
    """The job that does it, or did; None if nobody asked for it, or what it made is gone."""
    with store.database.reading() as db:
        job = jobs.find(db, CONCEPTS.name, _subject(command)) if db else None
    return None if job is None or (job.status == FINISHED and not Path(job.made).is_file()) else job


def made(job: Job, kind: type[Made]) -> Made:
    """What a job made.

    Raises:
        StoreDamaged: its file is gone, or is not what it was.
    """
    try:
        return checked(kind, parse_json(read_file(Path(job.made), _LARGEST), _LARGEST))
    except (OSError, Malformed) as problem:
        raise StoreDamaged(f"the file of job {job.id}", str(problem), "Ask for it again") from problem


def _subject(command: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(command)).encode()).hexdigest()[:32]
