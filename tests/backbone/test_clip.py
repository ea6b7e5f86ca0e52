"""The backbone: additivity, gradients, and every way in which weights can be wrong."""

import json
import shutil

import pytest
import torch

from engine.backbone.clip import load_backbone
from engine.backbone.presets import CONFIG_FILE, DEFAULT, VOCABULARY_FILE, WEIGHTS_FILE, identify
from engine.errors import BadInput, BadParameter, MissingWeights, NotApplicable


def images(backbone, count=3):
    shape = (count, 3, backbone.image_size, backbone.image_size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


def local(folder):
    return f"local-dir:{folder}"


@pytest.fixture(scope="module")
def shipped():
    return load_backbone(DEFAULT)


def test_a_concepts_score_is_exactly_the_mean_of_its_patch_scores(shipped):
    pictures = images(shipped)
    texts = shipped.embed_texts(["red crown", "hooked bill", "long tail"])
    scores = shipped.embed(pictures) @ texts.T
    patch_scores = shipped.patches(pictures) @ texts.T  # [B, P, 3]
    assert shipped.is_additive
    assert torch.allclose(patch_scores.mean(dim=1), scores, atol=1e-5)
    assert patch_scores.std(dim=1).min() > 1e-4


def test_embeddings_and_texts_have_unit_length(shipped):
    assert torch.allclose(shipped.embed(images(shipped)).norm(dim=-1), torch.ones(3), atol=1e-5)
    assert torch.allclose(shipped.embed_texts(["red crown"]).norm(dim=-1), torch.ones(1), atol=1e-5)
    assert shipped.embed_texts([]).shape == (0, shipped.width)


def test_gradients_reach_the_pixels_and_leave_the_weights_alone(shipped):
    pictures = images(shipped).requires_grad_()
    (shipped.embed(pictures).sum() + shipped.patches(pictures).sum()).backward()
    assert pictures.grad.abs().sum() > 0
    assert all(p.grad is None and not p.requires_grad for p in shipped.model.parameters())
    assert not shipped.model.training


def test_loaded_in_inference_mode_it_can_still_be_differentiated(additive_folder):
    with torch.inference_mode():
        backbone = load_backbone(local(additive_folder))
    pictures = images(backbone).requires_grad_()
    backbone.embed(pictures)[:, 0].sum().backward()
    assert pictures.grad.abs().sum() > 0


def test_pixels_are_normalised_with_the_models_own_statistics(additive_folder):
    backbone = load_backbone(local(additive_folder))
    pictures = images(backbone)
    by_hand = backbone.model.encode_image((pictures - 0.5) / 0.5)
    assert torch.allclose(backbone.embed(pictures), torch.nn.functional.normalize(by_hand, dim=-1))


def test_a_word_it_was_never_trained_on_is_reported(shipped):
    assert shipped.unknown_words(["red crown", "zebra striped unicorn"]) == {"zebra", "unicorn"}
    with pytest.raises(BadInput, match="unicorn, zebra"):
        shipped.embed_texts(["zebra striped unicorn"])


def test_a_model_without_a_vocabulary_accepts_open_text(additive_folder):
    backbone = load_backbone(local(additive_folder))
    assert backbone.vocabulary is None
    assert backbone.embed_texts(["zebra"]).shape == (1, 32)


def test_images_of_another_size_are_refused(shipped):
    with pytest.raises(BadInput, match="32x32"):
        shipped.embed(torch.rand(1, 3, 32, 32))


def test_a_class_token_model_has_patches_that_are_not_additive(class_token_folder):
    backbone = load_backbone(local(class_token_folder))
    pictures = images(backbone)
    assert not backbone.is_additive
    assert backbone.patches(pictures).shape == (3, 4, 32)
    assert not torch.allclose(backbone.patches(pictures).mean(dim=1), backbone.embed(pictures), atol=1e-3)


def test_a_convolutional_tower_says_that_it_has_no_patch_tokens(convolutional_folder):
    backbone = load_backbone(local(convolutional_folder))
    assert backbone.embed(images(backbone)).shape == (3, 32)
    with pytest.raises(NotApplicable, match="Choose a ViT"):
        backbone.patches(images(backbone))


def test_identity_needs_no_loading_and_agrees_with_the_loaded_model(additive_folder):
    identity, backbone = identify(local(additive_folder)), load_backbone(local(additive_folder))
    assert (identity.digest, identity.image_size, identity.width) == (backbone.digest, 24, 32)


def test_the_digest_follows_the_weights(additive_folder, tmp_path):
    folder = shutil.copytree(additive_folder, tmp_path / "copy")
    before = identify(local(folder)).digest
    content = bytearray((folder / WEIGHTS_FILE).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS_FILE).write_bytes(content)
    assert identify(local(folder)).digest != before


@pytest.mark.parametrize("spec", ["", "no-such-preset", "ViT-B-16:", ":openai"])
def test_a_spec_of_no_known_form_is_refused(spec):
    with pytest.raises(BadParameter, match="NAME:TAG"):
        load_backbone(spec)


def test_unknown_models_and_tags_are_named():
    with pytest.raises(BadParameter, match="no model 'ViT-Z-99'"):
        load_backbone("ViT-Z-99:openai")
    with pytest.raises(BadParameter, match="laion2b_s34b_b79k"):
        load_backbone("ViT-B-32:no-such-tag")


def test_weights_that_cannot_be_had_offline_say_what_to_do(monkeypatch):
    import open_clip

    def unreachable(*_args, **_kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(open_clip, "create_model", unreachable)
    with pytest.raises(MissingWeights, match="local-dir:"):
        load_backbone("ViT-B-32:laion2b_s34b_b79k")


def test_an_unreachable_hub_is_noticed_at_once_and_the_hubs_settings_are_put_back(monkeypatch):
    from huggingface_hub import constants

    from engine.downloads.hub import quick_to_give_up

    def refused(*_args):
        raise OSError("network is unreachable")

    monkeypatch.setattr("engine.downloads.hub.getproxies", dict)
    monkeypatch.setattr("engine.downloads.hub.socket.create_connection", refused)
    before = constants.HF_HUB_OFFLINE
    with pytest.raises(RuntimeError), quick_to_give_up():
        assert constants.HF_HUB_OFFLINE
        raise RuntimeError
    assert before == constants.HF_HUB_OFFLINE


def test_a_missing_folder_says_what_it_must_hold(tmp_path):
    with pytest.raises(MissingWeights, match=CONFIG_FILE):
        load_backbone(local(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("truncated", lambda content: content[: len(content) // 2]),
        ("pickle", lambda content: b"\x80\x04\x95" + content),
        ("empty", lambda content: b""),
        ("overlong", lambda content: content + b"more"),
    ],
)
def test_damaged_weights_and_pickles_are_refused(additive_folder, tmp_path, name, damage):
    folder = shutil.copytree(additive_folder, tmp_path / name)
    content = (folder / WEIGHTS_FILE).read_bytes()
    (folder / WEIGHTS_FILE).write_bytes(damage(content))
    with pytest.raises(MissingWeights, match=WEIGHTS_FILE):
        load_backbone(local(folder))


def test_weights_of_another_architecture_are_refused(additive_folder, tmp_path):
    folder = shutil.copytree(additive_folder, tmp_path / "other")
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["model_cfg"]["vision_cfg"]["layers"] = 3
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(MissingWeights, match="do not fit"):
        load_backbone(local(folder))


def test_a_config_that_is_no_config_is_refused(additive_folder, tmp_path):
    folder = shutil.copytree(additive_folder, tmp_path / "config")
    (folder / CONFIG_FILE).write_text("[]")
    with pytest.raises(MissingWeights, match="not an open_clip config"):
        load_backbone(local(folder))


def test_the_shipped_model_is_small_and_lists_its_words(shipped):
    from engine.backbone.presets import SHIPPED

    assert (SHIPPED[DEFAULT] / WEIGHTS_FILE).stat().st_size <= 25_000_000
    assert (SHIPPED[DEFAULT] / VOCABULARY_FILE).exists()
    assert "hooked" in shipped.vocabulary
