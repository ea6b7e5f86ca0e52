"""The Bayes-optimal answer, by hand and against birds as they are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.data.aviary.bayes import log_likelihoods
from engine.data.aviary.species import Species, load_species
from engine.data.aviary.world import HABITAT, Aviary

ONE = load_species(1)[0]
PLUMAGE = np.array(ONE.plumages[0])


def test_the_probability_of_a_bird_by_hand() -> None:
    plain = replace(ONE, plumages=(ONE.plumages[0],))
    bird, odd, away = PLUMAGE.copy(), PLUMAGE.copy(), PLUMAGE.copy()
    odd[0] = (odd[0] + 1) % 10  # another of the ten crowns
    away[HABITAT] = (away[HABITAT] + 1) % 6
    found = np.exp(log_likelihoods(np.stack([bird, odd, away]), (plain,), 0.2, 0.95))[:, 0]
    assert found == pytest.approx([0.8**12 * 0.95, 0.8**11 * 0.2 / 9 * 0.95, 0.8**12 * 0.05 / 5])
    moved = np.exp(log_likelihoods(np.stack([bird, away]), (plain,), 0.2, 0.0))[:, 0]
    assert moved == pytest.approx([0.0, 0.8**12 / 5])  # in that split nobody is at home


def test_a_species_with_two_plumages_is_the_mean_of_both() -> None:
    second = PLUMAGE.copy()
    second[1] = (second[1] + 3) % 10
    both = replace(ONE, plumages=(ONE.plumages[0], tuple(second.tolist())))
    parts = [np.exp(log_likelihoods(PLUMAGE[None], (replace(ONE, plumages=(p,)),), 0.3, 0.9)) for p in both.plumages]
    assert np.exp(log_likelihoods(PLUMAGE[None], (both,), 0.3, 0.9)) == pytest.approx(np.mean(parts, axis=0))


def test_all_birds_of_a_species_together_have_probability_one() -> None:
    """Summed over every habitat and every value of one attribute, the others being as likely as they are."""
    species: tuple[Species, ...] = (replace(ONE, plumages=(ONE.plumages[0],)),)
    birds = np.tile(PLUMAGE, (10 * 6, 1))
    birds[:, 0], birds[:, HABITAT] = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    assert np.exp(log_likelihoods(birds, species, 0.2, 0.95)).sum() == pytest.approx(0.8**11)


@pytest.mark.parametrize(("split", "at_home"), [("test", 0.95), ("moved", 0.0)])
def test_nobody_answers_better_than_bayes(split: str, at_home: float) -> None:
    """Neither the nearest plumage nor the optimum of another rule does; birds that vary in nothing are all told."""
    data = Aviary(species=40, test_per_class=30, variation=0.3, seed=5)
    species, birds = load_species(40), data.splits[split]
    best = (log_likelihoods(birds.codes, species, 0.3, at_home).argmax(1) == birds.labels).mean()
    plumages = np.stack([np.array(one.plumages[0]) for one in species])
    nearest = ((birds.codes[:, None] == plumages).sum(-1).argmax(1) == birds.labels).mean()
    other = (log_likelihoods(birds.codes, species, 0.3, 1 / 6).argmax(1) == birds.labels).mean()
    assert 1 > best > max(other, nearest) > 0.5
    exact = Aviary(species=40, test_per_class=5, variation=0.0, seed=5).splits[split]
    told = log_likelihoods(exact.codes, species, 0.0, at_home)
    assert (told.argmax(1) == exact.labels).mean() == 1.0
