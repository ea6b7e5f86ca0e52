"""Which backbones can be named, where their weights are had, and what is said where they are not."""

import shutil
from pathlib import Path

import open_clip
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.backbone import catalogue, known
from engine.backbone.advised import advised
from engine.backbone.clip import load_backbone
from engine.backbone.presets import WEIGHTS_FILE, absolute, declared, identify
from engine.downloads import hub
from engine.errors import BadParameter, MissingWeights
from engine.steps import finish

NAME = "tiny-test"


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No hub can be reached, and its cache is this empty folder."""
    monkeypatch.setattr(hub, "_reachable", lambda _: False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def architecture(additive_folder, monkeypatch):
    """open_clip knows the small random model's architecture by a name."""
    config = open_clip.get_model_config(f"local-dir:{additive_folder}")
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, NAME, config)


def put_into_cache(cache: Path, repository: str, folder: Path) -> None:
    """As the hub's client lays it there."""
    place = cache / f"models--{repository.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("abc")
    shutil.copytree(folder, place / "snapshots" / "abc")


def test_every_tag_of_open_clip_has_a_place_it_comes_from():
    sources = [known.source_of(name, tag) for name, tag in open_clip.list_pretrained()]
    assert len(sources) > 100
    assert all(source.files and (source.repository.count("/") == 1 or source.address) for source in sources)


def test_where_weights_come_from_and_how_to_bring_them(offline):
    plain = known.source_of("ViT-B-32", "laion2b_s34b_b79k")
    assert plain.origin == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K" and not plain.here
    assert plain.how_to_bring() == (
        "Elsewhere, run hf download laion/CLIP-ViT-B-32-laion2B-s34B-b79K, and copy "
        f"models--laion--CLIP-ViT-B-32-laion2B-s34B-b79K from ~/.cache/huggingface/hub into {offline} here"
    )
    words = known.source_of("roberta-ViT-B-32", "laion2b_s12b_b32k")
    assert "and hf download roberta-base," in words.how_to_bring()
    by_address = known.WeightsSource("", ("",), "https://a.host/model.pt")
    assert "fetch https://a.host/model.pt" in by_address.how_to_bring() and not by_address.here


def test_files_of_a_repository_are_those_that_open_clip_looks_for():
    names = (open_clip.constants.HF_SAFE_WEIGHTS_NAME, open_clip.constants.HF_WEIGHTS_NAME)
    assert known.source_of_hub("hf-hub:me/tiny").files == names


def test_parameters_are_those_that_are_published():
    assert known.parameters("ViT-B-32") == 151_277_313
    assert known.parameters("RN50") == 102_007_137
    assert known.parameters("roberta-ViT-B-32") is None  # its text tower is described by a hub


