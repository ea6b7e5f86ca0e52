"""Which epoch is kept, and how long training lasts."""

from engine.model.course import Schedule


def kept(accuracies, **choice):
    """The index of the epoch kept of those with these validation accuracies, or None for the last."""
    schedule = Schedule(len(accuracies), 1e-3, (30,), 64, 1, **choice)
    best, found = -1.0, None
    for number, accuracy in enumerate(accuracies):
        if schedule.improves(accuracy, best):
            best, found = accuracy, number
    return found


def test_of_equally_good_epochs_the_latest_or_the_earliest_is_kept():
    accuracies = [0.5, 0.9, 0.7, 0.9, 0.8]
    assert kept(accuracies, select_best=True) == 3
    assert kept(accuracies, select_best=True, earliest_best=True) == 1
    assert kept(accuracies, select_best=False) is kept(accuracies, select_best=False, earliest_best=True) is None


def test_an_epoch_that_gets_nothing_right_is_kept_while_there_is_no_better():
    assert kept([0.0, 0.0], select_best=True, earliest_best=True) == 0


def test_most_steps_make_fewer_epochs_drops_as_much_earlier_and_longer_steps():
    whole = Schedule(60, 1e-3, (30, 50), 64, 1, select_best=False)
    assert whole.within(0, 10**6) is whole.within(600, 640) is whole  # no bound; ten steps an epoch, so just within
    short = whole.within(600, 641)
    assert (short.epochs, short.milestones) == (55, (28, 46))
    quarter = whole.within(150, 640)
    assert (quarter.epochs, quarter.milestones, quarter.learning_rate) == (15, (8, 12), 2e-3)
    once = whole.within(1, 10**6)
    assert (once.epochs, once.rate(0)) == (1, once.learning_rate) and whole.within(1, 0) is whole
