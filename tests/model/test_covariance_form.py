"""How much a form takes, by hand."""

from engine.model.covariance_form import CovarianceForm


def test_numbers_by_hand():
    assert CovarianceForm().held(10, 8) == 2 * 10 * 64
    assert CovarianceForm("low_rank", 3).held(10, 8) == 10 * 8 * (3 + 2)
    assert CovarianceForm("low_rank", 4096).held(10, 8) == 10 * 8 * (8 + 2)
    assert CovarianceForm("shared").held(10, 8) == 2 * 64
