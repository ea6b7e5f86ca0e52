"""Experiments are kept whole, under names of their own, and can be put away and back."""

import pytest

from engine.errors import BadInput, BadParameter, StoreDamaged
from engine.store.experiments import MAX_NOTE, KeptExperiments

DECLARED = {"name": "a", "axes": {"seed": ["1"]}, "search": "bayes"}


@pytest.fixture
def kept(empty_store):
    return KeptExperiments(empty_store.database)


def test_it_is_kept_found_and_changed(kept):
    assert kept.all() == []
    number = kept.save("a", DECLARED)
    assert kept.get(number).declared == DECLARED == kept.named("a").declared == kept.named("last").declared
    with pytest.raises(BadParameter, match="there is one of that name"):
        kept.save("a", DECLARED)
    kept.draw(number, [("1",), ("2",)])
    kept.change(number, "b", {**DECLARED, "retries": 3})
    assert kept.get(number).settings == (("1",), ("2",)) and kept.named("b").id == number
    kept.change(number, "b", {**DECLARED, "axes": {"seed": ["1", "2"]}})
    assert kept.get(number).settings == ()
    kept.note(number, "what was found")
    assert kept.get(number).note == "what was found"
    with pytest.raises(BadParameter, match="at most"):
        kept.note(number, "x" * (MAX_NOTE + 1))


def test_putting_away_frees_the_name_and_can_be_undone(kept):
    number = kept.save("a", DECLARED)
    kept.remove(number)
    assert kept.all() == [] and kept.get(number).removed is not None
    other = kept.save("a", DECLARED)
    with pytest.raises(BadParameter, match="there is one of that name"):
        kept.restore(number)
    kept.remove(other)
    kept.restore(number)
    assert [one.id for one in kept.all()] == [number]
    with pytest.raises(BadInput, match="there is none"):
        kept.named("no such")
    with pytest.raises(BadInput, match="of this number"):
        kept.get(99)


def test_a_damaged_one_is_named_and_hides_no_other(kept, empty_store, behind_its_back):
    first, second = kept.save("a", DECLARED), kept.save("b", DECLARED)
    behind_its_back(empty_store, "UPDATE experiments SET declared = '{}' WHERE id = ?", first)
    assert [one.id for one in kept.all()] == [second]
    with pytest.raises(StoreDamaged, match="experiments: 1, a"):
        kept.get(first)
