"""Map quality on a model whose score is a known sum of patches, worked out by hand."""

import ast
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.metrics import filling
from engine.metrics.attention_quality import area, deletion, insertion, mask_iou, road, stability
from engine.metrics.filling import blurred, mean_coloured

SIDE, PATCH = 8, 4
WORTH = torch.tensor([[4.0, 1.0], [2.0, 0.0]])
"""What a white patch adds to the score."""
WHITE = torch.ones(1, 3, SIDE, SIDE)


def score(images):
    """Sum over the four patches of their mean brightness times their worth."""
    brightness = torch.nn.functional.avg_pool2d(images.mean(1), PATCH)  # [n, 2, 2]
    return (brightness * WORTH).sum((1, 2))


def lit(*patches):
    """An image whose named patches (from the top left, row by row) are white and whose others are black."""
    image = torch.zeros(1, 3, SIDE, SIDE)
    for patch in patches:
        row, column = divmod(patch, 2)
        image[:, :, row * PATCH : (row + 1) * PATCH, column * PATCH : (column + 1) * PATCH] = 1
    return image


# -- against masks -----------------------------------------------------------------------------------------------------


def masks(*boxes):
    found = np.zeros((len(boxes), SIDE, SIDE), bool)
    for mask, (top, bottom, left, right) in zip(found, boxes, strict=True):
        mask[top:bottom, left:right] = True
    return found


def test_as_many_patches_as_the_mask_is_large_are_held_against_it():
    heat = torch.tensor([[[4.0, 3.0], [2.0, 1.0]]])
    assert mask_iou(heat, masks((0, 4, 0, 4))) == pytest.approx([1])  # a quarter, top left: one patch, the highest
    assert mask_iou(heat, masks((4, 8, 4, 8))) == pytest.approx([0])
    assert mask_iou(heat, masks((0, 8, 0, 4))) == pytest.approx([1 / 3])  # the left half against the upper half
    assert mask_iou(heat, masks((0, 8, 0, 8))) == pytest.approx([1])


def test_a_mask_smaller_than_a_patch_is_the_patch_with_most_of_it():
    heat = torch.tensor([[[0.0, 0.0], [0.0, 1.0]]]).expand(2, 2, 2)
    assert mask_iou(heat, masks((3, 6, 3, 6), (3, 5, 3, 4))) == pytest.approx([1, 0])  # 4 of 9 pixels; a tie, top left


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="empty"):
        mask_iou(torch.zeros(1, 2, 2), masks((0, 0, 0, 0)))
    with pytest.raises(ValueError, match="2 maps"):
        mask_iou(torch.zeros(1, 2, 2), masks((0, 4, 0, 4), (0, 4, 0, 4)))
    for measure in (deletion, insertion):
        with pytest.raises(ValueError, match="not finite"):
            measure(score, WHITE, torch.full((1, 2, 2), float("nan")))


# -- deletion and insertion --------------------------------------------------------------------------------------------


def test_deletion_by_hand():
    image = lit(0, 1, 2)  # score 7; its mean colour is 3/4
    found = deletion(score, image, WORTH[None], steps=4)
    # patch after patch becomes 3/4: 4 -> 3, 2 -> 1.5, 1 -> 0.75; the last, black and of no worth, changes nothing
    assert found[0] == pytest.approx([7, 6, 5.5, 5.25, 5.25])
    assert area(found) == pytest.approx([(6.5 + 5.75 + 5.375 + 5.25) / 4])
    assert deletion(score, image, -WORTH[None], steps=4)[0] == pytest.approx([7, 7, 6.75, 6.25, 5.25])


def test_insertion_by_hand():
    image = lit(0)
    found = insertion(score, image, WORTH[None], steps=2)
    soft = insertion(score, image, -WORTH[None], steps=4)
    assert found.shape == (1, 3) and found[0, -1] == soft[0, -1] == pytest.approx(4)  # at the end the image itself
    assert found[0, 0] == soft[0, 0] and 1.0 < found[0, 0] < 4  # blurred it has lost some of its light to the others
    assert found[0, 1] > soft[0, 2]  # what matters first against what matters least first
    assert insertion(score, WHITE, WORTH[None]) == pytest.approx(np.full((1, 17), 7.0))  # a blur leaves white white


def test_no_map_beats_the_one_that_knows_what_every_patch_does():
    image = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 0.2 + 0.8 * lit(0, 3)
    for measure, before, after, sign in (
        (deletion, image, mean_coloured(image), -1),
        (insertion, blurred(image, PATCH / 2), image, 1),
    ):
        does = sign * WORTH * torch.nn.functional.avg_pool2d((after - before).mean(1), PATCH)[0]  # [2, 2]
        orders = torch.stack([does.flatten()[list(order)].reshape(2, 2) for order in permutations(range(4))])
        areas = sign * area(measure(score, image.expand(24, -1, -1, -1), orders, 4))
        assert areas[0] == pytest.approx(areas.max()) and areas[0] > np.median(areas)  # the first is as it is


