"""What every attack promises, over the whole registry."""

import dataclasses

import pytest
import torch

from engine.analyses.robustness import Robustness
from engine.attacks.base import ATTACKS, trace
from engine.attacks.objectives import Mislabel, Target
from engine.attacks.victim import Victim
from engine.errors import BadInput, BadParameter, NotApplicable
from engine.params import parameters_of
from engine.runs.watch import WatchSettings
from engine.steps import finish
from tests.attacks.small import Bent, Linear, Quantised, bent, grey, snapshot

NAMES = ATTACKS.names()
WHITE_BOX = tuple(name for name in NAMES if ATTACKS.get(name).white_box)
ROUNDING = 1e-6


def made(name, **settings):
    """The attack with few steps."""
    cls = ATTACKS.get(name)
    fields = {field.name for field in dataclasses.fields(cls)}
    few = {"steps": 30 if name == "square" else 4} if "steps" in fields else {}
    return cls(**{**few, **{key: value for key, value in settings.items() if key in fields}})


def variants():
    """Every attack, and those that have another norm or loss."""
    found = [(name, {}) for name in NAMES]
    return [*found, ("pgd", {"norm": "l2"}), ("apgd", {"norm": "l2"}), ("apgd", {"loss": "dlr"})]


def test_the_registry_knows_them_all():
    assert set(NAMES) >= {"apgd", "apgd_t", "cw", "fab", "fgsm", "pgd", "square"}
    assert {"apgd", "apgd_t", "cw", "fab", "fgsm", "pgd"} <= set(WHITE_BOX) and "square" not in WHITE_BOX


def test_people_read_their_names_as_the_literature_writes_them():
    said = {
        "apgd": "APGD",
        "apgd_t": "APGD-T",
        "cw": "CW",
        "fab": "FAB",
        "fgsm": "FGSM",
        "pgd": "PGD",
        "square": "Square",
    }
    assert {name: ATTACKS.short(name) for name in said} == said
    assert [
        name for name in NAMES if ATTACKS.short(name) == ATTACKS.title(name)
    ] == []  # each has a name and a word on it
    (watched,) = (one for one in parameters_of(WatchSettings) if one.name == "attack")
    assert [*map(watched.words, watched.choices)] == ["PGD", "APGD", "FGSM", "Square", "no"]
    assert Robustness().who == "PGD, 10 steps" and Robustness(attack="fgsm").who == "FGSM, one step"


@pytest.mark.parametrize(("name", "settings"), variants())
@pytest.mark.parametrize("whole", [False, True])
def test_every_look_is_in_the_ball_and_in_range(name, settings, whole):
    victim, images, labels = bent()
    attack = made(name, eps=12.0, **settings)
    before = images.clone()
    looks, attacked = trace(attack.run(victim, images, Mislabel(labels), 5, whole))
    assert torch.equal(images, before)
    for shown in [*(look.images for look in looks), attacked.images]:
        change = (shown - images).flatten(1)
        size = change.norm(dim=1) if settings.get("norm") == "l2" else change.abs().amax(1)
        assert size.max() <= 12 / 255 + ROUNDING
        assert shown.min() >= 0 and shown.max() <= 1
        assert shown.shape == images.shape and not shown.requires_grad


@pytest.mark.parametrize(("name", "settings"), variants())
def test_the_same_seed_gives_the_same_result_and_another_does_not(name, settings):
    victim, images, labels = bent()
    attack = made(name, eps=12.0, **settings)
    first, again, other = (trace(attack.run(victim, images, Mislabel(labels), seed)) for seed in (1, 1, 2))
    assert torch.equal(first[1].images, again[1].images) and torch.equal(first[1].loss, again[1].loss)
    assert torch.equal(first[0][1].images, other[0][1].images) == (name in ("fgsm", "fab"))  # which draw nothing


@pytest.mark.parametrize(("name", "settings"), variants())
def test_batches_do_not_change_results(name, settings):
    victim, images, labels = bent()
    attack = made(name, **settings)
    together = finish(attack.run(victim, images, Mislabel(labels), 1))
    for row in range(len(images)):
        alone = finish(attack.run(victim, images[[row]], Mislabel(labels[[row]]), 1))
        torch.testing.assert_close(alone.images[0], together.images[row], atol=1e-5, rtol=0)
        assert alone.won[0] == together.won[row]


