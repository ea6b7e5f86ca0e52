"""The search with other seeds: the first is the run's own choice, and kinds are what the data's makers put in."""

from collections import Counter
from types import SimpleNamespace

import pytest

from engine.analyses.performing import answer
from engine.analyses.search_stability import SearchStability, kinds
from engine.data.aviary import candidates
from engine.data.aviary.species import load_species
from engine.errors import NotApplicable
from engine.jobs.analyses import Question
from engine.session.listed import candidates as candidates_of


@pytest.fixture(scope="module")
def found(tiny_lab):
    return answer(tiny_lab, Question(tiny_lab.view.id, 1, "search_stability", {"seeds": 3}))


def test_the_first_seed_chooses_what_the_run_has(tiny_lab, found):
    own = tiny_lab.snapshot(1).bank.concepts
    chosen = set(zip(found["text"][found["chosen"][0]], found["task"][found["chosen"][0]], strict=True))
    assert chosen == {(concept.text, concept.task) for concept in own}
    assert found["seeds"].tolist() == [tiny_lab.config.seed + step for step in range(3)]


def test_every_seed_keeps_as_many_of_the_same_candidates(found):
    assert found["chosen"].shape == (3, len(found["text"])) and len(found["task"]) == len(found["kind"])
    for task in (0, 1):
        here = found["chosen"][:, found["task"] == task].sum(1)
        assert len(set(here.tolist())) == 1 and 0 < here[0] < (found["task"] == task).sum()
    assert not (found["chosen"] == found["chosen"][0]).all()  # another start takes others


def test_kinds_are_those_the_candidates_were_made_of(tiny_lab, found):
    """Of every species: three wrong values, and texts that say nothing; a text that two species list counts once."""
    first = tiny_lab.stream.tasks[0]
    listed = {one.text: one for c in reversed(first.class_ids) for one in tiny_lab.dataset.candidates(c)}
    sorts = dict(zip(found["text"][found["task"] == 0], found["kind"][found["task"] == 0], strict=True))
    assert sorts.keys() == listed.keys()
    nothing = {"useless", "non-visual"}
    assert all(
        (sorts[text] if sorts[text] in nothing else "") == (c.group if c.group in nothing else "")
        for text, c in listed.items()
    )
    counted = Counter(sorts.values())
    assert counted["wrong"] <= candidates._WRONG * len(first.class_ids) and counted["wrong"] > 0
    assert counted["true"] > counted["wrong"] and not counted["not known"]


def test_wrong_texts_are_true_of_no_plumage_of_their_species(tiny_lab):
    concepts = tiny_lab.gatherer.candidates(tiny_lab.stream.tasks[0]).concepts
    species, groups = load_species(tiny_lab.dataset.species), tiny_lab.dataset.truth_groups
    for concept, kind in zip(concepts, kinds(tiny_lab, list(concepts)), strict=True):
        if kind in ("true", "wrong"):
            place = list(dict.fromkeys(groups)).index(concept.group)
            shown = {plumage[place] for plumage in species[concept.class_id].plumages}
            assert (kind == "true") == (concept.truth - groups.index(concept.group) in shown), concept.text


def test_a_task_without_a_new_text_is_named_before_anything_is_searched(tiny_lab, monkeypatch):
    listed = {0: candidates_of(tiny_lab, tiny_lab.stream.tasks[0]), 1: tiny_lab.snapshot(0).bank}
    monkeypatch.setattr("engine.session.listed.candidates", lambda lab, task: listed[task.id])
    steps = SearchStability(seeds=2).run(tiny_lab, 1)
    with pytest.raises(NotApplicable, match=r"the search of task 2: every text.*in the bank already.*Ask after task 1"):
        next(steps)
    assert len(answer(tiny_lab, Question(tiny_lab.view.id, 0, "search_stability", {"seeds": 2}))["text"])


@pytest.mark.parametrize(
    ("method", "settings", "said"),
    [("ncm", {}, "learns no concepts"), ("clg_cbm", {"search": "none"}, "keeps all candidates")],
)
def test_without_a_search_it_says_why(method, settings, said):
    run = SimpleNamespace(config=SimpleNamespace(method=method, settings=settings))
    assert said in SearchStability().why_not(run)
