"""The command line, here and as a real process: results on stdout, messages on stderr, exit codes for scripts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.__main__ import main
from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.backbone.pretrain import PretrainConfig, architecture
from engine.commands._bar import Bar, clock, where
from engine.records.events import EpochEnded, RunStarted, TaskFinished
from engine.records.progress import ProgressRow
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.job_states import set_status

ROOT = Path(__file__).parents[2]
WANTED = {
    "method",
    "seed",
    "config",
    "status",
    "accuracy_matrix",
    "last_accuracy",
    "average_accuracy",
    "forgetting",
    "backward_transfer",
    "seconds",
    "peak_memory_mb",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home with one finished tiny run, made by the command itself: (home, settings)."""
    import open_clip

    folder = tmp_path_factory.mktemp("backbone")
    tiny = PretrainConfig(images=500, batch=8, image_size=24, patch=12, width=32, layers=1, steps=6)
    (folder / CONFIG_FILE).write_text(json.dumps(architecture(tiny)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_FILE)
    home = tmp_path_factory.mktemp("home")
    sets = ["--set", f"backbone=local-dir:{folder}", "epochs=3", "search_epochs=2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(home))
        assert main(["train", "--preset", "tiny", "--seed", "3", "--name", "a\x1b[2Jb <b>", *sets]) == 0
    return home, sets


@pytest.fixture
def home(trained, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(trained[0]))
    return trained[0]


def test_show_json_has_what_scripts_need(home, capsys):
    assert main(["show", "last", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) >= WANTED
    assert set(shown["splits"]) == {"test", "moved"}
    for measured in shown["splits"].values():
        assert set(measured) >= WANTED - {"method", "seed", "config", "status", "seconds", "peak_memory_mb"}
    assert (shown["method"], shown["seed"], shown["status"]) == ("clg_cbm", 3, "finished")
    assert shown["config"]["settings"]["epochs"] == 3
    assert [len(row) for row in shown["accuracy_matrix"]] == [3, 3, 3]
    assert shown["accuracy_matrix"][0][1:] == [None, None]
    assert shown["last_accuracy"] == pytest.approx(sum(shown["accuracy_matrix"][2]) / 3)
    assert shown["seconds"] > 0


def test_runs_and_show_speak_to_people(home, capsys):
    assert main(["runs"]) == 0
    listed = capsys.readouterr().out
    run_id = RunStore(home).resolve("last")
    assert run_id in listed
    assert "\x1b" not in listed
    assert main(["show", run_id]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    for word in ("moved", "forgetting", "points", "finished, 3 of 3 tasks", "peak memory"):
        assert word in shown
    assert main(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["name"] == "a\x1b[2Jb <b>"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "nothing"], 2, "no such run"),
        (["resume", "last"], 2, "it is finished"),
        (["train", "--preset", "huge"], 2, "demo, tiny, large"),
        (["train", "--method", "magic"], 2, "clg_cbm, clg_cbm_published"),
        (["train", "--set", "classes=many"], 2, "whole number from 2 to 200"),
        (["train", "--set", "classes"], 2, "key=value"),
        (["train", "--set", "wings=2"], 2, "no such parameter"),
        (["train", "--preset", "tiny", "--set", "backbone=local-dir:/nowhere"], 3, "/nowhere"),
        (["train", "--preset", "tiny", "--set", "backbone=resnet"], 2, "NAME:TAG"),
        (["bench", "nothing"], 2, "known are"),
    ],
)
def test_exit_codes(home, capsys, arguments, code, words):
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_trouble_with_the_store_is_4(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    (tmp_path / "plumage.db").write_bytes(b"nonsense" * 1000)
    assert main(["runs"]) == 4
    assert "damaged" in capsys.readouterr().err
    assert main(["doctor"]) == 4
    assert "BAD run store" in capsys.readouterr().out


def test_a_bug_is_1(home, monkeypatch, capsys):
    monkeypatch.setattr(RunStore, "runs", lambda self: 1 / 0)
    assert main(["runs"]) == 1
    assert "bug" in capsys.readouterr().err


def test_resume_goes_on(home, capsys):
    store = RunStore(home)
    finished = next(run.id for run in store.runs() if run.status == "finished")
    run_id = store.create(RunView(store, finished).config)
    set_status(store, run_id, "stopped")
    assert main(["resume", run_id]) == 0
    assert "test: last" in capsys.readouterr().out
    assert store.status(run_id) == "finished"
    store.delete(run_id)


def test_doctor_says_what_is_there(home, capsys):
    main(["doctor"])
    said = capsys.readouterr().out
    for word in ("Python", "torch", "streamlit", "backbone aviary-clip", str(home), "free"):
        assert word in said


def test_help_reads_well_and_loads_no_torch():
    code = """
import contextlib, io, sys
from engine.__main__ import main
with contextlib.suppress(SystemExit):
    main(["--help"])
main(["runs"])
assert not {"torch", "open_clip", "streamlit", "plotly", "pandas"} & set(sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in ("train", "runs", "show", "resume", "pretrain", "bench", "doctor"):
        assert f"\n    {command} " in result.stdout


def test_a_closed_pipe_is_no_bug(home):
    command = f"{sys.executable} -m engine show last --json | head -c 1"
    result = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    assert result.stderr == ""


# -- bench -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fake_bench(tmp_path, monkeypatch):
    """A bench of our own beside the real ones."""
    from engine import bench

    (tmp_path / "fake.py").write_text(
        "from engine.bench.figure import Figure\n"
        "def run(seeds, only=''):\n"
        "    yield Figure('fake.speed', sum(seeds), 0.5, 's', '<= 10', True)\n"
        "    if not only or 'fake.slow'.startswith(only):\n"
        "        yield Figure('fake.slow', 99.0, None, 's', '<= 10', False)\n"
    )
    monkeypatch.setattr(bench, "__path__", [*bench.__path__, str(tmp_path)])
    yield
    sys.modules.pop("engine.bench.fake", None)


def test_bench_prints_one_object_a_line(fake_bench, capsys):
    assert main(["bench", "fake", "--json", "--seeds", "1", "2"]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    first = {"name": "fake.speed", "value": 3, "spread": 0.5, "unit": "s", "target": "<= 10", "met": True}
    assert {k: lines[0][k] for k in first} == first
    assert [line["name"] for line in lines] == ["fake.speed", "fake.slow"]
    assert "cores" in lines[0]["machine"] and lines[0]["seeds"] == [1, 2]
    assert re.fullmatch(r"([0-9a-f]{7,40}\+?)?", lines[0]["commit"])  # none outside of a repository
    assert "cores" in err


def test_bench_takes_the_beginning_of_a_name(fake_bench, capsys):
    assert main(["bench", "fake.speed"]) == 0
    out = capsys.readouterr().out
    assert out.split() == ["fake.speed", "5982", "±", "0.5", "s", "target", "<=", "10", "met"]
    assert "fake.slow" not in out
    assert main(["bench", "fake.nothing"]) == 2


# -- progress ----------------------------------------------------------------------------------------------------------


class Screen:
    """A terminal, or none, that keeps what is written."""

    def __init__(self, terminal):
        self.terminal, self.text = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_the_moving_line():
    assert where(ProgressRow(3, "train", 30, 61, 0.5, 72.0), 8) == "task 4/8 train 30/61  1:12 left"
    assert where(ProgressRow(0, "start", 0, 0, 0.0, None), None) == "task 1/? start 0/0"


@pytest.mark.parametrize(("seconds", "text"), [(9, "0:09"), (750, "12:30"), (3723, "1:02:03"), (-1, "0:00")])
def test_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize("terminal", [True, False])
def test_a_line_a_task_and_a_moving_line_only_on_a_terminal(terminal):
    screen = Screen(terminal)
    bar = Bar(screen)
    bar(RunStarted(("a",), ((0,), (1,)), ("test",), {"test": (1, 1)}, True))
    bar(EpochEnded(0, "train", 1, 2, 0.0, 0.0, None, 1.0))
    bar(TaskFinished(0, 2.0, 300.0))
    bar.close()
    assert "task 1/2  2.0 s  300 MB\n" in screen.text
    assert ("\r" in screen.text) == terminal
    assert ("[#########...............]  40 %  task 1/2 train 1/2" in screen.text) == terminal
    assert not screen.text.rpartition("\r")[2].strip() or not terminal  # the line is gone at the end
