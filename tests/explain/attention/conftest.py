"""Backbones to look through: small random ones, and the shipped one."""

import pytest
import torch

from engine.backbone.clip import load_backbone
from engine.explain.attention.base import Aim


@pytest.fixture(scope="session")
def additive(write_model, tmp_path_factory):
    return load_backbone(f"local-dir:{write_model(tmp_path_factory.mktemp('additive'), {'layers': 2})}")


@pytest.fixture(scope="session")
def class_token(write_model, tmp_path_factory):
    vision = {"layers": 2, "pool_type": "tok"}
    return load_backbone(f"local-dir:{write_model(tmp_path_factory.mktemp('token'), vision)}")


@pytest.fixture(scope="session")
def convolutional(convolutional_folder):
    return load_backbone(f"local-dir:{convolutional_folder}")


@pytest.fixture(scope="session")
def averaged(joined_folder):
    """A convolutional net whose last grid has a place in the joint space."""
    return load_backbone(f"local-dir:{joined_folder}")


@pytest.fixture(scope="session")
def shipped():
    return load_backbone("aviary-clip")


@pytest.fixture(params=["additive", "class_token"])
def backbone(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def pictures(backbone):
    return random_pictures(backbone)


@pytest.fixture
def aim(backbone):
    return random_aim(backbone)


def random_pictures(backbone, count=3):
    shape = (count, 3, backbone.image_size, backbone.image_size)
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


def random_aim(backbone, seed=0):
    noise = torch.Generator().manual_seed(seed)
    text, denial = torch.nn.functional.normalize(torch.randn(2, backbone.width, generator=noise), dim=1)
    return Aim("red crown", text, denial, 3 * torch.randn(backbone.width, generator=noise))
