"""Concepts: the one with most to tell, the weights, the class that lost most, the control, and the map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.backbone.presets import taught_parts
from engine.data.streams import TRAIN
from engine.errors import NotApplicable
from engine.exhibits.concepts import atlas as maps
from engine.exhibits.concepts import (
    beside,
    control,
    embedding,
    evidence,
    exemplars,
    film,
    listing,
    nearby,
    search,
    story,
    timeline,
)
from engine.exhibits.concepts import weights as grids
from engine.exhibits.concepts.atlas import Atlas
from engine.exhibits.concepts.judged import by_marks, through
from engine.exhibits.concepts.weights import Shown as Wanted
from engine.exhibits.exhibit import Kind
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.subjects import telling
from engine.exhibits.tasks.classes import fallen
from engine.explain.wording import definition
from engine.report.beside_concepts import OF_CONCEPTS, of_concepts, words_of_classes
from engine.report.chapters.base import Gap, Shown
from engine.session import model_arrays
from engine.session.contenders import best_black_box
from engine.session.facts import RunFacts
from engine.store.reader import ConceptMetrics

TITLE = "Concepts: what it sees, and what it makes of that"
PLACE = 30

_BROKEN = "of all concepts the one that a task broke worst, those that never recovered before others"
_TURNED = "no concept was broken, so the one that turned furthest"
_LOST = "The class is the one that has lost most since its best"
_PICTURED, _LOOKED_AT, _REELS = 12, 2, 2
"""Concepts in the overview; concepts looked at closely besides the telling one; images in the film."""
_OF_CONCEPTS: tuple[Kind, ...] = (
    exemplars.CONCEPTS,
    exemplars.IMAGES,
    timeline.VALUES,
    timeline.TURNS,
    timeline.WEIGHTS,
    film.FILM,
    grids.GRID,
    evidence.DEFINITION,
    evidence.EVIDENCE,
    *OF_CONCEPTS,
    control.CONTROL,
    beside.SPARSE,
    beside.LEAKAGE,
    beside.RELATIONS,
    search.KINDS,
    search.STABILITY,
)


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Concepts page, and what is missing."""
    known = _known(facts)
    if known:
        chosen = story.telling(known, facts.view.splits[0])
        yield from _timeline(facts, known, chosen)
        yield from _control(facts)
        yield from _beside(facts, known)
        yield from _search(facts)
        yield from _weights(facts, chosen)
        yield from _pictures(facts, known, chosen)
        yield from _film(facts, known, chosen)
        yield from _class(facts)
        yield from of_concepts(facts, known[-1])
    else:
        why = "the rows of this method's model are whole classes, not concepts"
        yield Gap(_OF_CONCEPTS, why, "Train a method with a concept bottleneck on the same data, for example CLG-CBM")
    yield words_of_classes(facts)
    yield from _map(facts)


def _known(facts: RunFacts) -> list[ConceptMetrics]:
    """The concepts after every task up to the report's; empty where the method has none."""
    found = [facts.view.concept_metrics(task) for task in range(facts.moment + 1)]
    return [one for one in found if one is not None]


# -- one concept -------------------------------------------------------------------------------------------------------


def _timeline(facts: RunFacts, known: list[ConceptMetrics], chosen: int) -> Iterator[Shown]:
    view, moment = facts.view, facts.moment
    judged = through(facts.lab, moment + 1)
    for split in view.splits:
        found = story.read(known, view.class_names, chosen, split, judged)
        if found.judged:
            exhibit = timeline.values(found, moment, split)
            rule = _BROKEN if found.broke else _TURNED
            caption = f"{exhibit.caption}. Shown is {rule}" if split == view.splits[0] else exhibit.caption
            yield replace(exhibit, headline=story.headline(found), caption=caption, variant=split)
        elif split == view.splits[0]:
            yield Gap((timeline.VALUES,), "nobody knows the truth of this concept on these images")
    found = story.read(known, view.class_names, chosen, view.splits[0])
    yield timeline.turns(
        story.turned(found, [model_arrays.row(facts.store, view.id, t, chosen) for t in range(moment + 1)]), moment
    )
    names = [view.class_names[i] for i in view.class_ids_seen(moment)]
    heads = [model_arrays.head(facts.store, view.id, t) for t in range(moment + 1)]
    weights = timeline.weights(found, heads, names, moment)
    yield weights or Gap((timeline.WEIGHTS,), f"no class has ever given “{found.text}” a weight")


