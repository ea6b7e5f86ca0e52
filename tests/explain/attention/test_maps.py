"""Each map against numbers worked out by hand, and all of them on birds whose parts are known."""

import dataclasses

import numpy as np
import pytest
import torch

from engine.backbone.clip import Backbone
from engine.data.aviary.attributes import ATTRIBUTES, PARTS
from engine.data.aviary.world import Aviary
from engine.errors import NotApplicable
from engine.explain.attention.base import ATTENTION, Aim
from engine.explain.attention.choosing import impossible, titles
from engine.explain.attention.complementary import AFFIRMED, DENIED
from engine.explain.attention.relevance import relevance
from engine.explain.attention.rollout import rolled
from engine.metrics.pointing import LARGE, pointing_hits
from tests.explain.attention.conftest import random_aim, random_pictures

SIDE = 24


class Linear(Backbone):
    """A backbone whose embedding is no more than sums of pixels, without any length."""

    def embed(self, images):
        return images.flatten(1) @ torch.linspace(-1, 1, 3 * SIDE * SIDE)[:, None]


class Written(Backbone):
    """A backbone whose four patch tokens are given."""

    def patches(self, images):
        return torch.tensor([[[0.0, 4.0], [1.0, 4.0], [2.0, 0.0], [4.0, 2.0]]]).expand(len(images), -1, -1)


def like(backbone, kind):
    fields = {field.name: getattr(backbone, field.name) for field in dataclasses.fields(Backbone)}
    return kind(**fields)


def test_the_issues_maps_are_there():
    wanted = {"text_guided", "complementary", "row_guided", "grad_cam", "rollout", "relevance", "integrated_gradients"}
    assert set(ATTENTION) == set(titles()) >= wanted
    assert next(iter(titles())) == "row_guided" and list(titles())[-1] == "rollout"


def test_text_guided_and_row_guided_are_patches_times_directions(additive):
    written, aim = like(additive, Written), Aim("red crown", torch.tensor([1.0, 0.0]), None, torch.tensor([0.0, 7.0]))
    text = ATTENTION.get("text_guided")().heat(written, torch.rand(2, 3, SIDE, SIDE), aim)
    row = ATTENTION.get("row_guided")().heat(written, torch.rand(2, 3, SIDE, SIDE), aim)
    assert text.tolist() == [[[0, 1], [2, 4]]] * 2  # row by row from the top left
    assert row.tolist() == [[[4, 4], [0, 2]]] * 2  # the row's own length does not matter


def test_complementary_is_the_words_times_one_minus_their_denial(additive):
    written, pictures = like(additive, Written), torch.rand(1, 3, SIDE, SIDE)
    aim = Aim("red crown", torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
    found = ATTENTION.get("complementary")()
    parts = found.parts(written, pictures, aim)
    assert parts[AFFIRMED][0].tolist() == [[0, 0.25], [0.5, 1]]  # 0 1 2 4 over 4
    assert parts[DENIED][0].tolist() == [[1, 1], [0, 0.5]]  # 4 4 0 2 over 4
    assert found.heat(written, pictures, aim)[0].tolist() == [[0, 0], [0.5, 0.5]]
    same = dataclasses.replace(aim, denial=torch.zeros(2))  # a flat map of the denial takes nothing away
    assert torch.equal(found.heat(written, pictures, same), parts[AFFIRMED])


def test_rollout_by_hand():
    first = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]]])  # two heads
    second = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]]])
    # means [.5 .5; 1 0] and [0 1; 0 1], with what passes by [.75 .25; .5 .5] and [.5 .5; 0 1]
    assert rolled((first, second))[0].tolist() == [[0.625, 0.375], [0.5, 0.5]]


def test_relevance_by_hand():
    attention = torch.tensor([[[[0.5, 0.5], [1.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]]]])
    slopes = torch.tensor([[[[2.0, -4.0], [1.0, 9.0]], [[2.0, 4.0], [5.0, -1.0]]]])
    # heads: [1 -2; 1 0] and [1 2; 0 -1]; where positive [1 0; 1 0] and [1 2; 0 0]; mean [1 1; .5 0]
    assert relevance((attention,), (slopes,))[0].tolist() == [[2, 1], [0.5, 1]]
    # R = I + A, then R + A R with A R = [1 1; .5 0] [2 1; .5 1] = [2.5 2; 1 .5]
    assert relevance((attention, attention), (slopes, slopes))[0].tolist() == [[4.5, 3], [1.5, 1.5]]


def test_what_arrives_is_the_class_tokens_row_or_the_mean_of_the_patches_rows(additive, class_token):
    from engine.explain.attention.looking import arriving

    flow = torch.arange(25.0).reshape(1, 5, 5)
    assert arriving(class_token, flow).tolist() == [[[1, 2], [3, 4]]]
    assert arriving(additive, flow).tolist() == [[[13.5, 14.5], [15.5, 16.5]]]  # rows 1 to 4: 12.5 more


