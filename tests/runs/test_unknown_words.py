"""A backbone of few words and an image folder: what can run, runs; what cannot says why."""

import numpy as np
import pytest
from PIL import Image

from engine.errors import NotApplicable
from engine.runs.config import RunConfig
from engine.runs.loop import train


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
    return RunConfig(dataset="folder", path=str(folder), increment=1, method=method)


def test_nearest_class_mean_needs_no_words(folder, tmp_path):
    events = list(train(config(folder, "ncm"), cache=tmp_path / "cache"))
    evaluated = [event for event in events if type(event).__name__ == "TaskEvaluated"]
    assert evaluated[-1].metrics["test"]["class_il"].mean() == 1.0
    assert np.isnan(evaluated[-1].metrics["test"]["zero_shot_class_il"])


@pytest.mark.parametrize(
    ("method", "reason"), [("zero_shot", "giraffe, zebra"), ("clg_cbm", "words the backbone knows")]
)
def test_a_method_that_needs_words_says_which_are_unknown(folder, tmp_path, method, reason):
    with pytest.raises(NotApplicable, match=reason):
        list(train(config(folder, method), cache=tmp_path / "cache"))
