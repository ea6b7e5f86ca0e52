"""Watching beside a training: it changes no bit, sees the same after an interruption, and says what it cannot see."""

import dataclasses
import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from engine.errors import StoreDamaged
from engine.records.events import FeaturesProgress, RunStarted, TaskEvaluated, TaskFinished, Watched
from engine.records.watched import AFTER, check_beat
from engine.runs.config import configure
from engine.runs.watch import Pin, WatchList, WatchSettings
from engine.training.loop import Watch, train

OFTEN = WatchSettings(heartbeat=2, attack_steps=1)


def film(config, cache, lists, history=(), beats=()):
    """(beats, snapshots, metrics, setup) of a training that is watched by what `lists` gives."""
    events = list(train(config, cache, history, helpers=0, watch=lists and Watch(lists, beats)))
    setup = next(e for e in events if isinstance(e, RunStarted))
    seen = [e for e in events if isinstance(e, Watched)]
    for beat in seen:
        check_beat(beat, setup)
    models = [e.snapshot for e in events if isinstance(e, TaskFinished)]
    return seen, models, [e for e in events if isinstance(e, TaskEvaluated)], setup


def same_models(one, other):
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a.bottleneck, b.bottleneck)
        assert torch.equal(a.head, b.head)


def same_beats(one, other):
    assert [(b.task, b.epoch) for b in one] == [(b.task, b.epoch) for b in other]
    for a, b in zip(one, other, strict=True):
        for name in a.arrays:
            np.testing.assert_array_equal(a.arrays[name], b.arrays[name], err_msg=f"{a.task} {a.epoch} {name}")


@pytest.fixture(scope="module")
def watched(reference):
    return film(reference.config, reference.home / "cache", lambda: WatchList(OFTEN))


def test_training_is_the_same_to_the_bit_whatever_is_watched(reference, watched):
    beats, models, evaluated, _ = watched
    cache = reference.home / "cache"
    looks = iter([WatchSettings(heartbeat=1, attack="no"), WatchSettings(watching=False), WatchSettings(heartbeat=3)])
    now = {"list": WatchList(OFTEN)}

    def changing():
        now["list"] = WatchList(next(looks, now["list"].settings), (Pin("picture", "val:0"), Pin("concept", "nothing")))
        return now["list"]

    for lists in (None, lambda: WatchList(WatchSettings(watching=False)), changing):
        _, others, measured, _ = film(reference.config, cache, lists)
        same_models(models, others)
        for a, b in zip(evaluated, measured, strict=True):
            assert a.to_mapping() == b.to_mapping()
    assert beats


def test_there_is_a_beat_every_so_many_epochs_and_after_every_task(watched):
    beats, *_ = watched
    assert [(b.task, b.epoch) for b in beats] == [(t, e) for t in range(3) for e in (2, 4, 6, AFTER)]


def test_an_interrupted_run_sees_the_same(reference, watched):
    beats, models, _, _ = watched
    cache = reference.home / "cache"
    for done in (1, 2):
        before = [b for b in beats if b.task < done]
        again, *_ = film(reference.config, cache, lambda: WatchList(OFTEN), iter(models[:done]), before)
        same_beats(again, [b for b in beats if b.task >= done])


def test_what_a_beat_says_is_what_the_model_says(reference, watched):
    beats, models, *_ = watched
    last = beats[-1].arrays
    assert last["trouble"] == ""
    assert last["probe"].tolist() == list(dict.fromkeys(last["probe"].tolist()))
    assert last["arrived"].tolist() == [0, 0, 1, 1, 2, 2]
    assert last["reason"].tolist() == ["typical", "edge"] * 3
    assert (last["predicted"] == last["probability"].argmax(1)).all()
    np.testing.assert_allclose(last["probability"].sum(1), 1.0, atol=1e-2)
    right = last["predicted"] == last["label"]
    assert ((last["margin"] > 0) == right).all()
    assert (last["fooled"] == (right & (last["attacked_margin"] < 0))).all()
    assert (last["attacked_margin"] <= last["margin"] + 1e-6).all(), "an attack that helps is none"
    model = models[-1]
    texts = [concept.text for concept in model.bank.concepts]
    for text, weights in zip(last["concept"], last["weight"], strict=True):
        np.testing.assert_array_equal(weights, model.head[:, texts.index(text)].numpy())


def test_rows_stay_and_those_of_a_task_come_with_it(watched):
    beats, *_ = watched
    for a, b in itertools.pairwise(beats):
        assert b.arrays["concept"].tolist()[: len(a.arrays["concept"])] == a.arrays["concept"].tolist()
        assert b.arrays["probe"].tolist()[: len(a.arrays["probe"])] == a.arrays["probe"].tolist()
        assert (b.arrays["born"] <= b.task).all()


def test_the_head_s_change_is_told_from_the_beat_before(watched):
    beats, models, _, _ = watched
    assert np.isnan(beats[0].arrays["moved"])
    before, after = models[0].head, models[1].head[:2, : models[0].head.shape[1]]
    assert beats[7].arrays["moved"] < float((after - before).norm() / before.norm()), "three beats share the way"
    for name, now in (("changed_now", 3), ("changed_now", 7)):
        beat = beats[now].arrays
        head = models[beats[now].task].head
        texts = [c.text for c in models[beats[now].task].bank.concepts]
        for concept, c, value in zip(beat["changed_concept"], beat["changed_class"], beat[name], strict=True):
            assert value == pytest.approx(float(head[c, texts.index(concept)]))


