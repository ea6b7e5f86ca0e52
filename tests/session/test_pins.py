"""What may be pinned: pictures kept for validation, a person's own made harmless, concepts of the bank."""

import io

import numpy as np
import pytest
from PIL import Image

from engine.errors import BadImage, BadInput
from engine.runs.sources import open_dataset, open_stream, val_rows
from engine.session.pins import bank, concept_pin, picture_pin, upload_pin


def test_the_rows_kept_for_validation_are_those_of_the_runs_tasks(reference):
    config = reference.config
    dataset = open_dataset(config)
    tasks = open_stream(config, dataset).tasks
    expected = np.sort(np.concatenate([task.val for task in tasks]))
    assert len(tasks) > 1 and val_rows(config, dataset).tolist() == expected.tolist()


def test_a_validation_picture_can_be_pinned_and_no_other(reference):
    dataset = open_dataset(reference.config)
    rows = val_rows(reference.config, dataset).tolist()
    assert picture_pin(reference.view, dataset, rows[1]).what == f"val:{rows[1]}"
    learnt = next(row for row in range(10_000) if row not in rows)
    for row in (learnt, 10**9, -1):
        with pytest.raises(BadInput, match=f"none of the {len(rows)} pictures"):
            picture_pin(reference.view, dataset, row)


def test_a_concept_is_pinned_by_its_words(reference):
    (first, *_) = bank(reference.view)
    assert concept_pin(reference.view, first).what == first
    with pytest.raises(BadInput, match="this is none of them"):
        concept_pin(reference.view, "<b>no such</b>")


def test_ones_own_picture_goes_along_and_what_is_none_is_refused(empty_store):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    pin = upload_pin(empty_store, out.getvalue(), "bird.jpg")
    assert pin.kind == "picture" and pin.what.startswith("own:") and len(pin.what) == 20
    with Image.open(io.BytesIO(pin.data)) as image:
        assert (image.format, image.size) == ("WEBP", (40, 40))
    with pytest.raises(BadImage, match=r"notes\.txt"):
        upload_pin(empty_store, b"no picture", "notes.txt")
