"""What the Concepts page tells of a model beside its concepts: words, rules, what comes past them, what it expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.exhibits.concepts import expected, past_concepts, rules
from engine.exhibits.concepts import words as in_words
from engine.report.chapters.base import Gap, Shown
from engine.runs.task_backbones import changes_backbone
from engine.session import model_arrays
from engine.session.facts import RunFacts
from engine.store.reader import ConceptMetrics

OF_CONCEPTS = (rules.RULES, past_concepts.SHARE, expected.EXPECTED)
"""What only a model with concepts has."""


def of_concepts(facts: RunFacts, known: ConceptMetrics) -> Iterator[Shown]:
    """Rules, what comes past the concepts, and what the model expects."""
    yield from _rules(facts, known)
    yield from _past_concepts(facts)
    yield from _expected(facts, known)


def words_of_classes(facts: RunFacts) -> Shown:
    """The classes in words, for every method."""
    view, moment, result = facts.view, facts.moment, facts.result(in_words.ANALYSIS)
    if result is None:
        why = "the classes have not been put into words"
        return Gap((in_words.CLASS_WORDS,), why, "Open Words on the Concepts page", in_words.ANALYSIS, {})
    names = [view.class_names[i] for i in view.class_ids_seen(moment)]
    tasks = [task for task, classes in enumerate(view.task_classes[: moment + 1]) for _ in classes]
    return in_words.exhibit(result, names, tasks, changes_backbone(view.config))


def _rules(facts: RunFacts, known: ConceptMetrics) -> Iterator[Shown]:
    """Both kinds of rules on every test split."""
    view, result = facts.view, facts.result(rules.ANALYSIS)
    if result is None:
        why = "the model's answers have not been put into rules"
        yield Gap((rules.RULES,), why, "Open Rules on the Concepts page", rules.ANALYSIS, {})
        return
    names = [view.class_names[i] for i in view.class_ids_seen(facts.moment)]
    for which in rules.TITLES:
        for split in view.splits:
            found = rules.exhibit(result, which, known.text, names, split)
            yield replace(found, variant=f"{which}-{split}")


def _past_concepts(facts: RunFacts) -> Iterator[Shown]:
    """How much of a model's answers comes from a side channel."""
    for split in facts.view.splits:
        past = model_arrays.goes_past_concepts(facts.store, facts.view.id, facts.moment)
        found = past_concepts.exhibit(facts.view, split, facts.moment, past)
        if found is None:
            yield Gap((past_concepts.SHARE,), "this model answers from its concepts alone")
            return
        yield replace(found, variant=split)


def _expected(facts: RunFacts, known: ConceptMetrics) -> Iterator[Shown]:
    """What a model of energies expects."""
    if model_arrays.side_channel(facts.store, facts.view.id, facts.moment) != "energies":
        yield Gap((expected.EXPECTED,), "this model has no energies, so it expects nothing that could be asked for")
        return
    from engine.explain.conditionals import conditionals

    found = conditionals(facts.lab.snapshot(facts.moment), facts.lab.sample("val", facts.moment).features)
    names = [facts.view.class_names[i] for i in facts.view.class_ids_seen(facts.moment)]
    for which in expected.TITLES:
        yield expected.exhibit(found, which, known.text, names)
