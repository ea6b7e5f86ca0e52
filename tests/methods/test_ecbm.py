"""ECBM: what it learns is in its energies, and they answer as trained."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.explain.conditionals import conditionals
from engine.methods.ecbm import EMBEDDINGS, flipped
from engine.model.side_channels.energies import Energies


def test_a_share_of_concepts_in_a_share_of_images_is_flipped():
    found = flipped(torch.zeros(400, 50), 0.2, torch.Generator().manual_seed(0))
    touched = found.any(1)
    assert 0.15 < touched.float().mean() < 0.25 and 0.17 < found[touched].mean() < 0.23
    given = torch.tensor([[0.3, 1.0]])
    assert torch.equal(flipped(given, 0.0, torch.Generator()), given)
    torch.testing.assert_close(flipped(given, 1.0, torch.Generator()), 1 - given)


@pytest.fixture(scope="module")
def learnt():
    from tests.methods.conftest import Small, quick, run

    return Small(), run(quick("ecbm", epochs=40, batch_size=32), Small(), tasks=2)


def test_head_and_side_channel_add_up_to_the_energies(learnt):
    world, (_, model) = learnt
    features, _ = world.test(1)
    assert isinstance(model.side, Energies)
    output = model.from_features(features)
    energies = model.side.answers(features, model.side.settled(features, output.scores).sigmoid())
    torch.testing.assert_close(output.logits, energies, atol=1e-4, rtol=1e-4)


def test_it_tells_classes_apart_old_and_new(learnt):
    world, (_, model) = learnt
    features, positions = world.test(1)
    right = (model.from_features(features).logits.argmax(1) == positions).float()
    assert right[positions < world.per_task].mean() > 0.8 and right[positions >= world.per_task].mean() > 0.8


def test_the_head_is_the_least_squares_reading_of_the_concepts_energies(learnt):
    world, (_, model) = learnt
    features, _ = world.test(1)
    scores = features @ model.bottleneck.T
    told = -model.side.weights[1] * model.side.through(model.side.settled(features, scores).sigmoid())
    told = told - told.mean(1, keepdim=True)
    left = told - scores @ model.head.T - model.bias
    assert left.square().mean() < 0.5 * (told - told.mean(0)).square().mean()


def test_its_energies_are_the_papers_but_for_what_classes_share(learnt):
    """w . relu(u + u * e_y), with e_y of unit length, minus its mean over classes."""
    world, (_, model) = learnt
    features, _ = world.test(1)
    unit = torch.nn.functional.normalize(model.memory[EMBEDDINGS], dim=1)
    u = features @ model.side.direct_in.T + model.side.direct_offset  # [N, H]
    published = (u[:, None] * (1 + unit)).relu() @ model.memory["direct_weights"]  # [N, C]
    torch.testing.assert_close(
        model.side.direct(features), published - published.mean(1, keepdim=True), atol=1e-4, rtol=1e-4
    )


def test_concepts_of_a_class_are_likelier_given_the_class(learnt):
    world, (_, model) = learnt
    found = conditionals(model, world.test(1)[0]).of_concepts_by_class
    own = torch.tensor([[c.class_id == k for c in model.bank.concepts] for k in model.class_ids]).numpy()
    assert found[own].mean() > found[~own].mean() + 0.2


def test_a_model_that_another_method_left_is_refused(tools):
    world = tools.Small()
    before = dataclasses.replace(tools.run(tools.quick("ecbm", epochs=1), world, tasks=1)[0], memory={})
    with pytest.raises(NotApplicable, match="not left by this method"):
        tools.finish(tools.quick("ecbm", epochs=1).learn(world.data(1, before)))
