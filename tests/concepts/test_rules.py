"""Which texts are left out, by which rule and for what value: numbers worked out by hand."""

import pytest
import torch

from engine.concepts.rules import VOCABULARY, ConceptRules, Removed, WordRules
from engine.concepts.separation import Separation, separation
from engine.concepts.sifting import ForClass, Seen, chosen, near_duplicates, sift

NAMES = ("t-shirt", "sea lion", "Can")
TEXTS = ["across", "up", "nearly up", "away", "between"]
VECTORS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.1, 0.995], [-1.0, 0.0], [0.6, 0.8]])
SEEN = Seen(
    torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.6, 0.8]]), torch.tensor([0, 0, 1, 1]), torch.zeros(0, 2)
)
"""Two classes: one points across, the other up. Scores of `across` are 1, 0.8 and 0, 0.6: means 0.9 and 0.3, squared
distances to them 0.01, 0.01, 0.09, 0.09, so a spread of sqrt(0.05)."""
PAIRS = [ForClass(7 + place, place, row) for place in (0, 1) for row in range(len(TEXTS))]


def test_by_default_everything_stays():
    rules = ConceptRules()
    assert not rules.needs_vectors and not rules.from_file
    assert sift(rules, TEXTS, VECTORS, PAIRS, None) == (PAIRS, [])
    assert WordRules(rules, NAMES).why_not("a sea lion " * 9, 0) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a T-shirt with a print", "t-shirt"),
        ("two sea lions", "sea lion"),
        ("the sea", None),
        ("can be opened", "Can"),
        ("a candle", None),
        ("", None),
    ],
)
def test_a_class_name_counts_as_whole_words(text, found):
    removed = WordRules(ConceptRules(filter_class_names=True), NAMES).why_not(text, 1)
    assert removed == (None if found is None else Removed(text, 1, "filter_class_names", found, True))


def test_length_is_counted_in_characters():
    rules = WordRules(ConceptRules(filter_length=5), NAMES)
    assert rules.why_not("12345", 0) is None
    assert rules.why_not("123456", 2) == Removed("123456", 2, "filter_length", 6, 5)


def test_near_duplicates_go_the_first_stays():
    assert near_duplicates(VECTORS, 0.9) == {2: (1, pytest.approx(0.995))}
    # against those that stay alone: the second goes, and the third is like the second only
    line = torch.tensor([[1.0, 0.0], [0.9, 0.4359], [0.62, 0.7846]])
    assert set(near_duplicates(line, 0.85)) == {1}
    kept, removed = sift(ConceptRules(filter_alike=0.9), TEXTS, VECTORS, PAIRS, None)
    assert [pair.row for pair in kept] == [0, 1, 3, 4] * 2
    assert removed == [Removed("nearly up", c, "filter_alike", 0.995, 0.9, "up") for c in (7, 8)]


def test_separation_is_the_gap_to_the_other_classes_in_spreads():
    found = separation(SEEN.features, SEEN.labels, VECTORS)
    spread = 0.05**0.5
    assert found.worth[:, 0].tolist() == pytest.approx([0.6 / spread, -0.6 / spread], rel=1e-5)
    assert found.top[0].item() == pytest.approx(0.6) and found.top[3].item() == pytest.approx(-0.6)  # all four images
    earlier = torch.tensor([[0.6, 0.8], [0.0, 1.0]])  # `across` scores 0.6 and 0 there: the others' mean is 0.3
    with_earlier = separation(SEEN.features, SEEN.labels, VECTORS, earlier)
    assert with_earlier.worth[0, 0].item() == pytest.approx(0.6 / spread, rel=1e-5)
    assert with_earlier.worth[1, 0].item() == pytest.approx((0.3 - (0.9 + 0.6) / 3) / spread, rel=1e-5)


def test_a_class_alone_is_held_against_the_mean_of_all_texts():
    alone = separation(SEEN.features[:2], SEEN.labels[:2], VECTORS[:2])
    # scores 1, 0.8 and 0, 0.6: means 0.9 and 0.3 about 0.6, spreads 0.1 and 0.3
    assert alone.worth[0].tolist() == pytest.approx([3.0, -1.0], rel=1e-5)


def test_what_nothing_is_like_and_what_does_not_separate_say_so():
    rules = ConceptRules(filter_activation=0.1, filter_separation=2.0)
    kept, removed = sift(rules, TEXTS, VECTORS, PAIRS, SEEN)
    assert [(pair.class_id, TEXTS[pair.row]) for pair in kept] == [(7, "across"), (8, "up"), (8, "nearly up")]
    said = {(one.class_id, one.text): (one.rule, one.value, one.limit) for one in removed}
    assert said[7, "away"] == said[8, "away"] == ("filter_activation", -0.6, 0.1)
    assert said[8, "across"] == ("filter_separation", pytest.approx(-2.6833, abs=1e-3), 2.0)
    assert len(said) == len(removed) == len(PAIRS) - len(kept)


def test_a_class_gets_the_words_that_separate_it_best_without_near_synonyms():
    worth = torch.tensor([[1.0, 5.0, 4.0, 3.0, 2.0], [9.0, 8.0, 7.0, 6.0, 5.0]])
    found = Separation(torch.zeros(2, 5), worth, torch.zeros(5))

    def rows(**more):
        got = chosen(ConceptRules(concepts=VOCABULARY, vocabulary_share=1.0, **more), PAIRS, found, VECTORS)
        return [[pair.row for pair in got if pair.place == place] for place in (0, 1)]

    assert rows(vocabulary_size=3) == [[1, 3, 4], [0, 1, 3]]  # `nearly up` is passed over
    assert rows(vocabulary_size=3, vocabulary_alike=1.0) == [[1, 2, 3], [0, 1, 2]]
    assert rows(vocabulary_size=99, vocabulary_alike=0.0) == [[1, 3, 0], [0, 1, 3]]
    rules = ConceptRules(concepts=VOCABULARY, vocabulary_size=1, filter_activation=0.1)  # `away` separates as well
    assert [(p.class_id, TEXTS[p.row]) for p in sift(rules, TEXTS, VECTORS, PAIRS, SEEN)[0]] == [
        (7, "across"),
        (8, "up"),
    ]


def test_what_separates_a_class_and_does_not_describe_it_is_not_considered():
    means = torch.tensor([[0.1, 0.5, 0.4, 0.9, 0.2], [0.0, 0.0, 0.0, 0.0, 0.0]])
    worth = torch.tensor([[9.0, 1.0, 2.0, 0.5, 8.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    rules = ConceptRules(concepts=VOCABULARY, vocabulary_size=1, vocabulary_share=0.5)
    found = chosen(rules, PAIRS, Separation(means, worth, torch.zeros(5)), VECTORS)
    assert [pair.row for pair in found] == [
        1,
        1,
    ]  # of `away` and `up`, which fit best; of the first two, which come first


def test_every_rule_declares_what_it_takes():
    from engine.params import parameters_of

    declared = {p.name: p for p in parameters_of(ConceptRules)}
    assert {p.group for p in declared.values()} == {"Concepts"} and all(p.help.endswith(".") for p in declared.values())
    assert {name for name in declared if name.startswith("filter_")} == {
        *("filter_length", "filter_class_names", "filter_alike", "filter_activation", "filter_separation")
    }
