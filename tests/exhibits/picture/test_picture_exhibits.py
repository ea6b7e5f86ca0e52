"""What the Picture page says of a picture, against numbers worked out from the stored models."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine.backbone.presets import taught_parts
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.missing import Missing
from engine.exhibits.picture import answer, change, maps, near, past, reasons
from engine.exhibits.repair import lost as losing
from engine.exhibits.subjects import look, telling
from engine.explain.wording import signed
from engine.session.lab import Lab
from engine.session.subjects import subject

LAST = 2


@pytest.fixture(scope="module")
def case(tiny_lab: Lab) -> Case:
    """The image that a report would show."""
    return look(tiny_lab, LAST, telling(tiny_lab, LAST).ref)


def logits_of(lab: Lab, ref: str) -> np.ndarray:
    return lab.snapshot(LAST).from_features(subject(lab, ref).feature[None]).logits[0].double().numpy()


def test_the_answer_is_the_largest_logit_and_the_table_has_every_class(tiny_lab: Lab, case: Case) -> None:
    found, logits = answer.exhibit(case), logits_of(tiny_lab, case.subject.ref)
    table = found.table()
    assert table["logit"] == sorted(np.round(logits, 4).tolist(), reverse=True)
    assert sum(table["probability"]) == pytest.approx(1, abs=1e-4)
    assert table["class"][0] in found.headline and table[""][0].startswith("answer")
    assert found.html.count("<img src='data:image/") == 1
    assert f"{table['class'][0]}<em>answer</em>" in found.html and found.html.count("<em>true</em>") == 1


@pytest.mark.parametrize(("ref", "far"), [("upload:x", True), ("upload:x", False), ("test:0", True)])
def test_a_picture_somebody_brought_that_is_unlike_all_it_learnt_is_said_to_be(
    tiny_lab: Lab, case: Case, ref: str, far: bool
) -> None:
    means = tiny_lab.snapshot(LAST).classes.means
    feature = -means.mean(0) if far else means[0]
    brought = dataclasses.replace(
        case, subject=dataclasses.replace(case.subject, ref=ref, feature=feature, class_id=None, label=None)
    )
    brought.__dict__["picture"] = case.picture  # nobody brought a file
    found = answer.exhibit(brought)
    told = ref.startswith("upload") and far
    assert ("unlike any picture it has learnt from" in found.headline) is told
    assert ("99 % of" in found.caption) is told and brought.novelty.is_far is far


@pytest.mark.parametrize("centred", [False, True])
def test_the_reasons_add_up_to_the_models_own_number(tiny_lab: Lab, case: Case, centred: bool) -> None:
    logits = logits_of(tiny_lab, case.subject.ref)
    one = reasons.exhibit(case, reasons.reasons(case, centred=centred))
    two = reasons.exhibit(case, reasons.reasons(case, 1, 4, centred))
    for found, total in ((one, logits.max()), (two, logits[1] - logits[4])):
        bars = list(found.figure.data[0].x)
        assert bars[-1] == pytest.approx(total, abs=1e-4)
        assert sum(bars[:-1]) == pytest.approx(total, abs=1e-4)
        assert len(found.table()["concept"]) == len(case.words) + 2  # and the constant and the total
        assert f"What each of {len(case.words)} concepts adds" in found.caption
    assert one.key != two.key


def test_the_strongest_reason_is_the_largest_product(tiny_lab: Lab, case: Case) -> None:
    snapshot = tiny_lab.snapshot(LAST)
    adds = snapshot.head[case.predicted].double().numpy() * case.scores
    words = reasons.exhibit(case, reasons.reasons(case)).headline
    assert f"“{case.words[int(adds.argmax())]}” {signed(float(adds.max()), 2)} speaks most for" in words


def test_a_map_of_an_additive_backbone_adds_up_to_the_score(case: Case) -> None:
    found = maps.maps(case, 3)
    length = float(case.snapshot.bottleneck[3].norm())
    assert found.learnt.mean() * length == pytest.approx(case.scores[3], abs=1e-4)
    drawn = maps.exhibit(case, found)
    assert len({plate.src for plate in drawn.figure}) == 3
    assert drawn.caption.endswith(taught_parts("aviary-clip")) and not taught_parts("ViT-B-16:openai")
    assert drawn.table()["by its words"] == pytest.approx(found.words.ravel(), abs=1e-4)


def test_the_story_has_every_moment_of_its_class(tiny_lab: Lab) -> None:
    first = tiny_lab.sample("test", 0)
    case = look(tiny_lab, LAST, f"test:{first.rows[0]}")
    right = [int(tiny_lab.predicted("test", task)[0]) == int(first.labels[0]) for task in range(3)]
    table = past.story(case).table()
    assert table["after task"] == [1, 2, 3]
    assert table["right"] == ["yes" if r else "no" for r in right]
    assert [m.task for m in past.drawn(case)] == [0, 1, 2]


def test_a_loss_is_divided_so_that_the_parts_add_up(forgetful_lab: Lab) -> None:
    found = past.parts(look(forgetful_lab, LAST, _forgotten(forgetful_lab)[0]))
    assert isinstance(found, Exhibit)
    then, *parts, now = found.table()["logits"]
    assert then > 0 >= now and then + sum(parts) == pytest.approx(now, abs=1e-3)


def _forgotten(lab: Lab) -> list[str]:
    sample = lab.sample("test", LAST)
    labels = sample.labels.numpy()
    now, then = lab.predicted("test", LAST), lab.predicted("test", 1)
    count = len(then)
    rows = np.flatnonzero((now[:count] != labels[:count]) & (then == labels[:count]))
    return [f"test:{sample.rows[row]}" for row in rows]


def test_where_nothing_was_lost_it_says_why(tiny_lab: Lab) -> None:
    labels = tiny_lab.sample("test", LAST).labels.numpy()
    right = int(np.flatnonzero(tiny_lab.predicted("test", LAST) == labels)[0])
    found = past.parts(look(tiny_lab, LAST, f"test:{tiny_lab.sample('test', LAST).rows[right]}"))
    assert found == Missing("Nothing was forgotten here", "The picture is right after task 3")


def test_eyes_that_change_leave_nothing_to_divide(tiny_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lab, "changes_backbone", True)
    case = Case(tiny_lab, LAST, subject(tiny_lab, "test:0"))
    assert isinstance(past.parts(case), Missing) and isinstance(losing.lost(tiny_lab, LAST), Missing)


def test_the_smallest_change_does_flip_the_answer(case: Case) -> None:
    found = change.flip(case)
    assert isinstance(found, Exhibit)
    scores, table = case.scores.copy(), found.table()
    for text, would in zip(table["concept"], table["would be"], strict=True):
        scores[case.words.index(text)] = would
    head, bias = case.snapshot.head.double().numpy(), case.snapshot.bias.double().numpy()
    assert int((head @ scores + bias).argmax()) != case.predicted
    assert found.headline.startswith(f"{len(table['concept'])} concept")


def test_a_change_that_is_impossible_is_said_to_be(case: Case) -> None:
    still = dataclasses.replace(case)
    still.__dict__["reach"] = (case.scores, case.scores)  # nothing may move
    found = change.flip(still, next(c for c in case.order if c != case.predicted))
    assert isinstance(found, Missing) and found.headline.startswith("No change of scores within their range makes it")


def test_the_nearest_class_has_the_largest_cosine(case: Case) -> None:
    means = case.snapshot.classes.means.double().numpy()
    cosines = means @ case.subject.feature.double().numpy() / np.linalg.norm(means, axis=1)
    near_ones = near.nearest(case)
    found = near.exhibit(case, near_ones, ["data:x"] * (len(near_ones) - 1) + [""])
    assert found.table()["cosine"][0] == pytest.approx(cosines.max(), abs=1e-4)
    assert case.names[int(cosines.argmax())] in found.headline
    assert len(found.figure) == len(near_ones) - 1  # a class without a picture has none
