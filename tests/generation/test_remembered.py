"""The endpoint that was asked last is remembered, without a key, and damage is no obstacle."""

from engine.generation.endpoint import Endpoint
from engine.generation.remembered import remember, remembered


def test_what_was_asked_last_is_there_again(tmp_path):
    assert remembered(tmp_path)["address"] == ""
    one = Endpoint(address="http://localhost:11434/v1", model="llama3.1", temperature=0.5)
    remember(tmp_path, one)
    assert remembered(tmp_path) == one.to_mapping()
    kept = tmp_path / "concepts" / "endpoint.json"
    for damage in ("{", '{"address": "nowhere"}', '{"key": "sk"}', "7"):
        kept.write_text(damage)
        assert remembered(tmp_path) == {**one.to_mapping(), "address": "", "model": "", "temperature": 0.0}
