"""Which names an archive may hold, and that ours are among them."""

import pytest

from engine.archive import layout


@pytest.mark.parametrize(
    "name",
    [
        layout.metric(0, "", "nec"),
        layout.metric(123, "moved", "class_il"),
        layout.answer("embedding_map-12", "rows"),
        *layout.models(0),
        *layout.models(140),
        layout.tower(3, "open_clip_model.safetensors"),
        layout.table("exhibit-Confusion ../../Classes <b>"),
        layout.table("é" * 500),
        layout.MANIFEST,
        layout.README,
        layout.REPORT,
        layout.EDITS,
        *layout.NEEDED,
    ],
)
def test_what_is_written_may_be_read(name):
    assert layout.rule(name) is not None


@pytest.mark.parametrize(("task", "split", "name"), [(0, "", "nec"), (7, "moved", "ece"), (123, "test", "before")])
def test_where_a_measurement_lies_says_what_it_is(task, split, name):
    assert layout.metric_parts(layout.metric(task, split, name)) == (task, split, name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/run.json",
        "./run.json",
        "a/../run.json",
        "RUN.JSON",
        "run.json ",
        "run.json\n",
        "tables/.csv",
        "tables/../a.csv",
        "snapshots/model-.safetensors",
        "snapshots/model-٣.safetensors",
        "metrics/task-0/nec.npy",
        "analyses/x/y.npy",
    ],
)
def test_no_other_name_may(name):
    assert layout.rule(name) is None
