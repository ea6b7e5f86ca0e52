"""A method that would hold more memory than there is is refused before it starts, with both figures."""

import pytest

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Setup
from engine.training import suitable


class _Greedy(METHODS.get("ncm")):  # a real method that asks for more
    def memory_bytes(self, setup):
        return setup.width**2 * 2**20


@pytest.mark.parametrize(("free", "refused"), [(2**20 * 63, True), (2**20 * 64, False), (None, False)])
def test_both_figures_are_named(monkeypatch, free, refused):
    monkeypatch.setattr(suitable, "free_bytes", lambda: free)
    if not refused:
        suitable.require_memory("ncm", _Greedy(), Setup(True, 4, 2, 8))
        return
    with pytest.raises(NotApplicable, match="64 MiB at once, and 63 MiB are free"):
        suitable.require_memory("ncm", _Greedy(), Setup(True, 4, 2, 8))


class _Keeping(METHODS.get("ncm")):  # a real method that keeps covariances
    def memory_bytes(self, setup):
        return setup.covariance_bytes()


@pytest.mark.parametrize(
    ("free", "remedy"),
    [
        (10 * 64 * 34 * 4, "Set class_covariances to low_rank, or"),
        (10 * 64 * 34 * 4 - 1, "Set class_covariances to shared, or"),
        (2 * 64 * 64 * 4 - 1, "Choose smaller settings"),
    ],
)
def test_the_least_coarse_form_of_covariances_that_would_fit_is_the_remedy(monkeypatch, free, remedy):
    monkeypatch.setattr(suitable, "free_bytes", lambda: free)
    with pytest.raises(NotApplicable) as refused:
        suitable.require_memory("ncm", _Keeping(), Setup(True, 10, 2, 64))
    assert refused.value.remedy.startswith(remedy)


def test_this_machine_says_what_is_free():
    from engine.memory import free_bytes

    free = free_bytes()
    assert free is None or 2**20 < free < 2**50
