"""What stands beside every bottleneck: accuracy with few concepts, what leaks, and relations that tasks destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Kind, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.beside import kinds_of_input, relation_lines, sparse_lines
from engine.figures.look import percent
from engine.figures.random_words import gap_in_words
from engine.figures.tables import Table, cell, matrix_table
from engine.metrics.wording import points as worded
from engine.store.reader import ConceptMetrics

Arrays = Mapping[str, npt.NDArray[Any]]

SPARSE = kind(
    "sparse-accuracy",
    "concepts",
    Lesson(
        what="How many test images are right when a class may rest on 5, 10, up to 30 concepts: with the run's own "
        "head, of which each class keeps its strongest, and with a sparse head fitted anew on the images of all tasks. "
        "Grey: the same of as many random words. Across: the best black box on the same "
        "data, chosen by validation images.",
        why="With hundreds of concepts any bank is accurate, and nobody can read the answer. What counts is the "
        "accuracy with as many concepts as somebody can look through.",
        reading="Look at 5 and 10. The gap between the two coloured lines is what learning task by task cost the head; "
        "the gap to grey is what the meaning of the concepts buys.",
        caveats="The refitted head sees all tasks at once, which no continual learner may. Its concepts a class are a "
        "mean: a hard class may use more.",
    ),
    ("accuracy_at_nec_5", "anec", "random_words"),
)
LEAKAGE = kind(
    "leakage",
    "concepts",
    Lesson(
        what="The same kind of head, fitted on the concept scores, on whether each concept is called present, and on "
        "the truth; and how many test images each gets right.",
        why="A score is a number and may carry more than its concept. Then the model answers from what nobody can read "
        "off its explanation.",
        reading="Scores above the truth: the class leaks through the scores. Scores above present and absent: the "
        "shades matter, so an explanation in yes and no leaves something out.",
        caveats="Where true concepts alone determine the class, as in the Aviary, nothing can be beyond them, and only "
        "the second comparison tells. Concepts of which nobody knows the truth take no part.",
    ),
    ("leakage",),
)
RELATIONS = kind(
    "concept-relations",
    "concepts",
    Lesson(
        what="What later tasks did to the relation of concepts and classes. First: how well the concepts that there "
        "were after a task still tell its classes apart by a straight line, whatever the head makes of them. Second: "
        "how alike the weights of its classes are to those that they had then.",
        why="A class can keep its accuracy and rest on other concepts than before, and concepts can stop telling "
        "classes apart without their own accuracy falling. Neither shows in forgetting.",
        reading="Lines that stay at their start: nothing was destroyed. The first falling: the concepts were changed. "
        "The second falling alone: the head was, and explanations of old classes changed with it.",
        caveats="More classes to choose among are no reason here: a line is about the classes of its own moment. The "
        "paper that asked the question measures it otherwise, so numbers are not to be compared with its tables.",
    ),
    ("relation_kept", "weights_kept"),
)
_KINDS = {made.name: made for made in (SPARSE, LEAKAGE, RELATIONS)}
ANALYSES: Mapping[str, str] = MappingProxyType(
    dict(zip(_KINDS, ("sparse_accuracy", "leakage", "concept_relations"), strict=True))
)
"""Which analysis answers what is drawn, by kind."""
RELATION = {"linear": "accuracy of a straight line on its scores", "kept": "likeness of its weights"}
"""What is drawn of relations: arrays of the answer, and their words."""
_INPUTS = ("scores", "called present or absent", "truth")
_TASKS_OF = "the classes and concepts of each task"


def kind_of(name: str) -> Kind:
    """The kind of a name of `ANALYSES`."""
    return _KINDS[name]


def judged(concepts: ConceptMetrics) -> bool:
    """Whether anybody knows which concepts are true, so that leakage can be told."""
    return any(bool(np.isfinite(auc).any()) for auc in concepts.auc.values())


def sparse(result: Arrays, split: str, best: tuple[str, float] | None) -> Exhibit:
    """Accuracy over concepts a class.

    Args:
        result: of the analysis `sparse_accuracy`.
        best: the best black box on the same data: title and accuracy; None where none was trained.
    """
    s = result["splits"].tolist().index(split)
    lines = [("head refitted", result["refitted"][:, s]), ("own head pruned", result["pruned"][:, s])]
    if len(result["random_refitted"]):
        lines.append(("random words, refitted", result["random_refitted"][:, :, s].mean(0)))
        lines.append(("random words, pruned", result["random_pruned"][:, :, s].mean(0)))
    levels = result["levels"]
    own, pruned = (float(values.mean()) for _, values in lines[:2])
    told = (
        f"With 5 to 30 concepts a class {percent(own, 1)} are right on average, {percent(pruned, 1)} with its own head"
    )
    return Exhibit(
        SPARSE,
        told + _random(result, s),
        f"Accuracy over concepts a class, {SPLITS.get(split, split).lower()}",
        sparse_lines(levels, lines, best),
        lambda: {"concepts a class": levels.tolist()} | {name: [cell(v) for v in values] for name, values in lines},
        split,
    )


def _random(result: Arrays, s: int) -> str:
    """What concepts buy at the fewest."""
    if "gain" not in result:
        return ""
    value, low, high = result["gain"][0, s].tolist()
    if low <= 0 <= high:
        return "; random words are as good at 5"
    return f"; at 5, {worded(abs(value), 1)} {'more' if value > 0 else 'less'} than random words"


def leakage(result: Arrays, split: str) -> Exhibit:
    """Accuracy of heads on scores, on calls and on the truth."""
    s = result["splits"].tolist().index(split)
    accuracy = result["accuracy"][:, s]
    return Exhibit(
        LEAKAGE,
        _leaks(result["gap"][:, s]),
        f"{int(result['concepts'])} concepts whose truth is known, {SPLITS.get(split, split).lower()}",
        kinds_of_input(_INPUTS, accuracy),
        lambda: _leakage_table(accuracy, result["gap"][:, s]),
        split,
    )


def _leaks(gaps: Floats) -> str:
    beyond_truth, beyond_calls = gaps
    if beyond_truth[1] > 0:
        told = f"Scores tell {worded(float(beyond_truth[0]), 1)} more than the truth of their concepts: the class leaks"
    else:
        told = "Scores tell no more than the truth of their concepts"
    if beyond_calls[1] > 0:
        return f"{told}; {worded(float(beyond_calls[0]), 1)} are in their shades"
    return f"{told}, nor than present and absent" if beyond_truth[1] <= 0 else told


def _leakage_table(accuracy: Floats, gaps: Floats) -> Table:
    said = ["", *(gap_in_words((float(low), float(high))) for _, low, high in gaps[::-1])]
    return {
        "head on": list(_INPUTS),
        "accuracy": [cell(v) for v in accuracy],
        "scores minus it": [None, cell(gaps[1, 0]), cell(gaps[0, 0])],
        "95 % interval": list(said),
    }


def relations(result: Arrays, of: str) -> Exhibit:
    """What later tasks did to one side of the relation (`RELATION`)."""
    matrix = result[of]
    names = [f"task {k + 1}" for k in range(len(matrix))]
    return Exhibit(
        RELATIONS,
        _destroyed(matrix, of),
        f"{RELATION[of][:1].upper()}{RELATION[of][1:]}, {_TASKS_OF}",
        relation_lines(matrix, RELATION[of]),
        lambda: matrix_table(matrix, [f"after {name}" for name in names], names, "moment"),
        of,
    )


def _destroyed(matrix: Floats, of: str) -> str:
    if len(matrix) < 2:
        return "Nothing can be destroyed before the second task"
    lost = np.diag(matrix)[:-1] - matrix[-1, :-1]
    worst = int(np.nanargmax(lost))
    if of == "linear":
        mean = float(np.nanmean(lost))
        if mean < 0.01:
            return "The concepts tell the classes of their time apart as well as ever"
        return f"Concepts tell the classes of their time {worded(mean, 0)} worse; those of task {worst + 1} lost most"
    kept = float(np.nanmean(matrix[-1, :-1]))
    return f"Classes keep {kept:.2f} of the likeness of their weights; those of task {worst + 1} changed most"
