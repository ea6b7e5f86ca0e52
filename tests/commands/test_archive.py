"""export, import and scalars on the command line: what they print, and their exit codes."""

import zipfile
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.store.store import RunStore


@pytest.fixture
def cli(tiny_home, monkeypatch, capsys):
    """Run a command over a home; returns exit code, stdout and stderr."""

    def called(*words: object, home: Path = tiny_home):
        monkeypatch.setenv("PLUMAGE_HOME", str(home))
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return called


def test_a_run_goes_out_and_comes_in(cli, tiny_home, tmp_path):
    path, home = tmp_path / "run.zip", tmp_path / "home"
    code, out, err = cli("export", "last", "-o", path, "--no-report")
    assert (code, out.strip()) == (0, str(path)) and "MB" in err
    code, out, err = cli("import", path, home=home)
    assert code == 0 and out.strip() == RunStore(home).resolve("last") and f"show {out.strip()}" in err
    code, out, err = cli("import", path, home=home)
    assert (code, out) == (2, "") and "here already" in err
    assert cli("import", path, "--again", home=home)[0] == 0 and len(RunStore(home).runs()) == 2


def test_a_file_that_is_there_is_not_replaced_unless_asked(cli, tmp_path):
    path = tmp_path / "run.zip"
    path.write_bytes(b"mine")
    code, _, err = cli("export", "last", "-o", path, "--no-report")
    assert code == 2 and "exists already" in err and path.read_bytes() == b"mine"
    assert cli("export", "last", "-o", path, "--no-report", "--replace")[0] == 0
    assert zipfile.is_zipfile(path)


def test_what_is_no_archive_is_refused(cli, tmp_path):
    path = tmp_path / "run.zip"
    path.write_bytes(b"holiday pictures")
    code, out, err = cli("import", path, home=tmp_path / "home")
    assert (code, out) == (2, "") and "no zip file" in err and not (tmp_path / "home").exists()


def test_a_run_nobody_knows(cli, tmp_path):
    assert cli("export", "nobody", "-o", tmp_path / "run.zip")[0] == 2
    assert cli("scalars", "nobody", "-o", tmp_path / "out")[0] == 2
    assert not list(tmp_path.iterdir())


def test_scalars(cli, tmp_path):
    code, out, err = cli("scalars", "last", "-o", tmp_path / "out")
    assert (code, out.strip()) == (0, str(tmp_path / "out")) and "tensorboard --logdir" in err
    assert len(list((tmp_path / "out").iterdir())) == 1
