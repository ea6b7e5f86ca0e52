"""Background jobs that make backbones: real processes, quick ones, and everything that can become of them."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE, identify
from engine.errors import BadParameter, NotApplicable, StoreFull, StoreReadOnly
from engine.jobs import defending, place
from engine.jobs.defence_job import JOB_FILE, LOG_FILE, PROGRESS_FILE, Job
from engine.runs.config import preset
from engine.store.liveness import process_mark
from engine.store.store import RunStore

PATIENCE = 240.0
"""Seconds a process may take on a machine with a dozen others at work."""
TOLD = "import json, pathlib, sys, time\nout = pathlib.Path(sys.argv[1])\n"
MAKES = (
    TOLD
    + f"(out / '{CONFIG_FILE}').write_text('{{}}')\n(out / '{WEIGHTS_FILE}').write_bytes(b'x')\n"
    + f"(out / '{PROGRESS_FILE}').write_text(json.dumps("
    "{'status': 'finished', 'step': 4, 'steps': 4, 'seconds': 8, 'losses': {'robust': 0.5}}))"
)
WORKS = (
    TOLD + f"(out / '{PROGRESS_FILE}').write_text(json.dumps("
    "{'status': 'training', 'step': 1, 'steps': 4, 'seconds': 2, 'losses': {'robust': 1.5}}))\n"
    "time.sleep(60)"
)
FAILS = (
    "import sys\nprint('warning: x', file=sys.stderr)\nprint('robustify: eps: too large. Lower it.', file=sys.stderr)"
)
BREAKS = "import sys\nprint('Traceback\\nValueError: nan\\nThis is a bug in Plumage: please', file=sys.stderr)"


def folder_of(arguments: Sequence[str]) -> str:
    """The job's, among the arguments of its command."""
    return arguments[arguments.index("--out") + 1]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Put a script in the command's place; what still runs at the end is ended."""

    def use(script: str) -> None:
        monkeypatch.setattr(place, "_command", lambda arguments: [sys.executable, "-c", script, folder_of(arguments)])

    use(WORKS)
    yield use
    for job in defending.jobs(tmp_path):
        if job.status == "running":
            os.killpg(json.loads((job.folder / JOB_FILE).read_text())["pid"], signal.SIGKILL)


def wait(name: str, root: Path, when: Callable[[Job], bool]) -> Job:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        job = defending.state(name, root)
        if when(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"still {job}: {(job.folder / LOG_FILE).read_text()}")


def ended(job: Job) -> bool:
    return job.status != "running"


# -- what becomes of a job ---------------------------------------------------------------------------------------------


def test_a_job_that_ends_well_is_a_backbone(command: Any, tmp_path: Path) -> None:
    command(MAKES)
    defending.start("tga", "tga", {"steps": 4}, tmp_path)
    job = wait("tga", tmp_path, ended)
    assert (job.status, job.defence, dict(job.settings)) == ("finished", "tga", {"steps": 4})
    assert (job.step, job.steps, job.seconds, dict(job.losses)) == (4, 4, 8.0, {"robust": 0.5})
    assert (
        job.start == "aviary-clip"
        and job.spec == f"local-dir:{tmp_path / 'backbones' / 'tga'}"
        and job.seconds_left == 0
    )
    assert job.can == {"drop"} and job.error is None


def test_progress_and_time_left_are_told(command: Any, tmp_path: Path) -> None:
    defending.start("tga", "tga", {}, tmp_path)
    job = wait("tga", tmp_path, lambda job: job.step > 0)
    assert (job.status, job.phase, job.seconds_left) == ("running", "training", 6.0)
    assert job.can == {"stop"}


def test_stopped_resumed_and_dropped(command: Any, tmp_path: Path) -> None:
    defending.start("tga", "tga", {"steps": 4}, tmp_path)
    defending.stop("tga", tmp_path)
    assert wait("tga", tmp_path, ended).status == "stopped"
    command(MAKES)
    defending.resume("tga", tmp_path)
    job = wait("tga", tmp_path, ended)
    assert (job.status, dict(job.settings)) == ("finished", {"steps": 4})
    defending.drop("tga", tmp_path)
    assert defending.jobs(tmp_path) == [] and not job.folder.exists()


