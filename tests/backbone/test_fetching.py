"""Weights brought from a hub or an address on this machine to where open_clip finds them, or a clear word why not."""

import json

import open_clip
import pytest
import torch
from huggingface_hub import constants, file_download

from engine.__main__ import main
from engine.backbone import known
from engine.backbone.clip import load_backbone
from engine.backbone.fetching import fetch
from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.downloads import hub
from engine.errors import BadParameter, MissingWeights
from engine.steps import finish
from tests.downloads.serving import at_hub, serving

NAME, TAG = "tiny-test", "drawn"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """This machine: an empty cache of the hub's, and one for addresses."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(known, "_FETCHED", tmp_path / "clip")
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)
    return tmp_path


def repository(folder, name="me/tiny", config=None):
    files = {CONFIG_FILE: config or (folder / CONFIG_FILE).read_bytes(), WEIGHTS_FILE: None}
    files[WEIGHTS_FILE] = (folder / WEIGHTS_FILE).read_bytes()
    return {f"/{name}/resolve/main/{file}": data for file, data in files.items()}


def left(folder):
    """Files of the folder without what the hub's client writes around them."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return [path for path in found if path.name not in ("main", "CACHEDIR.TAG")]


def test_a_repository_is_brought_once_and_then_needs_no_network(here, additive_folder, monkeypatch):
    steps = []
    with serving(repository(additive_folder)) as served:
        at_hub(monkeypatch, served)
        place = finish(fetch("hf-hub:me/tiny"), steps.append)
    assert place.read_bytes() == (additive_folder / WEIGHTS_FILE).read_bytes()
    assert {step.word for step in steps} == {CONFIG_FILE, WEIGHTS_FILE} and all(s.done <= s.total for s in steps)
    assert known.source_of_hub("hf-hub:me/tiny").here
    with hub.offline():
        found, same = load_backbone("hf-hub:me/tiny"), load_backbone(f"local-dir:{additive_folder}")
    images = torch.rand(1, 3, 24, 24)
    assert torch.equal(found.embed(images), same.embed(images))


def test_the_word_pieces_that_a_config_names_are_brought_too(here, additive_folder, monkeypatch):
    config = json.loads((additive_folder / CONFIG_FILE).read_text())
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "me/words"
    files = repository(additive_folder, config=json.dumps(config).encode())
    with serving({**files, "/me/words/resolve/main/tokenizer.json": b"{}" * 99}) as served:
        at_hub(monkeypatch, served)
        finish(fetch("hf-hub:me/tiny"))
        assert [path.name for path in (here / "hub" / "models--me--words").rglob("tokenizer.json")]
    with serving(files) as served, pytest.raises(MissingWeights, match=r"has no tokenizer\.json"):
        at_hub(monkeypatch, served)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(here / "again"))
        finish(fetch("hf-hub:me/tiny"))


@pytest.fixture
def tag(here, additive_folder, monkeypatch):
    """open_clip knows the small model under a tag, from an address: `tag(address)`."""

    def known_as(address):
        config = open_clip.get_model_config(f"local-dir:{additive_folder}")
        monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, NAME, config)
        monkeypatch.setitem(open_clip.pretrained._PRETRAINED, NAME, {TAG: {"url": address}})
        return f"{NAME}:{TAG}"

    return known_as


def test_a_tag_with_an_address(tag, here, additive_folder, monkeypatch, capsys):
    with serving({"/tiny.safetensors": (additive_folder / WEIGHTS_FILE).read_bytes()}) as served:
        spec = tag(f"{served.address}/tiny.safetensors")
        assert main(["doctor", "--fetch", spec]) == 0
        assert capsys.readouterr().out == f"backbone {spec} is on this machine: {here}/clip/tiny.safetensors\n"
        served.asked.clear()
        assert finish(fetch(spec)) == here / "clip" / "tiny.safetensors" and served.asked == []  # it is here


def test_what_breaks_off_is_said_with_what_to_do_and_leaves_nothing(tag, here, additive_folder):
    with serving({"/tiny.safetensors": (additive_folder / WEIGHTS_FILE).read_bytes()}, "cut") as served:
        spec = tag(f"{served.address}/tiny.safetensors")
        with pytest.raises(
            MissingWeights, match=f"{spec}: .*broke after .* Try again. Elsewhere, fetch {served.address}"
        ):
            finish(fetch(spec))
    assert left(here) == []


@pytest.mark.parametrize(("how", "words"), [("cut", "peer closed"), ("page", "could not be fetched")])
def test_a_hub_that_fails_is_said_with_what_to_do(here, additive_folder, monkeypatch, how, words):
    with serving(repository(additive_folder), how) as served:
        at_hub(monkeypatch, served)
        with pytest.raises(MissingWeights, match=f"{words}.* hf download me/tiny, and copy models--me--tiny"):
            finish(fetch("hf-hub:me/tiny"))
    assert left(here) == []


def test_without_a_network_it_says_exactly_how_to_bring_it(here, monkeypatch):
    monkeypatch.setattr(hub, "_reachable", lambda _: False)
    words = "hub cannot be reached. Go online. Elsewhere, run hf download timm/vit_base_patch32_clip_224"
    with pytest.raises(MissingWeights, match=words):
        finish(fetch("ViT-B-32:openai"))


def test_a_file_that_is_no_safetensors_is_refused(here, additive_folder, monkeypatch):
    files = {**repository(additive_folder), f"/me/tiny/resolve/main/{WEIGHTS_FILE}": b"\x80\x04pickle" * 99}
    with serving(files) as served, pytest.raises(MissingWeights, match="never pickles"):
        at_hub(monkeypatch, served)
        finish(fetch("hf-hub:me/tiny"))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("aviary-clip", "lies on this machine"),
        ("local-dir:/a/folder", "lies on this machine"),
        ("ViT-B-32:/a/file.safetensors", "lies on this machine"),
        ("ViT-B-32:nothing", "pretrained tags openai"),
        ("nobody:openai", "knows no model"),
        ("hf-hub:alone", "hf-hub:ORG/NAME"),
    ],
)
def test_what_cannot_be_fetched(spec, words):
    with pytest.raises(BadParameter, match=words):
        finish(fetch(spec))
