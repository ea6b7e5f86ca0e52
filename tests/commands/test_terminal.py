"""Terminals that know few letters, and streams that are full, closed or go to somebody who stops reading."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.store.store import RunStore

ROOT = Path(__file__).parents[2]


def shell(line: str, home: Path, **environment: str) -> tuple[int, str, str]:
    """Run `python -m engine ...` in a shell; exit code of the engine, stdout and stderr."""
    command = f"{sys.executable} -m engine {line}"
    run = ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"]
    env = {**os.environ, "PLUMAGE_HOME": str(home), **environment}
    done = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("line", ["show last", "runs", "doctor", "findings last"])
def test_letters_that_a_terminal_lacks_are_replaced(own_tiny_home, line):
    with RunStore(own_tiny_home).database.writing() as db:
        db.execute("UPDATE runs SET name = 'Ü ∆ 鳥', machine = 'Größe ± 鳥'")
    code, out, err = shell(line, own_tiny_home, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (code, err) == (0, "") and out.isascii() and len(out) > 100
    assert ("? ? ?" in out) == (line in ("show last", "runs"))


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("show last --json > /dev/full", 2, "results cannot be written: No space left"),
        ("--help > /dev/full", 2, "results cannot be written: No space left"),
        ("runs >&-", 0, ""),
        ("runs <&- >&- 2>&-", 0, ""),
        ("show nobody 2>&-", 2, ""),
        ("show nobody 2> /dev/full", 2, ""),
        ("show nobody > /dev/full 2> /dev/full", 2, ""),
        ("show last --json | head -c 1", 0, ""),
        ("--help | head -c 1", 0, ""),
    ],
)
def test_streams_that_are_full_closed_or_left(tiny_home, line, code, said):
    got, _, err = shell(line, tiny_home)
    assert got == code and said in err and "Traceback" not in err and (said or not err)


def test_a_closed_stream_does_not_lend_its_number_to_the_database(tmp_path):
    """Else whatever is printed would be written into it."""
    store = RunStore(tmp_path)
    with store.database.writing():
        pass
    code, _, _ = shell("runs >&- 2>&-", tmp_path)
    assert code == 0 and store.runs() == []


def test_streams_are_put_back(tiny_home, monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setenv("PLUMAGE_HOME", str(tiny_home))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["show", "nobody\x1b[2J"]) == 2
    assert sys.stdout is out and sys.stderr is err
    assert "no such run" in err.getvalue() and "\x1b" not in err.getvalue()
