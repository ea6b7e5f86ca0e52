"""Small open_clip models with random weights, in open_clip's local-dir format."""

import json

import pytest
import torch
from safetensors.torch import save_file

from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.backbone.pretrain import PretrainConfig, architecture

TINY = PretrainConfig(images=500, batch=8, image_size=24, patch=12, width=32, layers=1, steps=6)


def write_model(folder, vision=None):
    """Write a random model whose visual tower differs from the shipped one by `vision`."""
    import open_clip

    folder.mkdir(parents=True, exist_ok=True)
    config = architecture(TINY)
    config["model_cfg"]["vision_cfg"].update(vision or {})
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_FILE)
    return folder


@pytest.fixture(scope="session")
def additive_folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("additive"))


@pytest.fixture(scope="session")
def class_token_folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("class-token"), {"pool_type": "tok"})


@pytest.fixture(scope="session")
def convolutional_folder(tmp_path_factory):
    vision = {"layers": [1, 1, 1, 1], "width": 8, "image_size": 32}
    return write_model(tmp_path_factory.mktemp("resnet"), vision)
