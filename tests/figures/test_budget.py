"""The budget planner's chart and sentence."""

import numpy as np
import pytest

from engine.figures.budget import at_budget, budget_lines, budget_table, sentence

CLICKS = np.array([0, 10, 100, 1000])
RECOVERED = np.array([0.0, 1.0, 4.0, 8.0])
BROKEN = np.array([0.0, 0.0, 1.0, 2.0])


@pytest.mark.parametrize(("budget", "value"), [(0, 0.0), (9, 0.0), (10, 1.0), (999, 4.0), (5000, 8.0)])
def test_a_budget_between_two_computed_ones_counts_as_the_smaller(budget, value):
    assert at_budget(CLICKS, RECOVERED, budget) == value


def test_the_sentence():
    told = sentence(CLICKS, RECOVERED, BROKEN, 16, 100)
    assert told == "100 clicks recover 25 % of the 16 forgotten images, and break 1 other"
    assert sentence(CLICKS, RECOVERED, BROKEN, 16, 1000).endswith("50 % of the 16 forgotten images, and break 2 others")
    assert sentence(CLICKS, RECOVERED, BROKEN, 16, 10).endswith("and break none")


def test_the_chosen_policy_stands_out_with_what_it_breaks():
    both = (np.stack([CLICKS] * 2), np.stack([RECOVERED] * 2), np.stack([BROKEN] * 2))
    titles = {"ectp": "ECTP: most", "random": "Random"}
    figure = budget_lines(*both, 16, ("ectp", "random"), titles, "ectp", 100)
    assert [trace.name for trace in figure.data] == ["ECTP", "Random", "broken"]
    assert figure.data[0].line.width > figure.data[1].line.width and figure.data[0].opacity == 1.0
    assert list(figure.data[0].y) == [0.0, 1 / 16, 0.25, 0.5] and figure.data[0].x[0] == 1  # a logarithmic axis


def test_the_table_holds_the_same_numbers():
    table = budget_table(CLICKS, RECOVERED, BROKEN, 16)
    assert table["clicks"] == [0, 10, 100, 1000] and table["recovered share"] == [0.0, 0.0625, 0.25, 0.5]
