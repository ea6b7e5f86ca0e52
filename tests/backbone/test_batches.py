"""Fixed batches: a row is bit for bit the same alone, in any company, at any place, and by any number of threads."""

import pytest
import torch

from engine.backbone.batches import ON_DEVICE, batch_size, in_batches, weights_of
from engine.backbone.clip import load_backbone
from engine.backbone.presets import DEFAULT
from engine.bench.embedding import equal_share, images
from engine.device import fixed_threads

CPU = torch.device("cpu")
TEXTS = [f"a bird with a {colour} {part}" for colour in ("red", "blue", "black") for part in ("crown", "tail", "wing")]


@pytest.fixture(scope="module")
def clip():
    return load_backbone(DEFAULT)


@pytest.mark.parametrize("threads", [1, 2])
def test_every_batch_has_the_same_shape_and_rows_keep_their_order(threads):
    inputs = torch.arange(20, dtype=torch.uint8).view(10, 2)
    shapes = []

    def embed(part):
        shapes.append(tuple(part.shape))
        assert part.is_contiguous() and torch.get_num_threads() == 1
        return part.float() * 2

    with fixed_threads(threads):
        rows = in_batches(embed, inputs, 4)
        assert torch.get_num_threads() == threads
    assert shapes == [(4, 2)] * 3
    assert rows.equal(inputs.float() * 2)


def test_strange_memory_layouts_are_made_ordinary():
    pixels = torch.arange(24.0).view(1, 2, 4, 3).permute(0, 3, 1, 2)  # channels last
    assert in_batches(lambda part: torch.full((1,), float(part.is_contiguous())), pixels, 1).item() == 1.0


def test_how_many_at_a_time():
    assert batch_size(800_000, 64, CPU) == 16  # the shipped tower
    assert batch_size(86_000_000, 197, CPU) == 1  # ViT-B/16
    assert batch_size(87_000_000, 50, CPU) == 5  # ViT-B/32
    assert batch_size(38_000_000, None, CPU) == 1  # a convolutional tower
    assert batch_size(86_000_000, 197, torch.device("cuda")) == ON_DEVICE


def test_weights_are_counted_without_tables_of_words():
    model = torch.nn.Sequential(torch.nn.Embedding(1000, 4), torch.nn.Linear(4, 3))
    assert weights_of(model) == 4 * 3 + 3


def test_pictures_are_the_same_in_any_company(clip):
    assert equal_share(clip, images(clip, 1)) == 1.0


def test_texts_are_the_same_in_any_company(clip):
    alone = torch.cat([clip.embed_texts([text]) for text in TEXTS])
    for threads in (1, 2):
        with fixed_threads(threads):
            for shift in range(len(TEXTS)):
                assert clip.embed_texts(TEXTS[shift:] + TEXTS[:shift]).equal(alone.roll(-shift, 0)), (threads, shift)
            assert clip.embed_texts(TEXTS[2:5]).equal(alone[2:5])


def test_a_class_token_and_a_convolutional_tower_too(class_token_folder, convolutional_folder):
    for folder in (class_token_folder, convolutional_folder):
        backbone = load_backbone(f"local-dir:{folder}")
        assert equal_share(backbone, images(backbone, 2)) == 1.0
