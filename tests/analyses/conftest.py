"""A finished tiny run to ask: the one the tests of runs use."""

from types import SimpleNamespace

import pytest

from engine.session.lab import Lab


@pytest.fixture(scope="session")
def lab(reference: SimpleNamespace) -> Lab:
    """The run, reopened; for reading only."""
    return Lab(reference.store, reference.view.id)
