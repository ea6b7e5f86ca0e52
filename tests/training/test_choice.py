"""What a run could choose from, told before it is trained, is what its training then finds; progress counts images."""

from engine.data.dataset import ConceptCandidate
from engine.home import cache_folder
from engine.jobs.training import work
from engine.runs.config import preset
from engine.runs.sources import open_dataset
from engine.session.lab import Lab
from engine.session.listed import sifted
from engine.steps import finish
from engine.store.store import RunStore
from engine.training.choice import choice


def test_the_words_of_the_vocabulary_are_those_that_the_run_gets(own_tiny_home, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    config = preset("tiny").changed(
        method="ncm", concepts="vocabulary", vocabulary_size=3, vocabulary_groups="colour,shape", filter_separation=0.1
    )
    steps = []
    found = finish(choice(config, open_dataset(config), cache_folder(own_tiny_home)), steps.append)
    store = RunStore(own_tiny_home)
    run = store.create(config, "words")
    assert work(store, run).status == "finished"
    lab = Lab(store, run)
    kept, removed = [()] * 6, []
    for task in lab.stream.tasks:
        bank, gone = sifted(lab, task)
        removed += gone
        for one in bank.concepts:
            kept[one.class_id] = (*kept[one.class_id], ConceptCandidate(one.text, one.group))
    assert found.kept == tuple(kept) and found.removed == tuple(removed)
    assert {len(own) for own in kept} == {3} and removed and "crimson" in found.unread
    images = sum(len(task.train) for task in lab.stream.tasks)
    assert (steps[-1].done, steps[-1].total) == (images, images)
