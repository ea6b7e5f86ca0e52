"""What is found out or fetched for who chooses a backbone: named on the board, and asked for once at a time."""

from __future__ import annotations

import pytest

from engine.errors import NotApplicable
from engine.jobs import board, errands, queue
from engine.jobs.kinds import KINDS, TRAINING
from engine.runs.config import configure, preset
from engine.store import jobs


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch):
    monkeypatch.setattr(queue, "_start", lambda store, job: None)


def test_each_has_its_command_and_its_title(empty_store, tmp_path):
    config = configure(None, {"data": f"dir:{tmp_path}", "backbone": "ViT-B-32:openai"})
    errands.list_models(empty_store)
    errands.measure(empty_store, config)
    errands.fetch(empty_store, "ViT-B-32:openai")
    listed = {one.title: one.job.arguments["command"] for one in board.listed(empty_store)}
    assert listed.pop("Listing what open_clip knows") == ["doctor", "--models"]
    assert listed.pop("Fetching ViT-B-32:openai") == ["doctor", "--fetch", "ViT-B-32:openai"]
    command = listed.pop("Measuring ViT-B-32:openai")
    assert command[:3] == ["doctor", "--cost", "ViT-B-32:openai"] and not listed
    assert {"dataset=folder", f"path={tmp_path}"} < set(command[command.index("--set") :])


def test_what_is_at_work_is_not_asked_for_twice(empty_store):
    errands.fetch(empty_store, "a:b")
    errands.fetch(empty_store, "a:c")
    with pytest.raises(NotApplicable, match="errand fetch a:b"):
        errands.fetch(empty_store, "a:b")


def test_a_measurement_has_the_threads_and_the_priority_of_a_training():
    errand = KINDS["errand"]
    assert (errand.threads, errand.nice) == (TRAINING.threads, TRAINING.nice)


def test_an_old_one_is_forgotten(empty_store):
    from engine.jobs.clearing import clear

    errands.list_models(empty_store)
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'finished', asked = 0, ended = 0")
    clear(empty_store)
    assert errands.find(empty_store, errands.MODELS) is None
    with empty_store.database.reading() as db:
        assert jobs.numbers(db) == set()


def test_what_is_unlearnt_is_named_so_that_no_name_reads_as_an_option(empty_store):
    from engine.commands._parser import build_parser

    run = empty_store.create(preset("tiny").changed(method="gda"))
    errands.unlearn(empty_store, run, ["-x", "--name"], [3, 17], "Unlearning in it")
    job = errands.find(empty_store, errands.unlearning(run))
    asked = build_parser().parse_args(job.arguments["command"])
    assert (asked.run_id, asked.no_proof, asked.name) == (run, True, "")
    assert (getattr(asked, "class"), asked.images) == ([["-x"], ["--name"]], [["train:3"], ["train:17"]])
