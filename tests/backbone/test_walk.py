"""The walk sees what the model does, whatever its tower is made of, and says when it cannot."""

import pytest
import torch

from engine.backbone.clip import load_backbone
from engine.backbone.walk import depth, entering, floats_per_image, onwards, pools_by_mean, walk, walk_why_not
from engine.errors import BadInput, NotApplicable

TOWERS = {
    "mean pooling": {"layers": 3},
    "class token": {"layers": 2, "pool_type": "tok"},
    "layer scale": {"ls_init_value": 0.5},
    "no norm before": {"no_ln_pre": True},
    "norm after pooling": {"layers": 2, "final_ln_after_pool": True},
}


def shaken(folder):
    """A backbone whose biases, norms and scales are not those of a fresh model, so that leaving one out shows."""
    backbone = load_backbone(f"local-dir:{folder}")
    noise = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in backbone.visual.parameters():
            weight.add_(0.2 * torch.randn(weight.shape, generator=noise))
    return backbone


def images(backbone, count=3):
    shape = (count, 3, backbone.image_size, backbone.image_size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", params=TOWERS)
def tower(request, tmp_path_factory, write_model):
    return shaken(write_model(tmp_path_factory.mktemp("tower"), TOWERS[request.param]))


def agrees(backbone):
    pictures = images(backbone)
    seen, (embedding, patches) = walk(backbone, pictures), backbone.look(pictures)
    assert torch.allclose(seen.embedding, embedding, atol=1e-5)
    assert torch.allclose(seen.patches, patches, atol=1e-4)
    assert torch.allclose(seen.embedding, backbone.embed(pictures), atol=1e-5)
    return seen


def test_a_walk_ends_where_the_model_does(tower):
    seen = agrees(tower)
    assert len(seen.hidden) == len(seen.attentions) == depth(tower)
    assert torch.allclose(seen.hidden[-1], entering(tower, images(tower), depth(tower)), atol=1e-4)
    assert all(hidden.shape == (3, 5, 32) for hidden in seen.hidden)  # 2 x 2 patches and a class token


def test_every_token_shares_out_its_whole_attention(tower):
    for attention in walk(tower, images(tower)).attentions:
        assert attention.shape[0] == 3 and attention.shape[2:] == (5, 5)
        assert attention.min() >= 0 and torch.allclose(attention.sum(-1), torch.ones(1), atol=1e-5)


def test_attention_is_what_torch_itself_says_when_asked_for_weights(tower):
    block, tokens = tower.visual.transformer.resblocks[0], entering(tower, images(tower), 0)
    normed = block.ln_1(tokens)
    _, wanted = block.attn(normed, normed, normed, need_weights=True, average_attn_weights=False)
    assert torch.allclose(walk(tower, images(tower)).attentions[0], wanted, atol=1e-6)


def test_gradients_by_the_walk_are_the_models_own(tower):
    direction = torch.linspace(-1, 1, tower.width)
    slopes = []
    for embed in (tower.embed, lambda pictures: walk(tower, pictures).embedding):
        pictures = images(tower).requires_grad_()
        slopes += torch.autograd.grad((embed(pictures) @ direction).sum(), pictures)
    assert torch.allclose(slopes[0], slopes[1], atol=1e-5) and slopes[0].abs().max() > 1e-4


def test_the_score_can_be_differentiated_with_respect_to_attention(tower):
    seen = walk(tower, images(tower).requires_grad_())
    slopes = torch.autograd.grad(seen.embedding[:, 0].sum(), seen.attentions)
    assert [slope.shape for slope in slopes] == [attention.shape for attention in seen.attentions]
    assert all(slope.abs().sum() > 0 for slope in slopes)
    last = slopes[-1][:, :, 1:]  # with a class token nobody asks the last block's patches what they look at
    assert (last.abs().sum() > 0) == pools_by_mean(tower)


def test_going_on_from_any_block_arrives_at_the_same_place(tower):
    wanted = tower.look(images(tower))
    for block in range(depth(tower) + 1):
        found = onwards(tower, entering(tower, images(tower), block), block)
        assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(found, wanted, strict=True))


def test_quick_gelu_and_tokens_first(tmp_path, write_model):
    from open_clip.transformer import QuickGELU

    backbone = shaken(write_model(tmp_path, {"layers": 2}))
    before = backbone.embed(images(backbone))
    for block in backbone.visual.transformer.resblocks:
        block.mlp.gelu = QuickGELU()
        block.attn.batch_first = False
    backbone.visual.transformer.batch_first = False
    agrees(backbone)
    after = backbone.embed(images(backbone))
    assert not torch.allclose(after, before, atol=1e-5)
    assert torch.allclose(onwards(backbone, entering(backbone, images(backbone), 1), 1)[0], after, atol=1e-5)


def test_the_shipped_model_can_be_walked():
    backbone = load_backbone("aviary-clip")
    assert walk_why_not(backbone) is None
    seen = agrees(backbone)
    assert len(seen.hidden) == 4 and seen.attentions[0].shape == (3, 4, 65, 65)


def kept(backbone, count):
    """Numbers that autograd holds on to during a walk of so many images, weights among them."""
    stores = {}

    def keep(tensor):
        stores[tensor.untyped_storage().data_ptr()] = tensor, tensor.untyped_storage().nbytes() // 4
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        walk(backbone, images(backbone, count).requires_grad_())
    return sum(size for _, size in stores.values())


def test_what_a_walk_keeps_is_about_what_is_foretold(tower):
    one = (kept(tower, 5) - kept(tower, 1)) / 4
    assert one / 2 < floats_per_image(tower) < 2 * one


@pytest.mark.parametrize(
    ("vision", "reason"),
    [
        ({"qk_norm": True}, "CustomResidualAttentionBlock"),
        ({"attentional_pool": True, "attn_pooler_queries": 4, "attn_pooler_heads": 2}, "pools by attention"),
        ({"layers": [1, 1, 1, 1], "width": 8, "image_size": 32}, "ModifiedResNet"),
        ({"patch_size": [6, 12]}, "no square .4 by 2."),
    ],
)
def test_towers_of_another_kind_are_named(tmp_path, write_model, vision, reason):
    backbone = load_backbone(f"local-dir:{write_model(tmp_path, vision)}")
    with pytest.raises(NotApplicable, match=reason):
        walk(backbone, images(backbone))


def test_attention_that_adds_something_of_its_own_is_named(tmp_path, write_model):
    backbone = load_backbone(f"local-dir:{write_model(tmp_path)}")
    backbone.visual.transformer.resblocks[0].attn.add_zero_attn = True
    assert "MultiheadAttention" in walk_why_not(backbone)


def test_images_of_another_size_are_refused(tower):
    with pytest.raises(BadInput, match="32x32"):
        walk(tower, torch.rand(1, 3, 32, 32))
