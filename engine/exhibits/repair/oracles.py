"""Who answers, what that assumes, and what answering everything is then worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.look import percent
from engine.figures.oracles import OracleMarks, oracle_marks, oracle_table
from engine.figures.scenario import change
from engine.interventions.evidence import LABELLED, LEVELS, NEWEST

if TYPE_CHECKING:
    from engine.jobs.analyses import Result

KNOWS = {
    "picture": "This picture",
    "kind": "The class where it is now",
    "class": "The class in general",
}
"""What a person may know, as a choice on the screen (see `engine.analyses.intervention_setup`)."""
ASSUMES = {
    "picture": "a person who sees the picture",
    "kind": "a person who knows the class and says what it usually shows, and sees the surroundings",
    "class": "a person who knows the class and says what it usually shows, its usual surroundings too, even where the "
    "picture shows another",
}
"""What each takes for granted."""

ORACLES = kind(
    "oracles",
    "repair",
    Lesson(
        what="How many points the model gains when a person answers about every concept of every test picture, by what "
        "the person knows and how often the answers are right.",
        why="Published gains often come from answers that hold for the whole class. Where classes differ in them, such "
        "answers name the class, and the model only has to look it up.",
        reading="The upper rows assume least. Filled marks need no label and no picture of earlier tasks to say what "
        "present and absent mean; open marks do. A mark left of zero means that answers make the model worse.",
        caveats="Every person is simulated. A real one who could name the class would not need the model. Intervals "
        "cover the choice of pictures, not that of the seed with which the run was trained.",
    ),
    ("answers", "levels"),
)


def exhibit(found: Result) -> Exhibit:
    """Every person of the analysis `oracles`."""
    people, marks = _people(found), _marks(found)
    assumed = [ASSUMES[str(found["truth"][q])] for q in _rows(found, NEWEST.name)]
    return Exhibit(
        ORACLES,
        _told(found),
        f"Points of accuracy that all answers gain, with 95 % intervals over the images. Filled: {NEWEST.words}. Open: "
        f"{LABELLED.said}. What their class usually shows tells {int(found['telling'])} of {int(found['classes'])} "
        "classes from all others: who says it names the class",
        oracle_marks(people, marks),
        lambda: oracle_table(people, assumed, marks),
    )


def _told(found: Result) -> str:
    """What the person who assumes least gains, and the one who assumes most, on ordinary images."""
    least, most = (
        _gain(found, truth, evidence) for truth, evidence in (("picture", NEWEST.name), ("class", LABELLED.name))
    )
    return f"Answers about the picture alone: {change(least)}. With the class known and labelled levels: {change(most)}"


def _gain(found: Result, truth: str, evidence: str) -> float:
    """Of a person who is always right, on the first split."""
    mine = (found["truth"] == truth) & (found["levels"] == evidence) & (found["competence"] == 1.0)
    return float(found["after"][int(np.flatnonzero(mine)[0]), 0] - found["before"][0])


def _people(found: Result) -> list[str]:
    """Each person once, in the order of the result."""
    rows = _rows(found, NEWEST.name)
    return [_person(str(found["truth"][q]), float(found["competence"][q])) for q in rows]


def _person(truth: str, competence: float) -> str:
    right = "always right" if competence == 1.0 else f"right {percent(competence)} of the time"
    return f"{KNOWS[truth]}, {right}"


def _rows(found: Result, evidence: str) -> list[int]:
    return [int(q) for q in np.flatnonzero(found["levels"] == evidence)]


def _marks(found: Result) -> list[OracleMarks]:
    """One set of marks for each split and kind of levels."""
    marks = []
    for s, split in enumerate(found["split"].tolist()):
        for name, evidence in LEVELS.items():
            rows = _rows(found, name)
            said = f"{SPLITS.get(split, split)}, {'labels' if evidence.concept_labels else 'no labels'}"
            parts = (found[part][rows, s] for part in ("after", "low", "high"))
            marks.append(OracleMarks(said, s, not evidence.earlier_images, float(found["before"][s]), *parts))
    return marks
