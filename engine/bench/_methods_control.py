"""A method on random words in place of its concepts. Apart from other measures: it trains, and is not to be done again
because something cheap is measured otherwise."""

from __future__ import annotations

import math

from engine.analyses.performing import answer
from engine.jobs.analyses import Question
from engine.session.lab import Lab

_CONTROLS = {"controls": 1, "others": 1}


def beside_random_words(lab: Lab) -> dict[str, float]:
    """What the run's method reaches on one bank of as many random words, and on one of random vectors, in per cent."""
    question = Question(lab.view.id, lab.view.tasks_done - 1, "random_words", _CONTROLS)
    found = answer(lab, question)
    reached = {
        "random_words": 100 * float(found["control"][0, 0, 0, -1]),
        "random_words_anec5": 100 * float(found["control"][1, 0, 0, -1]),
        "random_vectors": 100 * float(found["vectors"][0, 0, 0, -1]),
    }
    return {name: value for name, value in reached.items() if not math.isnan(value)}
