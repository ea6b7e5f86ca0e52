"""What every attention map must keep, whatever it computes."""

import dataclasses
import re

import pytest
import torch

from engine.errors import BadInput, BadParameter, NotApplicable
from engine.explain.attention import looking
from engine.explain.attention.base import ATTENTION, Aim
from engine.explain.attention.choosing import impossible, titles
from engine.params import parameters_of
from tests.explain.attention.conftest import random_aim, random_pictures

NAMES = ATTENTION.names()
HOUSE = {"text_guided", "complementary", "row_guided", "grad_cam", "rollout", "relevance", "integrated_gradients"}
"""Maps of which more is known than that they keep the contract."""
pytestmark = pytest.mark.parametrize("name", NAMES)


def state(backbone):
    """All that a map could leave behind on a model or in torch."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    modules = list(backbone.model.modules())
    return (
        [parameter.requires_grad for parameter in backbone.model.parameters()],
        [parameter.grad for parameter in backbone.model.parameters()],
        [module.training for module in modules],
        [len(getattr(module, kind)) for module in modules for kind in hooks],
        [sorted(vars(module)) for module in modules],
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_rng_state().tolist(),
    )


def weights(backbone):
    return [parameter.detach().clone() for parameter in backbone.model.parameters()]


def test_a_map_is_a_detached_square_of_finite_numbers(backbone, pictures, aim, name):
    found = ATTENTION.get(name)().heat(backbone, pictures, aim)
    assert found.shape == (3, 2, 2) and found.dtype == torch.float32 and torch.isfinite(found).all()
    assert not found.requires_grad and found.grad_fn is None
    assert ATTENTION.get(name).signed or found.min() >= 0


def test_it_leaves_nothing_behind(backbone, pictures, aim, name):
    chosen, before, numbers = ATTENTION.get(name)(), state(backbone), weights(backbone)
    copy = pictures.clone()
    first = chosen.heat(backbone, pictures, aim)
    chosen.parts(backbone, pictures, aim)
    assert state(backbone) == before and all(map(torch.equal, weights(backbone), numbers))
    assert torch.equal(pictures, copy) and not pictures.requires_grad and pictures.grad is None
    assert torch.equal(chosen.heat(backbone, pictures, aim), first)


@pytest.mark.parametrize("spoilt", ["size", "nan", "single", "none", "midway", "empty weights"])
def test_it_leaves_nothing_behind_after_an_exception_either(backbone, pictures, aim, name, spoilt, monkeypatch):
    chosen, before = ATTENTION.get(name)(), state(backbone)
    wanted = chosen.heat(backbone, pictures, aim)
    given, error, message = pictures, BadInput, ""
    with monkeypatch.context() as patched:
        if spoilt == "size":
            given, message = pictures[..., 1:, 1:], "23x23"
        elif spoilt == "nan":
            given, message = pictures.clone(), "not finite"
            given[1, 0, 0, 0] = float("nan")
        elif spoilt == "single":
            given, message = pictures[0], "a batch"
        elif spoilt == "none":
            given, message = pictures[:0], "at least one"
        elif spoilt == "midway":
            error, message = RuntimeError, "midway"

            def fail(self, hidden):
                raise RuntimeError("midway")

            patched.setattr(type(backbone.visual), "_pool", fail)
        else:
            error, message = NotApplicable, "not finite"
            backbone = dataclasses.replace(backbone, std=torch.zeros(3, 1, 1), mean=torch.full((3, 1, 1), 0.5))
            given = torch.full_like(pictures, 0.5)  # 0 / 0
        with pytest.raises(error, match=message):
            chosen.heat(backbone, given, aim)
    assert state(backbone)[:7] == before[:7]
    if spoilt != "empty weights":
        assert torch.equal(chosen.heat(backbone, pictures, aim), wanted)


def test_a_caller_in_inference_mode_gets_the_same(backbone, pictures, aim, name):
    chosen = ATTENTION.get(name)()
    wanted = chosen.heat(backbone, pictures, aim)
    with torch.inference_mode():
        own = Aim(aim.words, aim.text.clone(), aim.denial.clone(), aim.row.clone())
        assert own.text.is_inference()
        found = chosen.heat(backbone, pictures.clone(), own)
        assert torch.is_inference_mode_enabled()
    assert torch.allclose(found, wanted, atol=1e-6)
    assert torch.allclose(chosen.heat(backbone, pictures, own), wanted, atol=1e-6)


def test_images_do_not_disturb_each_other_however_they_are_cut(backbone, pictures, aim, name, monkeypatch):
    chosen = ATTENTION.get(name)()
    whole = chosen.heat(backbone, pictures, aim)
    assert torch.allclose(chosen.heat(backbone, pictures[1:2], aim), whole[1:2], atol=1e-5)
    monkeypatch.setattr(looking, "_AT_ONCE", 1)
    assert torch.allclose(chosen.heat(backbone, pictures, aim), whole, atol=1e-5)


def test_another_aim_gives_another_map_exactly_where_it_says_so(backbone, pictures, aim, name):
    chosen = ATTENTION.get(name)()
    other = chosen.heat(backbone, pictures, random_aim(backbone, 7))
    assert torch.equal(chosen.heat(backbone, pictures, aim), other) != chosen.follows_aim


def test_the_mean_is_the_score_where_it_says_so(backbone, pictures, aim, name):
    chosen = ATTENTION.get(name)()
    directions = {"text_guided": aim.text, "row_guided": aim.direction}
    if name in HOUSE:
        assert chosen.is_additive(backbone) == (backbone.is_additive and name in directions)
    if chosen.is_additive(backbone) and name in directions:
        scores = backbone.embed(pictures) @ directions[name]
        assert torch.allclose(chosen.heat(backbone, pictures, aim).mean((1, 2)), scores, atol=1e-5)


def test_parts_have_the_maps_shape(backbone, pictures, aim, name):
    parts = ATTENTION.get(name)().parts(backbone, pictures, aim)
    assert all(title and part.shape == (3, 2, 2) for title, part in parts.items())


def test_where_it_cannot_be_made_it_says_why_and_refuses(convolutional, name):
    chosen, aim = ATTENTION.get(name)(), random_aim(convolutional)
    reason = chosen.why_not(convolutional, aim)
    assert (reason is None) == (name not in impossible(convolutional, aim))
    assert name not in HOUSE or (reason is None) == (name == "integrated_gradients")
    if reason:
        with pytest.raises(NotApplicable, match=re.escape(reason)):
            chosen.heat(convolutional, random_pictures(convolutional), aim)
    else:
        assert chosen.heat(convolutional, random_pictures(convolutional), aim).shape == (3, 8, 8)


@pytest.mark.parametrize("missing", ["text", "denial", "row", "text and row"])
def test_what_an_aim_lacks_is_said_by_exactly_the_maps_that_need_it(additive, name, missing):
    without = dataclasses.replace(random_aim(additive), **dict.fromkeys(missing.split(" and ")))
    needs = {
        "text_guided": {"text", "text and row"},
        "complementary": {"text", "denial", "text and row"},
        "row_guided": {"row", "text and row"},
        "rollout": set(),
    }
    reason = ATTENTION.get(name)().why_not(additive, without)
    assert name not in HOUSE or (reason is not None) == (missing in needs.get(name, {"text and row"}))
    assert impossible(additive, without).get(name) == reason
    if reason:
        assert "red crown" in reason
        with pytest.raises(NotApplicable, match="red crown"):
            ATTENTION.get(name)().heat(additive, random_pictures(additive), without)


def test_it_has_a_title_and_cites_a_source(name):
    assert 0 < len(titles()[name]) < 60 and titles()[name] == ATTENTION.title(name)
    assert re.search(r"\b20\d\d", ATTENTION.get(name).__doc__) and dataclasses.is_dataclass(ATTENTION.get(name))


def test_values_just_outside_their_limits_are_refused(name):
    cls = ATTENTION.get(name)
    for declared in parameters_of(cls):
        for bad in (declared.low - 1, declared.high + 1, float("nan"), "1", True):
            with pytest.raises(BadParameter, match=declared.name):
                cls(**{declared.name: bad})


def test_it_follows_what_is_learnt_where_it_says_so(backbone, pictures, aim, name):
    chosen = ATTENTION.get(name)()
    assert aim.row is not None and aim.text is not None
    learnt = dataclasses.replace(aim, row=torch.flip(aim.row, (0,)) - 2 * aim.row)
    same = torch.equal(chosen.heat(backbone, pictures, aim), chosen.heat(backbone, pictures, learnt))
    assert same is not chosen.follows_learning