def test_the_list_tells_what_is_here(offline, additive_folder, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    shutil.copytree(additive_folder, tmp_path / "backbones" / "mine")
    (tmp_path / "backbones" / "broken").mkdir()
    (tmp_path / "backbones" / "broken" / WEIGHTS_FILE).write_bytes(b"x")
    tags = [("ViT-B-32", "openai"), ("ViT-B-32", "laion2b_s34b_b79k")]
    monkeypatch.setattr(open_clip, "list_pretrained", lambda: tags)
    put_into_cache(offline, "timm/vit_base_patch32_clip_224.openai", additive_folder)
    found = {one.spec: one for one in finish(catalogue.known())}
    mine = f"local-dir:{tmp_path}/backbones/mine"
    assert list(found) == ["aviary-clip", "aviary-clip-tga", mine, *(":".join(tag) for tag in tags)]
    assert (found[mine].width, found[mine].image_size, found[mine].origin) == (32, 24, "made here")
    openai = found["ViT-B-32:openai"]
    assert (openai.width, openai.image_size, openai.here) == (512, 224, True)
    assert not found["ViT-B-32:laion2b_s34b_b79k"].here
    assert main(["doctor", "--models"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 6 and said[4].split() == [
        *("ViT-B-32:openai", "512", "224", "px", "151", "M", "yes", "timm/vit_base_patch32_clip_224.openai")
    ]


def test_the_list_is_made_once_and_again_where_it_is_damaged(offline, additive_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    monkeypatch.setattr(open_clip, "list_pretrained", lambda: [("ViT-B-32", "openai")])
    assert catalogue.kept() is None
    steps = [step.word for step in catalogue.listed()]
    assert steps == ["loading open_clip", "looking at ViT-B-32"]
    (tag,) = catalogue.kept()
    assert (tag.spec, tag.width, tag.image_size, tag.parameters) == ("ViT-B-32:openai", 512, 224, 151_277_313)
    assert tag.source == known.source_of("ViT-B-32", "openai") and not tag.source.here
    assert list(catalogue.listed()) == []
    put_into_cache(offline, "timm/vit_base_patch32_clip_224.openai", additive_folder)
    assert tag.source.here
    (path,) = (tmp_path / "cache").glob("open_clip-*")
    for content in (b"", b"[{}]", b"\xff\xfe", b"[" * 10_000):
        path.write_bytes(content)
        assert catalogue.kept() is None
    assert finish(catalogue.listed()) == [tag]


def test_the_default_for_photographs_is_the_best_that_is_here(
    offline, joined_folder, additive_folder, monkeypatch, tmp_path
):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(known, "_FETCHED", tmp_path / "fetched")
    assert advised() == "aviary-clip"
    put_into_cache(offline, "timm/vit_base_patch32_clip_224.openai", additive_folder)
    put_into_cache(offline, "timm/resnet50_clip.openai", additive_folder)
    assert advised() == "aviary-clip"  # nobody has found out yet what those are
    monkeypatch.setattr(open_clip, "list_pretrained", lambda: [("ViT-B-32", "openai"), ("RN50", "openai")])
    finish(catalogue.listed())
    assert advised() == "RN50:openai"  # 102 million parameters against 151
    made = shutil.copytree(joined_folder, tmp_path / "home" / "backbones" / "photo-clip")
    assert advised() == f"local-dir:{made}"
    (made / WEIGHTS_FILE).unlink()
    assert advised() == "RN50:openai"


def test_a_repository_of_the_hub(offline, additive_folder):
    with pytest.raises(MissingWeights, match="hf download me/tiny, and copy models--me--tiny"):
        load_backbone("hf-hub:me/tiny")
    put_into_cache(offline, "me/tiny", additive_folder)
    found, same = load_backbone("hf-hub:me/tiny"), load_backbone(f"local-dir:{additive_folder}")
    images = torch.rand(2, 3, 24, 24)
    assert found.width == 32 and torch.equal(found.embed(images), same.embed(images))


def test_a_tag_that_cannot_be_had_says_exactly_what_to_bring(offline):
    with pytest.raises(MissingWeights, match=r"hf download timm/vit_base_patch32_clip_224\.openai, and copy"):
        load_backbone("ViT-B-32:openai")


def test_a_checkpoint_beside_the_name_of_its_architecture(architecture, additive_folder, tmp_path, monkeypatch):
    shutil.copyfile(additive_folder / WEIGHTS_FILE, tmp_path / "own.safetensors")
    monkeypatch.chdir(tmp_path)
    assert absolute(f"{NAME}:own.safetensors") == f"{NAME}:{tmp_path}/own.safetensors"
    found, same = load_backbone(f"{NAME}:own.safetensors"), load_backbone(f"local-dir:{additive_folder}")
    normalised = torch.rand(2, 3, 24, 24)
    assert torch.equal(found.model.encode_image(normalised), same.model.encode_image(normalised))
    assert found.width == declared(additive_folder).model_cfg.embed_dim and identify(found.spec) is None


@pytest.mark.parametrize("what", ["weights", "projection", "size", "mean", "activation"])
def test_whatever_an_embedding_depends_on_is_in_the_digest(what, additive_folder, tmp_path, monkeypatch):
    """Features are cached under it: two backbones that differ in any of these must not share rows."""
    config = open_clip.get_model_config(f"local-dir:{additive_folder}")
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, NAME, config)
    weights = load_file(additive_folder / WEIGHTS_FILE)
    save_file(weights, tmp_path / "own.safetensors")
    before, again = (load_backbone(f"{NAME}:{tmp_path}/own.safetensors").digest for _ in range(2))
    if what in ("weights", "projection"):
        name = "visual.proj" if what == "projection" else "visual.conv1.weight"
        save_file(weights | {name: weights[name] * 1.5}, tmp_path / "own.safetensors")
    elif what == "size":  # the same patches, farther apart: no weight says so
        config["vision_cfg"] |= {"image_size": 30, "patch_size": 12}
    elif what == "mean":
        create = open_clip.create_model

        def with_another_mean(*given, **named):
            model = create(*given, **named)
            model.visual.image_mean = (0.1, 0.2, 0.3)
            return model

        monkeypatch.setattr(open_clip, "create_model", with_another_mean)
    else:
        config["quick_gelu"] = True
    assert before == again != load_backbone(f"{NAME}:{tmp_path}/own.safetensors").digest


def test_checkpoints_that_are_none(architecture, additive_folder, tmp_path):
    weights = load_file(additive_folder / WEIGHTS_FILE)
    save_file({"positional_embedding": weights["positional_embedding"]}, tmp_path / "part.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((additive_folder / WEIGHTS_FILE).read_bytes()[:-9])
    for name, words in (
        ("part", "holds no weights of a tiny-test"),
        ("cut", "never pickles"),
        ("none", "cannot be read"),
    ):
        with pytest.raises(MissingWeights, match=words):
            load_backbone(f"{NAME}:{tmp_path}/{name}.safetensors")
    with pytest.raises(BadParameter, match="knows no model 'nobody'"):
        load_backbone(f"nobody:{tmp_path}/part.safetensors")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin", ".ckpt"])
def test_pickles_are_refused_by_their_name(suffix):
    with pytest.raises(BadParameter, match="never a pickle"):
        load_backbone(f"ViT-B-32:/a/model{suffix}")


@pytest.mark.parametrize("spec", ["hf-hub:", "hf-hub:alone", "hf-hub:a/b/c", "hf-hub:../x", "ViT-B-32", ":openai"])
def test_specs_of_no_form_name_all_forms(spec):
    with pytest.raises(BadParameter, match="hf-hub:ORG/NAME or local-dir:/a/folder"):
        identify(spec)