def test_grad_cam_weighs_channels_by_their_mean_gradient(backbone, pictures, aim):
    from engine.backbone.walk import pools_by_mean, walk

    seen = walk(backbone, pictures.requires_grad_())
    tokens = seen.hidden[-1 if pools_by_mean(backbone) else -2]
    (slopes,) = torch.autograd.grad((seen.embedding @ aim.direction).sum(), tokens)
    summed = torch.einsum("bpw,bw->bp", tokens[:, 1:], slopes[:, 1:].mean(1)).clamp(min=0)
    found = ATTENTION.get("grad_cam")().heat(backbone, pictures.detach(), aim)
    assert torch.allclose(found.flatten(1), summed, atol=1e-5) and found.max() > 0


def test_grad_cam_says_how_far_back_it_can_look(backbone, pictures, aim):
    furthest = 2 if backbone.is_additive else 1
    assert ATTENTION.get("grad_cam")(earlier=furthest).heat(backbone, pictures, aim).shape == (3, 2, 2)
    with pytest.raises(NotApplicable, match="2 blocks"):
        ATTENTION.get("grad_cam")(earlier=furthest + 1).heat(backbone, pictures, aim)


def test_integrated_gradients_of_sums_are_the_summands_whatever_the_steps(additive):
    linear, aim = like(additive, Linear), Aim("red crown", torch.ones(1))
    pictures = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    added = (pictures - 0.5) * torch.linspace(-1, 1, 3 * SIDE * SIDE).reshape(3, SIDE, SIDE)
    wanted = torch.stack([added[:, :, r : r + 12, c : c + 12].sum((1, 2, 3)) for r in (0, 12) for c in (0, 12)], 1)
    for steps in (1, 3):
        found = ATTENTION.get("integrated_gradients")(steps=steps).heat(linear, pictures, aim)
        assert torch.allclose(found.flatten(1), wanted, atol=1e-3)


def test_integrated_gradients_are_complete(shipped):
    pictures, aim = random_pictures(shipped, 2), random_aim(shipped)
    grey = shipped.mean.expand(1, 3, 96, 96)
    wanted = (shipped.embed(pictures) - shipped.embed(grey)) @ aim.direction
    error = [
        (ATTENTION.get("integrated_gradients")(steps=steps).heat(shipped, pictures, aim).sum((1, 2)) - wanted).abs()
        for steps in (4, 32)
    ]
    assert error[1].max() < 0.02 * wanted.abs().max()
    assert error[1].mean() < error[0].mean()


def test_patches_that_form_no_square_are_refused(write_model, tmp_path):
    from engine.backbone.clip import load_backbone

    backbone = load_backbone(f"local-dir:{write_model(tmp_path, {'patch_size': [6, 24], 'pool_type': 'tok'})}")
    assert backbone.patches(random_pictures(backbone)).shape[1] == 4  # a square number, but 4 by 1
    reasons = impossible(backbone, random_aim(backbone))
    assert set(reasons) == set(ATTENTION) and all("no square (4 by 1)" in reason for reason in reasons.values())


@pytest.mark.parametrize(("name", "least"), [("text_guided", 0.8), ("grad_cam", 0.6), ("relevance", 0.6)])
def test_on_birds_maps_point_at_the_part_they_are_asked_for(shipped, birds, name, least):
    """By chance a map points at a part as often as the part is large: about one time in eight."""
    split, pixels, masks = birds
    hits = []
    for number in (2, 6):  # wing colours and tail shapes
        attribute = ATTRIBUTES[number]
        mask = masks == PARTS.index(attribute.part)
        for code in np.unique(split.codes[:, number]):
            rows = np.flatnonzero((split.codes[:, number] == code) & (mask.mean((1, 2)) > LARGE))
            words = f"{attribute.values[code]} {attribute.noun}"
            if len(rows):
                found = ATTENTION.get(name)().heat(shipped, pixels[rows], Aim(words, shipped.embed_texts([words])[0]))
                hits += pointing_hits(found, mask[rows]).tolist()
    assert len(hits) > 30 and np.mean(hits) > least


@pytest.fixture(scope="module")
def birds():
    split = Aviary(species=12, test_per_class=2).splits["test"]
    rows = np.arange(len(split.labels))
    pixels = torch.from_numpy(split.images(rows, 96)).permute(0, 3, 1, 2) / 255.0
    return split, pixels, split.parts(rows, 96)


def test_a_convolutional_net_that_is_averaged_has_every_map_but_those_of_attention_blocks(averaged):
    aim, pictures = random_aim(averaged), random_pictures(averaged)
    reasons = impossible(averaged, aim)
    assert set(reasons) == {"grad_cam", "relevance", "rollout"}
    assert all("no blocks of attention" in reason for reason in reasons.values())
    for name in set(ATTENTION.names()) - set(reasons):
        chosen = ATTENTION.get(name)()
        heat = chosen.heat(averaged, pictures, aim)
        assert heat.shape == (3, 2, 2)
        assert chosen.is_additive(averaged) == (name in ("row_guided", "text_guided"))
    row = torch.nn.functional.normalize(aim.row, dim=0)
    mean = ATTENTION.get("row_guided")().heat(averaged, pictures, aim).mean((1, 2))
    assert torch.allclose(mean, averaged.embed(pictures) @ row, atol=1e-6)