def test_a_killed_process_is_seen_as_interrupted(command: Any, tmp_path: Path) -> None:
    defending.start("tga", "tga", {}, tmp_path)
    pid = json.loads((tmp_path / "backbones" / "tga" / JOB_FILE).read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    job = wait("tga", tmp_path, ended)
    assert job.status == "interrupted" and job.can == {"resume", "drop"}


@pytest.mark.parametrize(
    ("script", "said"), [(FAILS, "eps: too large. Lower it."), (BREAKS, "ValueError: nan")], ids=["error", "bug"]
)
def test_a_failure_says_why(command: Any, tmp_path: Path, script: str, said: str) -> None:
    command(script)
    defending.start("tga", "tga", {}, tmp_path)
    job = wait("tga", tmp_path, ended)
    assert job.status == "failed" and said in str(job.error)
    command(WORKS)
    defending.resume("tga", tmp_path)  # what it said before no longer counts
    job = wait("tga", tmp_path, lambda job: job.step > 0)
    assert job.status == "running" and job.error is None


def test_a_job_outlives_who_started_it(command: Any, tmp_path: Path) -> None:
    """As the page does it: the starter ends, the job goes on."""
    code = (
        "import sys, pathlib; from engine.jobs import defending, place\n"
        f"place._command = lambda arguments: [sys.executable, '-c', {WORKS!r}, arguments[3]]\n"
        "defending.start('tga', 'tga', {}, pathlib.Path(sys.argv[1])); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.strip() == "False", done.stderr
    assert wait("tga", tmp_path, lambda job: job.step > 0).status == "running"


def test_a_stale_number_is_not_killed(command: Any, tmp_path: Path) -> None:
    """The process is gone and its number may belong to somebody else by now."""
    defending.start("tga", "tga", {}, tmp_path)
    path = tmp_path / "backbones" / "tga" / JOB_FILE
    asked = json.loads(path.read_text())
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], start_new_session=True)
    try:
        place.end(bystander.pid, asked["mark"])
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_cancelling_stops_and_deletes(command: Any, tmp_path: Path) -> None:
    defending.start("tga", "tga", {}, tmp_path)
    pid = json.loads((tmp_path / "backbones" / "tga" / JOB_FILE).read_text())["pid"]
    defending.cancel("tga", tmp_path)
    assert defending.jobs(tmp_path) == []
    assert not process_mark(pid).partition(":")[2] or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_a_backbone_that_a_run_needs_is_kept(command: Any, tmp_path: Path) -> None:
    command(MAKES)
    defending.start("tga", "tga", {}, tmp_path)
    job = wait("tga", tmp_path, ended)
    run = RunStore(tmp_path).create(preset("tiny").changed(backbone=job.spec))
    with pytest.raises(NotApplicable, match=run):
        defending.drop("tga", tmp_path)
    assert job.folder.exists()


# -- what is asked wrongly ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "-x", "A", "ä", "x\n", "x" * 41, "a b", "x\0"])
def test_hostile_names_are_refused(command: Any, tmp_path: Path, name: str) -> None:
    for action in (lambda: defending.start(name, "tga", {}, tmp_path), lambda: defending.drop(name, tmp_path)):
        with pytest.raises(BadParameter, match="small letters"):
            action()
    assert not (tmp_path / "backbones").exists()


def test_a_name_that_exists_is_refused(command: Any, tmp_path: Path) -> None:
    defending.start("tga", "tga", {}, tmp_path)
    with pytest.raises(BadParameter, match="there already"):
        defending.start("tga", "tecoa", {}, tmp_path)
    assert defending.state("tga", tmp_path).defence == "tga"


def test_what_makes_no_sense_now_is_refused(command: Any, tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="none of this name"):
        defending.stop("tga", tmp_path)
    defending.start("tga", "tga", {}, tmp_path)
    for action in (defending.resume, defending.drop):
        with pytest.raises(NotApplicable, match="it is running"):
            action("tga", tmp_path)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "failed"),
        ("{", "failed"),
        ("[]", "failed"),
        ('{"pid": "x", "losses": 3, "created": null}', "interrupted"),  # it can be read, and nobody works on it
    ],
)
def test_damaged_notes_are_told_and_can_be_dropped(tmp_path: Path, text: str, status: str) -> None:
    folder = tmp_path / "backbones" / "tga"
    folder.mkdir(parents=True)
    (folder / JOB_FILE).write_text(text)
    (folder / PROGRESS_FILE).write_text('{"step": "many", "losses": {"robust": "low"}}')
    (job,) = defending.jobs(tmp_path)
    assert (job.status, job.step) == (status, 0)
    with pytest.raises(NotApplicable, match="does not say what was asked for"):
        defending.resume("tga", tmp_path)
    defending.drop("tga", tmp_path)


def test_a_model_put_there_by_the_command_line_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "backbones" / "mine"
    folder.mkdir(parents=True)
    (folder / CONFIG_FILE).write_text("{}")
    (folder / WEIGHTS_FILE).write_bytes(b"x")
    (tmp_path / "backbones" / "Not Ours").mkdir()
    assert [(job.name, job.status) for job in defending.jobs(tmp_path)] == [("mine", "finished")]


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StoreFull), (errno.EROFS, StoreReadOnly)])
def test_a_disk_that_takes_nothing_is_told(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(kind):
        defending.start("tga", "tga", {}, tmp_path)
    assert defending.jobs(tmp_path) == []


def test_the_command_line_is_the_documented_one(tmp_path: Path) -> None:
    asked = {"defence": "tga", "settings": {"steps": 2, "lr": 0.1}, "start": "aviary-clip", "images": 500}
    assert defending._command(tmp_path, asked) == [
        *("robustify", "--in-line", "--out", str(tmp_path), "--defence", "tga"),
        *("--start", "aviary-clip", "--images", "500"),
        *("--set", "steps=2", "lr=0.1"),
    ]


def test_the_real_command_makes_a_backbone_that_a_run_can_name(tmp_path: Path) -> None:
    """As short as it gets: 500 birds, two steps."""
    defending.start("tiny", "tecoa", {"steps": 2, "batch": 8}, tmp_path, images=500)
    job = wait("tiny", tmp_path, ended)
    assert job.status == "finished", (job.error, (job.folder / LOG_FILE).read_text())
    assert (job.step, job.steps) == (2, 2) and "TeCoA" in (job.folder / "README.md").read_text()
    assert identify(job.spec) is not None


def test_the_real_command_says_why_in_the_form_that_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["robustify", "--out", str(tmp_path), "--defence", "tecoa", "--set", "steps=0"]) != 0
    folder = tmp_path / "backbones" / "tiny"
    folder.mkdir(parents=True)
    (folder / JOB_FILE).write_text('{"defence": "tecoa"}')
    (folder / LOG_FILE).write_text(capsys.readouterr().err)
    job = defending.state("tiny", tmp_path)
    assert job.status == "failed" and "steps must be a whole number" in str(job.error)
