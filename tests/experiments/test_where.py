"""Where runs are trained, as people say it."""

import pytest

from engine.errors import BadParameter, NotApplicable
from engine.experiments import where as places
from engine.experiments.where import Where, check_installed


def test_addresses_are_read(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert Where().here and Where().to_arguments() == {} and Where(on=" ray ").address == ""
    assert Where(on="ray://head.example:10001").endpoint == ("head.example", 10001)
    assert Where(on="[2001:db8::1]:6379").endpoint == ("2001:db8::1", 6379) and Where(on="auto").endpoint is None
    monkeypatch.setenv("RAY_ADDRESS", "192.0.2.7:6379")
    assert Where(on="ray").address == "192.0.2.7:6379" and Where(on="ray").endpoint == ("192.0.2.7", 6379)
    assert Where(on="auto").address == "auto"
    monkeypatch.setenv("RAY_ADDRESS", "http://nowhere")
    with pytest.raises(BadParameter, match="RAY_ADDRESS"):
        _ = Where(on="ray").endpoint


@pytest.mark.parametrize(
    "on", ["somewhere", "host:", "host:0", "host:65536", ":6379", "http://host:1", "a b:1", "-" * 301]
)
def test_what_is_no_address_is_refused(on):
    with pytest.raises(BadParameter, match="on = "):
        Where(on=on)


def test_a_job_remembers_it_beside_other_things():
    asked = Where(on="auto", cpus=2, memory=1.5, gpus=0.25)
    assert Where.of_arguments({"title": "one", **asked.to_arguments()}) == asked
    assert Where.of_arguments({"title": "one"}).here
    for wrong in ({"gpus": 1.5}, {"cpus": 0}, {"memory": -1.0}):
        with pytest.raises(BadParameter):
            Where(on="auto", **wrong)


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(NotApplicable, match=r"pip install -r requirements-ray\.txt"):
        check_installed()