def _pictures(facts: RunFacts, known: list[ConceptMetrics], chosen: int) -> Iterator[Shown]:
    """The concepts in pictures; without the analysis the images are plain."""
    view, moment, dataset = facts.view, facts.moment, facts.lab.dataset
    head = model_arrays.head(facts.store, view.id, moment)
    classes = [view.class_names[i] for i in view.class_ids_seen(moment)]
    judged = by_marks(facts.lab, moment)
    found = listing.listing(known, view.splits[0], head, classes, view.class_names, judged)
    most = listing.ordered(found, range(len(found)), "used")[:_PICTURED]
    result = facts.result(exemplars.ANALYSIS)
    if result is not None:
        yield exemplars.overview(found, moment, {k: exemplars.hottest(result, k, dataset) for k in most})
        for concept in [chosen, *(k for k in most if k != chosen)][: 1 + _LOOKED_AT]:
            yield exemplars.images(found, concept, result, dataset)
        return
    rows = [film.strongest(facts.lab, k, moment + 1, 1)[0] for k in most]
    yield exemplars.overview(found, moment, dict(zip(most, drawing(dataset)(film.SPLIT, rows), strict=True)))
    why = "the strongest images of the concepts have not been looked for"
    yield Gap((exemplars.IMAGES,), why, "Open Browse on the Concepts page", exemplars.ANALYSIS, {})


def _film(facts: RunFacts, known: list[ConceptMetrics], chosen: int) -> Iterator[Shown]:
    lab, done = facts.lab, facts.moment + 1
    found = story.read(known, facts.view.class_names, chosen, facts.view.splits[0])
    rows = film.strongest(lab, chosen, done, _REELS)
    try:
        exhibit = film.film(
            found, film.reels(lab, rows, chosen, done), lab.changes_backbone, taught_parts(lab.config.backbone)
        )
    except NotApplicable as error:  # a backbone without patch tokens
        yield Gap((film.FILM,), error.allowed)
        return
    caption = f"{exhibit.caption}. The {len(rows)} test images on which it scores highest"
    if found.broke is not None:
        kept = film.kept_auc(lab, chosen, facts.view.splits[0], found.broke.task)
        caption += f". {film.why(found.broke, kept, lab.changes_backbone).removesuffix('.')}"
    yield replace(exhibit, caption=caption)


def _control(facts: RunFacts) -> Iterator[Shown]:
    last = facts.view.tasks_done - 1
    result = facts.result(control.ANALYSIS, task=last) or facts.result(control.ANALYSIS)
    if result is None:
        why = "the same method has not been trained on random words in place of the concepts"
        yield Gap((control.CONTROL,), why, "Open the Concepts page", control.ANALYSIS, {})
        return
    for split in result["splits"].tolist():
        for measure in control.DRAWN:
            found = control.control(result, measure, split, facts.moment)
            yield replace(found, variant=f"{found.variant}-{split}")


def _beside(facts: RunFacts, known: list[ConceptMetrics]) -> Iterator[Shown]:
    """What stands beside every bottleneck."""
    view = facts.view
    judged = beside.judged(known[-1])
    for made, analysis in beside.ANALYSES.items():
        result = facts.result(analysis) if made != beside.LEAKAGE.name or judged else None
        if made == beside.LEAKAGE.name and not judged:
            yield Gap((beside.LEAKAGE,), "nobody knows which concepts are true of these images")
        elif result is None:
            why = "it was not computed, because it takes a while"
            yield Gap((beside.kind_of(made),), why, "Open the Concepts page", analysis, {})
        elif made == beside.RELATIONS.name:
            yield from (beside.relations(result, of) for of in beside.RELATION)
        elif made == beside.LEAKAGE.name:
            yield from (beside.leakage(result, split) for split in view.splits)
        else:
            for split in view.splits:
                yield beside.sparse(result, split, best_black_box(facts.store, view, split))


