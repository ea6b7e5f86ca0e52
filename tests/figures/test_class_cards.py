"""Cards of classes: every number is there in words, bars are shares of the largest class, names are nobody's markup."""

from engine.figures.class_cards import ClassCard, class_cards, counts_table

CARDS = [ClassCard("<b>hat</b>", [6, 2], ["data:x", None]), ClassCard("shoe", [3, 1])]


def test_bars_are_shares_of_the_largest_class():
    drawn = class_cards(CARDS, ["train", "test"], 8).html
    assert [drawn.count(f"width:{share}%") for share in ("75.0", "25.0", "37.5", "12.5")] == [1, 1, 1, 1]
    assert "6 + 2" in drawn and "3 train, 1 test" in drawn
    assert "&lt;b&gt;hat" in drawn and "<b>hat" not in drawn
    assert drawn.count("<img") == 1 and "data:x" in drawn


def test_its_twin_has_the_same_numbers():
    assert counts_table(CARDS, ["train", "test"]) == {"class": ["<b>hat</b>", "shoe"], "train": [6, 3], "test": [2, 1]}
