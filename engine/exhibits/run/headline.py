"""What just happened in a run that is watched: one sentence for each moment, by declared rules, from what was measured.

The rules are asked in order, and the first two that have something to say make the sentence. None looks at what comes
later, so a headline never changes while the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.figures.film import When, rows_until
from engine.figures.film_changes import weight_changes
from engine.figures.look import percent
from engine.metrics.accuracy import finished
from engine.metrics.wording import WORTH_SAYING, points
from engine.records.events import Watched
from engine.records.watched import AFTER

_CLAUSES = 2
"""Of a headline."""
_PLACE_LOST = 0.5
"""A weight that lost this share of its size lost its place."""
_PLACE_WON = 2.0
"""A weight that grew by this factor won one."""
_LEAST = 0.25
"""A weight below this share of the largest among those that changed had no place to lose, and has none."""
_STIRRED = 0.01
"""A smaller change of the whole head, as a share of its size, is not worth a word."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment and what was before.

    Attributes:
        when: the moment.
        accuracy: the rows of the accuracy matrix that are known then, [t, T].
        before, now: the last beat before, and the beat of this moment, if there are any.
        classes: names in the order of learning.
    """

    when: When
    accuracy: Floats
    before: Watched | None
    now: Watched | None
    classes: Sequence[str]


def headlines(
    accuracy: Floats, when: Sequence[When], beats: Sequence[Watched], classes: Sequence[str]
) -> tuple[str, ...]:
    """A headline for each moment."""
    by_place = {(beat.task, beat.epoch): beat for beat in beats if not str(beat.arrays["trouble"])}
    known, told = finished(accuracy), list[str]()
    before: Watched | None = None
    for place in when:
        now = by_place.get(place)
        told.append(headline(Turn(place, known[: rows_until(place, len(known))], before, now, classes)))
        before = now or before
    return tuple(told)


def headline(turn: Turn) -> str:
    """What happened between the beat before and this moment."""
    found = [clause for rule in RULES if (clause := rule(turn))][:_CLAUSES]
    told = "; ".join(found) or stirred(turn)
    task, epoch = turn.when
    told = told or (f"task {task + 1} is learnt" if epoch == AFTER else "nothing that is watched has changed")
    return told[0].upper() + told[1:]


def cost(turn: Turn) -> str:
    """After a task: the earlier task that lost most by it, or that none lost a point. After the first: how well it is
    known."""
    task, matrix = turn.when[0], turn.accuracy
    if turn.when[1] != AFTER or len(matrix) != task + 1:
        return ""
    if not task:
        return f"task 1 is learnt, and {percent(float(matrix[0, 0]))} right"
    falls = matrix[task - 1, :task] - matrix[task, :task]
    if not np.isfinite(falls).any():
        return ""
    most = int(np.nanargmax(falls))
    if falls[most] < WORTH_SAYING:
        return f"task {task + 1} took nothing from the earlier ones"
    return f"task {task + 1} took {points(float(falls[most]))} from task {most + 1}"


def place_lost(turn: Turn) -> str:
    """The weight that shrank most: it was one of the larger ones, and lost half of its size or turned round."""
    found = weight_changes(turn.before, turn.now)
    largest = max((max(abs(one.before), abs(one.now)) for one in found), default=0.0)
    lost = [
        one
        for one in found
        if abs(one.before) >= _LEAST * largest and one.now * np.sign(one.before) <= _PLACE_LOST * abs(one.before)
    ]
    if not lost:
        return ""
    one = lost[0]
    if one.now * one.before < 0:
        return f"“{one.concept}” now speaks {_way(one.now)} {turn.classes[one.position]}"
    return f"“{one.concept}” lost its place in {turn.classes[one.position]}"


def _way(weight: float) -> str:
    return "for" if weight > 0 else "against"


def mistaken(turn: Turn) -> str:
    """A watched picture that was right and is wrong now, or the other way round, and how many more."""
    fell, rose = _flips(turn, "predicted")
    if fell:
        ref = fell[0]
        label, taken = _of(turn.now, "label", ref), _of(turn.now, "predicted", ref)
        more = f", and {_others(len(fell) - 1)} wrong" if len(fell) > 1 else ""
        return f"a picture of {turn.classes[label]} is taken for {turn.classes[taken]}{more}"
    if rose:
        more = f", and {len(rose) - 1} more" if len(rose) > 1 else ""
        return f"a picture of {turn.classes[_of(turn.now, 'label', rose[0])]} is right again{more}"
    return ""


def _others(count: int) -> str:
    return "another is" if count == 1 else f"{count} others are"


def fooled(turn: Turn) -> str:
    """That the attack fools more of the watched pictures than before, of those attacked both times. Fewer is no news:
    what is wrong already cannot be fooled."""
    if turn.before is None or turn.now is None:
        return ""
    both = [ref for ref in _refs(turn.now) if ref in _refs(turn.before) and _tried(turn, ref)]
    was, now = (sum(_of(beat, "fooled", ref) for ref in both) for beat in (turn.before, turn.now))
    return f"the attack fools {now} of {len(both)} pictures, {was} before" if now > was else ""


def place_won(turn: Turn) -> str:
    """The weight that grew most, where it at least doubled and is one of the larger ones now."""
    found = weight_changes(turn.before, turn.now)
    largest = max((abs(one.now) for one in found), default=0.0)
    won = [
        one
        for one in found
        if abs(one.now) >= max(_LEAST * largest, _PLACE_WON * abs(one.before)) and one.now * one.before >= 0
    ]
    return f"“{won[0].concept}” speaks {_way(won[0].now)} {turn.classes[won[0].position]}" if won else ""


def stirred(turn: Turn) -> str:
    """By how much the whole head changed, where nothing else is to be said."""
    share = float(turn.now.arrays["moved"]) if turn.now is not None else float("nan")
    return f"the head changed by {percent(share)} of its size" if share >= _STIRRED else ""


RULES: tuple[Callable[[Turn], str], ...] = (cost, place_lost, mistaken, fooled, place_won)
"""In the order in which they are asked; each gives a clause without its capital, or nothing."""


def _refs(beat: Watched | None) -> list[str]:
    found: list[str] = beat.arrays["probe"].tolist() if beat is not None else []
    return found


def _of(beat: Watched | None, name: str, ref: str) -> int:
    """A number of a probe at a beat that has it."""
    assert beat is not None
    return int(beat.arrays[name][_refs(beat).index(ref)])


def _tried(turn: Turn, ref: str) -> bool:
    return all(_of(beat, "attacked", ref) >= 0 for beat in (turn.before, turn.now))


def _flips(turn: Turn, name: str) -> tuple[list[str], list[str]]:
    """Probes whose class is known and that were right at the beat before and are wrong now; and the other way round."""
    fell, rose = list[str](), list[str]()
    for ref in _refs(turn.now):
        if ref not in _refs(turn.before) or min(_of(b, n, ref) for b, n in _judged(turn, name)) < 0:
            continue
        was, now = (_of(beat, name, ref) == _of(beat, "label", ref) for beat in (turn.before, turn.now))
        (fell if was and not now else rose if now and not was else []).append(ref)
    return fell, rose


def _judged(turn: Turn, name: str) -> list[tuple[Watched | None, str]]:
    return [(beat, one) for beat in (turn.before, turn.now) for one in (name, "label")]
