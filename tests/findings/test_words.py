"""How findings word numbers."""

import pytest

from engine.findings.words import capital, counted, listed, percent, points, span, spelt
from engine.metrics.differences import Interval


@pytest.mark.parametrize(
    ("share", "said"), [(0.842, "84 %"), (1.0, "100 %"), (0.9975, "99.8 %"), (0.0, "0 %"), (0.002, "0.2 %")]
)
def test_what_is_not_all_is_not_called_all(share, said):
    assert percent(share) == said


def test_singular_and_plural():
    assert [points(0.01), points(-0.17), points(0.004), points(0)] == [
        "1 point",
        "17 points",
        "0.4 points",
        "0.0 points",
    ]
    assert [counted(1, "picture"), counted(2, "picture")] == ["1 picture", "2 pictures"]
    assert [spelt(1, "class"), spelt(2, "class"), spelt(3, "try"), spelt(13, "class")] == [
        "one class",
        "two classes",
        "three tries",
        "13 classes",
    ]


def test_lists_and_spans():
    assert [listed([]), listed([6]), listed([4, 6]), listed("abc")] == ["", "6", "4 and 6", "a, b and c"]
    assert span(Interval(0.1, 0.04, 0.16, 9)) == "4 to 16 points"
    assert span(Interval(-0.1, -0.16, -0.04, 9)) == "4 to 16 points"
    assert span(Interval(0.0, -0.023, 0.02, 9)) == "−2 to 2 points"
    assert capital("hooked bill") == "Hooked bill" and capital("") == ""