def _search(facts: RunFacts) -> Iterator[Shown]:
    last = facts.view.tasks_done - 1
    result = facts.result(search.ANALYSIS, task=last) or facts.result(search.ANALYSIS)
    if result is None:
        why = "the search for concepts has not been repeated with other seeds"
        ask = "Open “How steady is the choice of concepts?” on the Concepts page"
        yield Gap((search.KINDS, search.STABILITY), why, ask, search.ANALYSIS, {})
        return
    yield search.kinds(result, facts.moment)
    yield search.stability(result, facts.moment)


# -- weights -----------------------------------------------------------------------------------------------------------


def _weights(facts: RunFacts, chosen: int) -> Iterator[Shown]:
    """The weights now, and what the last task changed."""
    view, moment = facts.view, facts.moment
    last = view.concept_metrics(view.tasks_done - 1)
    if last is None:
        return
    for against in (None, moment - 1) if moment else (None,):
        heads = grids.read(view, last, lambda task: model_arrays.head(facts.store, view.id, task), moment, against)
        rows, columns = grids.chosen(heads, Wanted(concept=chosen))
        yield replace(grids.grid(heads, rows, columns), variant="" if against is None else "change")


def _class(facts: RunFacts) -> Iterator[Shown]:
    """The class that lost most: what sets it apart, and the images behind its largest weight."""
    lab, view, moment = facts.lab, facts.view, facts.moment
    class_id = fallen(view, view.splits[0], moment)
    snapshot, draw = lab.snapshot(moment), drawing(lab.dataset)
    position = snapshot.class_ids.index(class_id)
    pictures = draw(TRAIN, samples(lab.dataset, class_id, view.nearest, evidence.EACH))
    said = evidence.definition(view.class_names[class_id], definition(snapshot, position), moment, pictures)
    yield replace(said, caption=f"{said.caption}. {_LOST}")
    concept = int(np.abs(snapshot.head[position].numpy()).argmax())
    behind = evidence.evidence(evidence.behind(lab, moment, position, concept), draw)
    yield replace(behind, caption=f"{behind.caption}. {_LOST}, the concept its largest weight")


# -- the map -----------------------------------------------------------------------------------------------------------


def _map(facts: RunFacts) -> Iterator[Shown]:
    """The map by task and by fate if it was computed; the neighbours of one image anyway."""
    lab, moment = facts.lab, facts.moment
    found = _atlas(facts)
    if found is None:
        why = "the test images have not been laid flat"
        yield Gap((embedding.MAP,), why, "Open Map on the Concepts page", maps.ANALYSIS, {})
    else:
        scene, share = maps.scene(lab, found, moment), maps.cohesion(lab, found)
        for colour in ("task", "right"):
            exhibit = embedding.embedding_map(lab, found, scene, moment, embedding.MapLook(colour), share)
            caption = f"{exhibit.caption}. {embedding.caveat(found).removesuffix('.')}"
            yield replace(exhibit, caption=caption, variant=colour)
    every, image = maps.unplaced(lab, moment), telling(lab, moment, maps.SPLIT)
    point = embedding.refs(every, range(len(every.rows))).index(image.ref)
    exhibit = nearby.nearby(lab, every, point, drawing(lab.dataset))
    yield replace(exhibit, caption=f"{exhibit.caption}. The image is {image.rule}")


def _atlas(facts: RunFacts) -> Atlas | None:
    """The stored map with most tasks: a UMAP, else a PCA."""
    for settings in (maps.UMAP, {}):
        for task in range(facts.view.tasks_done - 1, facts.moment - 1, -1):
            result = facts.result(maps.ANALYSIS, settings, task)
            if result is not None:
                return maps.atlas(facts.lab, task, result)
    return None