# -- ROAD --------------------------------------------------------------------------------------------------------------


def test_road_by_hand():
    found = road(score, lit(0), WORTH[None], seed=1, shares=(0.25, 0.75))
    # without its white patch the image is black, and filled from black it stays black, to the noise
    assert found.most[0] == pytest.approx([0, 0], abs=0.05)
    # without the patch of no worth, filled between white and black, the score is what it was
    assert found.least[0, 0] == pytest.approx(4, abs=0.05)
    # with only the white one left, all the rest is filled with white
    assert found.least[0, 1] == pytest.approx(7, abs=0.05)
    assert found.gap == pytest.approx([(4 + 7) / 2], abs=0.05)
    assert found.shares.tolist() == [0.25, 0.75]


def test_a_map_turned_round_has_the_opposite_gap_and_a_tiny_share_takes_one_patch():
    there, back = (road(score, lit(0, 1), heat[None], 1, (0.5,)) for heat in (WORTH, -WORTH))
    assert there.gap == pytest.approx(-back.gap, abs=0.05)
    assert road(score, lit(0), WORTH[None], 1, (0.01,)).most[0, 0] == pytest.approx(0, abs=0.05)
    assert road(score, lit(0), WORTH[None], 1, (0.99,)).least[0, 0] == pytest.approx(7, abs=0.05)


def test_every_image_may_have_a_score_of_its_own():
    own = torch.arange(200.0)  # so many that nobody may cut them into batches unasked

    def by_place(images):
        return own * score(images)

    images, heat = WHITE.expand(200, -1, -1, -1), WORTH.expand(200, 2, 2)
    assert deletion(by_place, images, heat, 1)[:, 0] == pytest.approx(7 * own.numpy())
    assert insertion(by_place, images, heat, 1)[:, 1] == pytest.approx(7 * own.numpy())


def test_road_is_seeded_and_shares_are_checked():
    images = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    first, again, other = (road(score, images, WORTH.expand(2, 2, 2), seed) for seed in (1, 1, 2))
    assert np.array_equal(first.most, again.most) and not np.array_equal(first.most, other.most)
    assert np.array_equal(images, torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)))
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="shares"):
            road(score, images, WORTH.expand(2, 2, 2), 1, (share,))


# -- stability ---------------------------------------------------------------------------------------------------------


def test_what_does_not_look_at_the_image_is_perfectly_still():
    found = stability(
        lambda images: torch.tensor([[0.25, 0.75]]).expand(len(images), 2),
        lambda images: WORTH.expand(len(images), 2, 2),
        WHITE.expand(3, -1, -1, -1),
        seed=1,
    )
    assert found.prediction.tolist() == [1, 1, 1] and found.overlap.tolist() == [1, 1, 1]


def test_stability_by_hand():
    calls = {"predict": 0, "look": 0}

    def predict(images):  # the clean image first, then two draws
        calls["predict"] += 1
        return torch.tensor([[[1.0, 0.0]], [[0.5, 0.5]], [[0.9, 0.1]]][calls["predict"] - 1])

    def look(images):  # of ten by ten patches the top twenty: all of them kept, then a half
        calls["look"] += 1
        heat = torch.zeros(1, 10, 10)
        heat[0, 1 if calls["look"] == 3 else 0] = 2
        heat[0, 2] = 1
        return heat

    found = stability(predict, look, WHITE, seed=1, draws=2)
    assert found.prediction == pytest.approx([(0.5 + 0.9) / 2])
    assert found.overlap == pytest.approx([(1 + 0.5) / 2])


def test_stability_is_seeded_falls_with_noise_and_keeps_pixels_in_range():
    noise = torch.Generator().manual_seed(0)
    images = torch.rand(4, 3, SIDE, SIDE, generator=noise)
    seen = []

    def predict(images):
        seen.append(images)
        return torch.stack([score(images), 7 - score(images)], 1) / 7

    def look(images):
        return torch.nn.functional.avg_pool2d(images.mean(1), 2)

    little, again, much = (stability(predict, look, images, 1, level) for level in (0.01, 0.01, 0.5))
    assert np.array_equal(little.overlap, again.overlap) and np.array_equal(little.prediction, again.prediction)
    assert 1 > little.prediction.mean() > much.prediction.mean() and little.overlap.mean() > much.overlap.mean()
    assert all(part.min() >= 0 and part.max() <= 1 for part in seen)


def test_scipy_is_loaded_only_when_road_needs_it():
    tree = ast.parse(Path(filling.__file__).read_text(encoding="utf-8"))
    first = [part for part in tree.body if isinstance(part, ast.Import | ast.ImportFrom)]
    assert "scipy" not in ast.dump(ast.Module(first, [])) and "scipy" in ast.dump(tree)
