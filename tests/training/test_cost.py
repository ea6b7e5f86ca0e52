"""What embedding costs here: measured for real, told by hand."""

import pytest

from engine.__main__ import main
from engine.training.cost import EmbeddingCost, in_words, measure


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (360, "6 min"), (5399, "90 min"), (9000, "2.5 h")]
)
def test_times_in_words(seconds, words):
    assert in_words(seconds) == words


def test_extrapolated_by_hand():
    told = EmbeddingCost(load_seconds=20, seconds=0.085, mebibytes=380.4, width=512).told(4000)
    assert told == "4,000 images: about 6 min, 380 MB of memory, 7.8 MB of cache"


def test_measured(additive_folder):
    cost = measure(f"local-dir:{additive_folder}", measured=20)
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
