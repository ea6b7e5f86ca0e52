"""A backbone of few words and an image folder: what can run, runs; what cannot says why."""

import json
from functools import partial

import numpy as np
import pytest
from PIL import Image

from engine.backbone.presets import vocabulary_of
from engine.backbone.words import unknown_words
from engine.errors import NotApplicable
from engine.runs.concepts import open_concepts
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset
from engine.runs.suited import stranger, unread
from engine.training.loop import train


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name, colour in (("zebra", 40), ("giraffe", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(8):
            noise = np.clip(rng.normal(colour, 10, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(noise).save(tmp_path / "photos" / name / f"{i}.png")
    return tmp_path / "photos"


def config(folder, method):
    return RunConfig(dataset="folder", data={"path": str(folder)}, increment=1, method=method)


def looked(asked, vocabulary):
    data = open_dataset(asked)
    reads = partial(unknown_words, vocabulary=vocabulary)
    return unread(data.class_names, open_concepts(asked, data).kept, reads, given=False)


def test_nearest_class_mean_needs_no_words(folder, tmp_path):
    events = list(train(config(folder, "ncm"), cache=tmp_path / "cache"))
    evaluated = [event for event in events if type(event).__name__ == "TaskEvaluated"]
    assert evaluated[-1].metrics["test"]["class_il"].mean() == 1.0
    assert np.isnan(evaluated[-1].metrics["test"]["zero_shot_class_il"])


@pytest.mark.parametrize(("method", "reason"), [("zero_shot", "giraffe, zebra"), ("clg_cbm", "this data lists none")])
def test_a_method_that_needs_words_says_which_are_unknown(folder, tmp_path, method, reason):
    with pytest.raises(NotApplicable, match=reason):
        list(train(config(folder, method), cache=tmp_path / "cache"))


def test_concepts_in_words_the_backbone_lacks_are_named_and_not_called_missing(folder, tmp_path):
    texts = ["a striped coat", "a long neck", "red crown"]
    (folder / "concepts.json").write_text(json.dumps({"zebra": texts[:1], "giraffe": texts[1:]}), encoding="utf-8")
    asked = config(folder, "clg_cbm")
    found = looked(asked, vocabulary_of(asked.backbone))
    assert (found.texts, found.lost, found.bare) == (3, 2, ("zebra",))
    assert {"coat", "neck"} <= set(found.words)
    with pytest.raises(NotApplicable, match=r"2 of the 3 concept texts: .*coat.*leaves 1 class .zebra. without"):
        list(train(asked, cache=tmp_path / "cache"))


def test_one_concept_a_class_that_it_reads_is_enough_and_open_text_reads_all(folder):
    (folder / "concepts.txt").write_text("red crown\na striped coat\n", encoding="utf-8")
    asked = config(folder, "clg_cbm")
    found = looked(asked, vocabulary_of(asked.backbone))
    assert found.lost == 1 and found.told() is None
    assert looked(config(folder, "clg_cbm"), None).lost == 0


def test_a_backbone_of_painted_birds_is_a_stranger_to_a_folder_only(folder):
    found = stranger(config(folder, "ncm"))
    assert found is not None and "aviary-clip does not know this kind of pictures" in found.headline
    assert stranger(RunConfig()) is None
    assert stranger(config(folder, "ncm").changed(backbone="ViT-B-16:openai")) is None
