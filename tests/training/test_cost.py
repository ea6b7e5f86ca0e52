"""What embedding costs here: measured for real, told by hand."""

import os
import shutil
import time

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.backbone.presets import WEIGHTS_FILE
from engine.data.sources.folder import FolderSource
from engine.steps import finish
from engine.training import known_costs
from engine.training.cost import measure
from engine.training.known_costs import Costly, EmbeddingCost, in_words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (360, "6 min"), (5399, "90 min"), (9000, "2.5 h")]
)
def test_times_in_words(seconds, words):
    assert in_words(seconds) == words


def test_extrapolated_by_hand():
    told = EmbeddingCost(load_seconds=20, seconds=0.085, mebibytes=380.4, width=512).told(4000)
    assert told == "4,000 images: about 6 min, 380 MB of memory, 7.8 MB of cache"


def test_measured(additive_folder):
    cost = finish(measure(f"local-dir:{additive_folder}", measured=20))
    assert cost.load_seconds > 0 and cost.seconds > 0 and cost.mebibytes > 50 and cost.width == 32


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["--cost", "aviary-clip", "--images", "0"], 2, "at least one"),
        (["--cost", "local-dir:/nowhere"], 3, "/nowhere"),
        (["--cost", "resnet"], 2, "NAME:TAG"),
    ],
)
def test_what_cannot_be_measured(line, code, words, capsys):
    assert main(["doctor", *line]) == code
    assert words in capsys.readouterr().err


@pytest.fixture
def pictures(tmp_path):
    """Two classes of ten pictures."""
    for name in ("cat", "dog"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(10):
            pixels = np.random.default_rng(i + 10 * (name == "dog")).integers(0, 256, (30, 40, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{i}.png")
    return tmp_path / "pictures"


def test_reading_the_datas_own_pictures_counts(additive_folder, pictures, monkeypatch):
    dataset = FolderSource(path=str(pictures)).open()
    split, read = type(dataset.splits["train"]), []
    plain = split.images

    def slow(self, indices, size):
        read.append(len(indices))
        time.sleep(0.02 * len(indices))
        return plain(self, indices, size)

    monkeypatch.setattr(split, "images", slow)
    steps, work = [], measure(f"local-dir:{additive_folder}", dataset, measured=8)
    cost = finish(work, lambda step: steps.append(step.word))
    assert read == [8] and cost.images == 20 and cost.seconds >= 0.02 / os.cpu_count()
    assert steps == ["loading the backbone", "reading pictures", "warming up", "embedding pictures"]


def test_what_was_measured_is_kept_for_that_backbone_and_those_pictures(
    additive_folder, pictures, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    own = shutil.copytree(additive_folder, tmp_path / "own")
    of = Costly.named(f"local-dir:{own}", "folder", str(pictures))
    assert known_costs.kept(of) is None
    assert main(["doctor", "--cost", f"local-dir:{own}", "--set", f"data=dir:{pictures}"]) == 0
    cost = known_costs.kept(of)
    assert cost.images == 20 and capsys.readouterr().out == cost.told(20) + "\n"
    assert known_costs.kept(Costly.named(f"local-dir:{own}", "folder", "/elsewhere")) is None
    monkeypatch.setattr(known_costs, "machine", lambda: "another")
    assert known_costs.kept(Costly.named(f"local-dir:{own}", "folder", str(pictures))) is None
    monkeypatch.undo()
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    weights = load_file(own / WEIGHTS_FILE)
    save_file(weights | {"visual.proj": weights["visual.proj"] * 2}, own / WEIGHTS_FILE)
    assert known_costs.kept(Costly.named(f"local-dir:{own}", "folder", str(pictures))) is None
    (path,) = (tmp_path / "home" / "cache" / "costs").iterdir()
    path.write_bytes(b"{")
    assert known_costs.kept(of) is None
