"""Exhibits about concepts that need images, on the tiny run: checked against embeddings and weights."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.errors import StoreDamaged
from engine.exhibits.concepts import atlas as maps
from engine.exhibits.concepts import embedding, evidence, film, nearby
from engine.exhibits.concepts.embedding import MapLook
from engine.exhibits.pictures import drawing, samples
from engine.explain.wording import Clause, definition
from engine.figures.clauses import clause_bars
from engine.jobs.analyses import Question
from engine.session.lab import Lab

LAST = 2


@pytest.fixture(scope="module")
def atlas(tiny_lab: Lab) -> maps.Atlas:
    return maps.atlas(tiny_lab, LAST, answer(tiny_lab, Question(tiny_lab.view.id, LAST, maps.ANALYSIS, {})))


def words(lab: Lab) -> tuple[str, ...]:
    return tuple(concept.text for concept in lab.snapshot(LAST).bank.concepts)


def test_the_share_beside_their_own_is_counted_in_the_whole_space(tiny_lab: Lab, atlas: maps.Atlas) -> None:
    sample = tiny_lab.sample("test", LAST)
    cosines = (sample.features @ sample.features.T).numpy()
    np.fill_diagonal(cosines, -np.inf)
    labels = sample.labels.numpy()
    share = float((labels[cosines.argmax(1)] == labels).mean())
    assert maps.cohesion(tiny_lab, atlas) == pytest.approx(share)
    scene = maps.scene(tiny_lab, atlas, LAST)
    right = tiny_lab.predicted("test", LAST) == labels
    found = embedding.embedding_map(tiny_lab, atlas, scene, LAST, MapLook("right"), share)
    assert found.headline.startswith(f"{(~right).sum()} of 48 images are wrong now; ")
    found = embedding.embedding_map(tiny_lab, atlas, scene, LAST, MapLook("task"), share)
    assert found.headline == f"{100 * share:.0f} % of images lie next to one of their own class"
    assert "PCA of 48 test images, fitted once on all 3 finished tasks" in found.caption


def test_the_maps_table_says_what_every_image_is_taken_for(tiny_lab: Lab, atlas: maps.Atlas) -> None:
    scene = maps.scene(tiny_lab, atlas, 1)
    found = embedding.embedding_map(
        tiny_lab, atlas, scene, 1, MapLook("concept", words=words(tiny_lab), concept=0), 1.0
    )
    table = found.table() if found.table else {}
    names = [tiny_lab.view.class_names[c] for c in tiny_lab.stream.class_order]
    taken = [names[p] for p in tiny_lab.predicted("test", 1)]
    assert table["taken for"] == taken + [""] * (48 - len(taken))  # images of the third task are not learnt yet
    scores = tiny_lab.sample("test", LAST).features @ tiny_lab.snapshot(1).bottleneck[0]
    np.testing.assert_allclose(table["score"], scores.numpy(), atol=1e-4)


def test_a_missing_choice_is_told(tiny_lab: Lab) -> None:
    every = words(tiny_lab)
    newest = next(k for k, c in enumerate(tiny_lab.snapshot(LAST).bank.concepts) if c.task == LAST)
    assert embedding.hint(tiny_lab, LAST, MapLook("right")) == ""
    assert embedding.hint(tiny_lab, LAST, MapLook("concept", words=every)).startswith("Choose a concept first")
    assert "not learnt yet" in embedding.hint(tiny_lab, 0, MapLook("concept", words=every, concept=newest))
    name = tiny_lab.view.class_names[tiny_lab.view.class_ids_seen(0)[0]]
    look = MapLook("class", class_id=tiny_lab.view.class_ids_seen(0)[0])
    assert f"In colour: {name} and what it is taken for" in embedding.hint(tiny_lab, 0, look)


def test_neighbours_are_those_with_the_largest_cosines(tiny_lab: Lab, atlas: maps.Atlas) -> None:
    sample = tiny_lab.sample("test", LAST)
    cosines = (sample.features @ sample.features[5]).numpy()
    near = [i for i in np.argsort(-cosines, kind="stable") if i != 5][: nearby.MOST]
    own = sum(int(sample.labels[i] == sample.labels[5]) for i in near)
    for found in (nearby.nearby(tiny_lab, at, 5, drawing(tiny_lab.dataset)) for at in (atlas, _everywhere(tiny_lab))):
        table = found.table() if found.table else {}
        assert table["image"] == [f"test:{sample.rows[i]}" for i in near]
        np.testing.assert_allclose(table["cosine"], cosines[near], atol=1e-4)
        assert found.headline.startswith(f"{own} of {nearby.MOST} nearest are also ")
        assert found.figure[0].note == "the chosen image" and len(found.figure) == 1 + nearby.MOST


def _everywhere(lab: Lab) -> maps.Atlas:
    return maps.unplaced(lab, LAST)


def test_evidence_is_weight_times_score_at_both_ends(tiny_lab: Lab) -> None:
    found = evidence.behind(tiny_lab, LAST, 1, 3)
    sample, snapshot = tiny_lab.sample("test", LAST), tiny_lab.snapshot(LAST)
    mine = sample.labels.numpy() == 1
    adds = (sample.features[mine] @ snapshot.bottleneck[3]).numpy() * float(snapshot.head[1, 3])
    np.testing.assert_allclose(found.adds, adds, atol=1e-5)
    exhibit = evidence.evidence(found, lambda split, rows: [f"{split}:{row}" for row in rows])
    order = sample.rows[mine][np.argsort(-adds, kind="stable")].tolist()
    high, low = evidence.ends(adds, evidence.EACH)
    assert [p.src for p in exhibit.figure[: len(high)]] == [f"test:{row}" for row in order[: len(high)]]
    assert [p.src for p in exhibit.figure[len(high) :]] == [f"test:{row}" for row in order[::-1][: len(low)]]
    assert exhibit.table is not None and exhibit.table()["image"] == [f"test:{row}" for row in order]


def test_a_class_in_words_shows_its_training_images(tiny_lab: Lab) -> None:
    snapshot = tiny_lab.snapshot(LAST)
    rows = samples(tiny_lab.dataset, snapshot.class_ids[0], {}, 2)
    assert (tiny_lab.dataset.splits["train"].labels[rows] == snapshot.class_ids[0]).all() and len(rows) == 2
    clauses = definition(snapshot, 0)
    found = evidence.definition("wren", clauses, LAST, drawing(tiny_lab.dataset)("train", rows))
    assert found.table is not None and found.table()["concept"] == [clause.text for clause in clauses]
    assert found.html is not None and found.html.count("<img src='data:image") == 2
    drawn = clause_bars(
        [Clause(0, "a <b>crown</b>", -1.0, -2.0, True, 2.0), Clause(1, "a tail", 1.0, 0.5, False, 0.5)]
    ).html
    assert drawn.count("<li>") == 2 and "<b>NOT</b> a &lt;b&gt;" in drawn
    assert "<i class='pl-against' style='width:100.0%'>" in drawn and "<i class='pl-for' style='width:25.0%'>" in drawn


def test_a_reels_scores_are_the_models(tiny_lab: Lab) -> None:
    rows = film.strongest(tiny_lab, 0, LAST + 1, 2)
    found = film.reels(tiny_lab, rows, 0, LAST + 1)
    sample = tiny_lab.sample("test", LAST)
    features = sample.features[np.flatnonzero(np.isin(sample.rows, rows[:1]))[0]]
    scores = [float(features @ tiny_lab.snapshot(t).bottleneck[0]) for t in range(LAST + 1)]
    np.testing.assert_allclose([score for _, score in found[0].frames], scores, atol=1e-4)
    assert scores[-1] == pytest.approx(float((sample.features @ tiny_lab.snapshot(LAST).bottleneck[0]).max()), abs=1e-6)
    assert all(-1 <= reel.agreement <= 1 for reel in found)


def test_a_map_of_other_images_is_refused(tiny_lab: Lab) -> None:
    """As an archive may bring one: found after the last task, said to be of the first."""
    found = answer(tiny_lab, Question(tiny_lab.view.id, LAST, maps.ANALYSIS, {}))
    with pytest.raises(StoreDamaged, match="others than this task's test images"):
        maps.atlas(tiny_lab, 0, found)