def test_probes_are_validation_pictures_only(reference, watched):
    from engine.runs.sources import open_dataset, open_stream

    beats, *_ = watched
    stream = open_stream(reference.config, open_dataset(reference.config), None)
    val = {int(row): task.id for task in stream.tasks for row in task.val}
    last = beats[-1].arrays
    rows = [int(name.removeprefix("val:")) for name in last["probe"]]
    assert [val[row] for row in rows] == last["arrived"].tolist()


def test_pins_that_are_nothing_are_told_and_the_others_are_seen(reference, uploaded):
    pins = [
        Pin("picture", "val:999999"),
        Pin("picture", "val:x"),
        Pin("picture", "own:0000", b"no picture"),
        Pin("picture", "own:1111", uploaded),
        Pin("concept", "no such concept"),
    ]
    seen, *_ = film(reference.config, reference.home / "cache", lambda: WatchList(OFTEN, tuple(pins)))
    last = seen[-1].arrays
    lost = dict(zip(last["probe"].tolist(), last["lost"].tolist(), strict=True))
    assert "no picture of this run's data" in lost["val:999999"]
    assert lost["val:x"] and lost["own:0000"]
    assert lost["own:1111"] == ""
    place = last["probe"].tolist().index("own:1111")
    assert last["label"][place] == -1
    assert last["aimed"][place] == last["predicted"][place]
    assert np.isfinite(last["margin"][last["lost"] == ""]).all()
    assert np.isnan(last["margin"][last["lost"] != ""]).all()
    assert "no such concept" not in last["concept"].tolist()


@pytest.fixture
def uploaded():
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "WEBP")
    return out.getvalue()


def test_a_watch_list_that_cannot_be_read_ends_no_training(reference, watched):
    def broken():
        raise StoreDamaged("watching: x", "what is stored is not what was written", "Choose anew")

    seen, models, *_ = film(reference.config, reference.home / "cache", broken)
    same_models(models, watched[1])
    assert {str(b.arrays["trouble"]) for b in seen} == {
        "watching: x: what is stored is not what was written. Choose anew."
    }


def test_nothing_is_watched_where_nothing_is_asked_for(reference):
    none = WatchSettings(probes_per_task=0, concepts=0, attack="no", heartbeat=1000)
    seen, *_ = film(reference.config, reference.home / "cache", lambda: WatchList(none))
    assert [b.arrays["probe"].shape + b.arrays["concept"].shape for b in seen] == [(0, 0)] * 3
    assert np.isfinite(seen[-1].arrays["moved"])


@pytest.mark.parametrize("method", ["ncm", "zero_shot", "joint"])
def test_every_method_is_watched_as_far_as_it_has_something(reference, tiny, method):
    seen, *_, setup = film(tiny(method), reference.home / "cache", lambda: WatchList(OFTEN))
    last = seen[-1].arrays
    assert last["trouble"] == ""
    assert (last["concept"].size > 0) == setup.learns_concepts
    assert np.isfinite(last["margin"]).all()


def test_attacks_are_those_asked_for(reference):
    for attack, name in {"fgsm": "FGSM, ", "apgd": "APGD, ", "square": "Square, ", "no": ""}.items():
        settings = dataclasses.replace(OFTEN, attack=attack, heartbeat=1000, attack_steps=2)
        seen, *_ = film(reference.config, reference.home / "cache", lambda settings=settings: WatchList(settings))
        last = seen[-1].arrays
        assert str(last["attack"]).startswith(name)
        assert np.isfinite(last["attacked_margin"]).all() == (attack != "no")
        assert (str(last["no_attack"]) == "") == (attack != "no")


def test_one_class_cannot_be_misled(reference, tiny):
    config = tiny(base="1", epochs="3", search_epochs="2")
    seen, *_ = film(config, reference.home / "cache", lambda: WatchList(OFTEN))
    first = seen[0].arrays
    assert str(first["no_attack"])
    assert np.isnan(first["margin"]).all()


def test_a_tower_without_patches_has_no_map_and_says_why(tiny, convolutional_folder, tmp_path):
    config = tiny(backbone=f"local-dir:{convolutional_folder}", epochs="3", search_epochs="2")
    seen, *_ = film(config, tmp_path, lambda: WatchList(OFTEN))
    last = seen[-1].arrays
    assert "patch" in str(last["no_map"])
    assert last["row_map"].shape == (6, 0, 0)
    assert np.isnan(last["row_shift"]).all()
    assert np.isfinite(last["attacked_margin"]).all()


@pytest.fixture
def folder(tmp_path):
    """Four classes of a dozen plain pictures each."""
    rng = np.random.default_rng(0)
    for number in range(4):
        where = tmp_path / "pictures" / f"class{number}"
        where.mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 60, (24, 24, 3)) + 45 * number
            Image.fromarray(pixels.astype(np.uint8)).save(where / f"{i}.png")
    return tmp_path / "pictures"


def test_a_probe_that_is_deleted_or_no_picture_any_more_is_told_and_the_others_are_seen(folder, reference, tmp_path):
    sets = {"data": f"dir:{folder}", "increment": "2", "backbone": reference.config.backbone}
    config = configure("tiny", sets, method="ncm")
    seen = []
    for event in train(config, tmp_path / "cache", helpers=0, watch=Watch(lambda: WatchList(OFTEN))):
        if isinstance(event, FeaturesProgress) and event.task == 1 and event.done == event.total:
            for path in (folder / "class2").iterdir():
                path.write_bytes(b"no picture")
            for path in (folder / "class3").iterdir():
                path.unlink()
        seen += [event] if isinstance(event, Watched) else []
    last = seen[-1].arrays
    assert last["trouble"] == ""
    assert [bool(text) for text in last["lost"].tolist()] == [False, False, True, True]
    assert np.isfinite(last["margin"][:2]).all()
    assert np.isnan(last["margin"][2:]).all()