@pytest.mark.parametrize(("name", "settings"), variants())
def test_looks_and_results_tell_the_same_story(name, settings):
    victim, images, labels = bent()
    eps = 40.0 if settings.get("norm") == "l2" else 6.0
    looks, attacked = trace(made(name, eps=eps, **settings).run(victim, images, Mislabel(labels), 1, whole=True))
    assert [look.step for look in looks] == list(range(looks[0].steps + 1))
    assert torch.equal(looks[0].images, images) and not looks[0].won.any()
    for look in looks:
        torch.testing.assert_close(look.answer.logits, victim.says(look.images).logits)
    wrong = victim.says(attacked.images).logits.argmax(1) != labels
    assert torch.equal(wrong, attacked.won) and torch.equal(attacked.won, looks[-1].won)
    assert attacked.won.any() and not attacked.won.all(), "the test needs both kinds"
    assert (attacked.won | (attacked.loss >= looks[0].loss)).all()
    won = torch.stack([look.won for look in looks])
    assert (won[1:] | ~won[:-1]).all(), "what is won stays won"


@pytest.mark.parametrize("name", NAMES)
def test_won_images_cost_nothing_unless_the_whole_is_asked_for(name):
    victim, images, labels = bent()
    counts = []
    for whole in (False, True):
        victim.backbone.seen = 0
        looks, attacked = trace(made(name, eps=40.0).run(victim, images, Mislabel(labels), 1, whole))
        counts.append(victim.backbone.seen)
        assert looks[-1].images.shape == images.shape and looks[-1].answer.logits.shape[0] == len(images)
        if not whole:
            assert torch.equal(looks[-1].images[attacked.won], attacked.images[attacked.won])
    assert counts[0] <= counts[1] and (counts[0] < counts[1] or name == "fgsm")


@pytest.mark.parametrize("name", NAMES)
def test_targeted_attacks_reach_the_target(name):
    victim, images, labels = bent()
    targets = (labels + 1) % 5
    attacked = finish(made(name, eps=60.0).run(victim, images, Target(targets), 1))
    assert attacked.won.float().mean() > (0.1 if name in ("fgsm", "square") else 0.5)
    reached = victim.says(attacked.images).logits.argmax(1) == targets
    assert torch.equal(reached, attacked.won)


@pytest.mark.parametrize("name", NAMES)
def test_callers_in_inference_mode(name):
    victim, images, labels = bent()
    plain = finish(made(name).run(victim, images, Mislabel(labels), 1))
    with torch.inference_mode():
        old = victim.snapshot
        fresh = dataclasses.replace(old, bottleneck=old.bottleneck.clone(), head=old.head.clone())
        inferred = Victim(victim.backbone, fresh)
        attacking = made(name).run(inferred, images.clone(), Mislabel(labels.clone()), 1)
        next(attacking)
        assert torch.is_inference_mode_enabled() and not torch.is_grad_enabled()
    attacked = finish(attacking)
    torch.testing.assert_close(attacked.images, plain.images)
    assert torch.is_grad_enabled() and not attacked.images.is_inference()


class Parts(torch.nn.Module):
    """A backbone with weights that could collect gradients."""

    image_size, has_patches = 4, False

    def __init__(self, fail_at=99):
        super().__init__()
        self.layer = torch.nn.Linear(48, 6)
        self.calls, self.fail_at = 0, fail_at
        self.eval().requires_grad_(False)

    def embed(self, images):
        self.calls += 1
        if self.calls == self.fail_at:
            raise RuntimeError("out of memory")
        return self.layer(images.flatten(1))


def untouched(module):
    hooks = [part for m in module.modules() for part in (m._forward_hooks, m._backward_hooks, m._forward_pre_hooks)]
    weights = list(module.parameters())
    clean = not any(hooks) and not any(w.requires_grad or w.grad is not None for w in weights)
    return clean and not module.training and torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_behind_when_closed_midway_or_broken(name):
    images, labels = torch.rand(3, 3, 4, 4), torch.zeros(3, dtype=torch.int64)
    for fail_at in (99, 2):
        backbone = Parts(fail_at)
        victim = Victim(backbone, snapshot(torch.randn(4, 6, generator=torch.Generator().manual_seed(0))))
        weights = backbone.layer.weight.clone()
        attacking = made(name).run(victim, images, Mislabel(labels), 1, whole=True)
        if fail_at == 2:
            with pytest.raises(RuntimeError, match="out of memory"):
                finish(attacking)
        else:
            next(attacking), next(attacking)
            attacking.close()
            calls = backbone.calls
            assert next(attacking, "over") == "over" and backbone.calls == calls
        assert untouched(backbone) and torch.equal(weights, backbone.layer.weight)


