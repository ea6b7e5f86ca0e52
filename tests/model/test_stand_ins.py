"""What stands in for images of old classes."""

import torch

from engine.model.covariances.full import FullCovariances
from engine.model.stand_ins import gaussian_stand_ins, moved_stand_ins


def test_gaussian_samples_have_the_spread_they_were_drawn_with():
    means = torch.tensor([[3.0, 0.0], [0.0, 5.0]])
    covariances = torch.tensor([[[0.0, 0.0], [0.0, 0.09]], [[0.0, 0.0], [0.0, 0.0]]])
    made = gaussian_stand_ins(means, FullCovariances(covariances), 4000, torch.Generator().manual_seed(1))
    assert made.labels.tolist() == [0] * 4000 + [1] * 4000
    torch.testing.assert_close(made.features.norm(dim=1), torch.ones(8000))
    angle = made.features[:4000, 1] / made.features[:4000, 0]  # N(0, 0.09) / 3: a spread of 0.1
    assert abs(angle.std().item() - 0.1) < 0.004 and abs(angle.mean().item()) < 0.006
    assert (made.features[4000:, 1] > 0.9999).all()  # a class of one image: the ridge alone


def test_images_move_to_the_old_mean_from_the_nearest_new_class():
    old = torch.tensor([[0.0, 4.0]])
    features, labels = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), torch.tensor([1, 2, 2])
    new = torch.tensor([[1.0, 0.0], [0.3, 0.9]])
    made = moved_stand_ins(features, labels, old, new)
    assert made.labels.tolist() == [0, 0]
    expected = torch.nn.functional.normalize(features[1:] - new[1] + old[0], dim=1)
    torch.testing.assert_close(made.features, expected)
