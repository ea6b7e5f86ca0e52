"""The header of a safetensors file, against the library's own reading."""

import pytest
import torch
from safetensors.torch import save_file

from engine.backbone.weights import elements, shapes
from engine.errors import MissingWeights


def test_names_and_shapes_are_the_librarys(tmp_path):
    tensors = {
        "a": torch.zeros(2, 3),
        "scalar": torch.tensor(1.0),
        "none": torch.zeros(0, 4),
        "half": torch.zeros(5, dtype=torch.bfloat16),
        "whole": torch.zeros(2, dtype=torch.int64),
    }
    save_file(tensors, tmp_path / "w", metadata={"format": "pt"})
    found = shapes(tmp_path / "w")
    assert found == {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    assert elements(found) == 6 + 1 + 0 + 5 + 2


def test_a_byte_too_few_is_seen(tmp_path):
    save_file({"a": torch.zeros(2)}, tmp_path / "w")
    (tmp_path / "w").write_bytes((tmp_path / "w").read_bytes()[:-1])
    with pytest.raises(MissingWeights, match="8 bytes and 7 are there"):
        shapes(tmp_path / "w")