BAD_IMAGES = {
    "5x5": (torch.rand(2, 3, 5, 5), "3x5x5"),
    "grey": (torch.rand(2, 1, 4, 4), "1x4x4"),
    "bytes": (torch.zeros(2, 3, 4, 4, dtype=torch.uint8), "uint8"),
    "double": (torch.zeros(2, 3, 4, 4, dtype=torch.float64), "float64"),
    "too bright": (255 * torch.ones(2, 3, 4, 4), "255"),
    "negative": (-torch.ones(2, 3, 4, 4), "-1"),
    "not a number": (torch.full((2, 3, 4, 4), float("nan")), "nan"),
    "none": (torch.zeros(0, 3, 4, 4), r"\[0, 3, 4, 4\]"),
    "no batch": (torch.zeros(3, 4, 4), r"\[3, 4, 4\]"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_images_are_named(name, case):
    victim, _, _ = bent()
    images, named = BAD_IMAGES[case]
    with pytest.raises(BadInput, match=named):
        finish(made(name).run(victim, images, Mislabel(torch.zeros(len(images), dtype=torch.int64)), 1))


@pytest.mark.parametrize("kind", [Mislabel, Target])
@pytest.mark.parametrize("labels", [[0, 5], [0, -1], [0], [0.0, 1.0]])
def test_classes_not_learnt_yet_are_refused(kind, labels):
    victim, images, _ = bent()
    with pytest.raises(BadInput, match=r"5 classes|one (label|target class) an image"):
        finish(made("pgd").run(victim, images[:2], kind(torch.tensor(labels)), 1))


def test_losses_that_need_more_classes_say_so():
    victim, images, labels = bent(classes=2)
    with pytest.raises(NotApplicable, match=r"2 classes.*3 classes.*loss ce"):
        finish(made("apgd", loss="dlr").run(victim, images, Mislabel(labels), 1))
    alone, images, labels = bent(classes=1)
    with pytest.raises(NotApplicable, match="later task"):
        finish(made("pgd").run(alone, images, Mislabel(labels), 1))


@pytest.mark.parametrize("name", NAMES)
def test_strengths_and_steps_outside_their_limits_are_refused(name):
    for eps in (0.0, -1.0, 64.5, 2000.0, float("nan"), float("inf")):
        with pytest.raises(BadParameter, match=r"eps must be a number from 0\.01 to (64|1024) /255"):
            ATTACKS.get(name)(eps=eps)
    if name != "fgsm":
        with pytest.raises(BadParameter, match="steps"):
            ATTACKS.get(name)(steps=0)
    for declared in parameters_of(ATTACKS.get(name)):
        if declared.high is not None and declared.kind is not str:
            for outside in (declared.low - 1, declared.high + 1):
                with pytest.raises(BadParameter, match=declared.name):
                    ATTACKS.get(name)(**{declared.name: outside})


@pytest.mark.parametrize("name", WHITE_BOX)
def test_gradients_that_are_not_finite_are_named(name):
    class Sharp(Linear):
        def bend(self, features):
            return features + (features - features.detach()).abs().sqrt()  # the square root's slope at 0 is infinite

    victim, images, labels = bent(kind=Sharp)
    with pytest.raises(NotApplicable, match=rf"attack {name} after step 0.*gradient is not finite.*square"):
        finish(made(name).run(victim, images, Mislabel(labels), 1))


@pytest.mark.parametrize("name", NAMES)
def test_losses_that_are_not_finite_are_named(name):
    victim, images, labels = bent()
    huge = dataclasses.replace(victim.snapshot, head=torch.full_like(victim.snapshot.head, float("inf")))
    with pytest.raises(NotApplicable, match=f"attack {name} after step 0.*loss is not finite"):
        finish(made(name).run(Victim(victim.backbone, huge), images, Mislabel(labels), 1))


def test_square_asks_for_no_gradient():
    class Closed(Bent):
        def bend(self, features):
            assert not torch.is_grad_enabled()
            return super().bend(features)

    victim, images, labels = bent(kind=Closed)
    assert finish(made("square", eps=40.0).run(victim, images, Mislabel(labels), 1)).won.any()


def test_square_never_goes_back():
    victim, images, labels = bent()
    looks, _ = trace(made("square", eps=2.0).run(victim, images, Mislabel(labels), 1))
    losses = torch.stack([look.loss for look in looks])
    assert (losses[1:] >= losses[:-1]).all() and (losses[-1] > losses[0]).any()


def test_watched_directions_come_with_every_look():
    victim, images, labels = bent()
    watching = Victim(victim.backbone, victim.snapshot, watch=torch.eye(6)[:2])
    looks, _ = trace(made("pgd", eps=40.0).run(watching, images, Mislabel(labels), 1))
    for look in looks:
        assert look.answer.maps.shape == (7, 2, 2, 2) and not look.answer.maps.requires_grad
        torch.testing.assert_close(look.answer.maps[:, :, 0, 0], look.answer.scores[:, :2])


def test_a_model_without_gradients_is_reported_flat():
    victim, images, labels = bent(kind=Quantised)
    looks, _ = trace(made("pgd", restarts=0, eps=1.0).run(victim, images, Mislabel(labels), 1))
    assert looks[0].flat == 1.0
    straight, images, labels = bent()
    assert trace(made("pgd").run(straight, images, Mislabel(labels), 1))[0][0].flat == 0.0
    assert grey().shape[-1] == Quantised.image_size
