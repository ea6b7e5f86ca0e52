"""Rules about a model in plain words, with bars that say how often they are right about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from engine.analyses.rules import KINDS
from engine.array_types import Bools, Ints
from engine.escaping import html as escape
from engine.figures.bars import HtmlFigure, bar
from engine.figures.tables import Table, cell
from engine.metrics.wording import percent

Result = Mapping[str, npt.NDArray[Any]]
Part = tuple[str, bool]
"""A concept's words, and whether it must be absent."""
VALIDATION = "val"


@dataclass(frozen=True, eq=False, slots=True)
class ToldRules:
    """Rules of one kind, in words, with counts of pictures on each split.

    Attributes:
        splits: validation first, V of them.
        positions: the class of each rule, [R].
        conditions, exceptions: what must hold, and what makes an exception if all of it holds.
        speaks, agrees: pictures that each rule speaks about, and of these those it is right about, [R, V].
        spoken, followed: pictures that any of them speaks about, and that they are right about together, [V].
        images: pictures, [V].
        answers: pictures that the model takes for each class, [C, V].
    """

    splits: tuple[str, ...]
    positions: Ints
    conditions: tuple[tuple[Part, ...], ...]
    exceptions: tuple[tuple[tuple[Part, ...], ...], ...]
    speaks: Ints
    agrees: Ints
    spoken: Ints
    followed: Ints
    images: Ints
    answers: Ints

    def at(self, split: str) -> int:
        """Where a split stands."""
        return self.splits.index(split)

    def fidelity(self, split: str) -> float:
        """How often they are right about the model where one speaks, 0..1; NaN where none does."""
        spoken = self.spoken[self.at(split)]
        return float(self.followed[self.at(split)] / spoken) if spoken else float("nan")

    def coverage(self, split: str) -> float:
        """Share of the pictures about which one speaks, 0..1."""
        return float(self.spoken[self.at(split)] / max(1, self.images[self.at(split)]))


def told_rules(result: Result, kind: str, words: Sequence[str]) -> ToldRules:
    """The rules of a kind.

    Args:
        result: of the analysis `rules`.
        kind: one of `engine.analyses.rules.KINDS`.
        words: of the concepts, [K].
    """
    own, place = result["kind"] == kind, KINDS.index(kind)
    literals, negated = result["literals"][own], result["negated"][own]
    return ToldRules(
        tuple(result["split"].tolist()),
        result["position"][own],
        tuple(_named(row, words, absent) for row, absent in zip(literals, negated, strict=True)),
        tuple(tuple(filter(None, (_named(one, words) for one in row))) for row in result["exceptions"][own]),
        result["speaks"][own],
        result["agrees"][own],
        result["spoken"][place],
        result["followed"][place],
        result["images"],
        result["answers"],
    )


def shown(found: ToldRules, split: str, most: int, position: int | None = None) -> list[int]:
    """Which rules are drawn: those of a class, or those right about most pictures."""
    mine = [r for r, c in enumerate(found.positions.tolist()) if position is None or c == position]
    return sorted(mine, key=lambda r: (-found.agrees[r, found.at(split)], r))[:most]


def sentence(found: ToldRules, rule: int, name: str) -> str:
    """A rule as one sentence, plain text: `If red crown and not long tail, unless spotted breast: cardinal`."""
    return f"{_worded(found, rule, _plain)}: {name}"


def rule_list(found: ToldRules, split: str, which: Sequence[int], names: Sequence[str]) -> HtmlFigure:
    """One row a rule: what it says, how often it is right about the model, and on how many pictures.

    Args:
        which: rules, in the order of drawing.
        names: of the classes, in the order of learning.
    """
    rows = "".join(_row(found, found.at(split), r, names[found.positions[r]]) for r in which)
    return HtmlFigure(
        "<table class='pl-rules'><thead><tr><th scope='col'>Rule</th><th scope='col'>Right about the model</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )


def rule_table(found: ToldRules, names: Sequence[str]) -> Table:
    """Every rule, with its counts on every split."""
    table: Table = {
        "class": [names[c] for c in found.positions],
        "if": [_all(condition, _plain) for condition in found.conditions],
        "unless": [", or ".join(_all(one, _plain) for one in exceptions) for exceptions in found.exceptions],
    }
    for place, split in enumerate(found.splits):
        pairs = list(zip(found.agrees[:, place].tolist(), found.speaks[:, place].tolist(), strict=True))
        table[f"{split}: pictures it speaks about"] = [speaks for _, speaks in pairs]
        table[f"{split}: fidelity"] = [cell(agrees / speaks) if speaks else None for agrees, speaks in pairs]
    return table


def _row(found: ToldRules, place: int, rule: int, name: str) -> str:
    speaks, agrees = int(found.speaks[rule, place]), int(found.agrees[rule, place])
    own = int(found.answers[found.positions[rule], place])
    share = agrees / speaks if speaks else 0.0
    pictures = f"{speaks} picture{'' if speaks == 1 else 's'}"
    said = f"{percent(share)} of {pictures}" if speaks else "speaks about no picture"
    return (
        f"<tr><th scope='row'>{_worded(found, rule, _set_off)} <span>\N{RIGHTWARDS ARROW} {escape(name)}</span></th>"
        f"<td><span>{bar(share)}<small>{said}</small></span><em>{agrees} of the {own} taken for it</em></td></tr>"
    )


def _worded(found: ToldRules, rule: int, word: Callable[[Part], str]) -> str:
    """Condition and exceptions, each part put into words."""
    unless = ", or ".join(_all(one, word) for one in found.exceptions[rule])
    return f"If {_all(found.conditions[rule], word)}{f', unless {unless}' if unless else ''}"


def _all(parts: Sequence[Part], word: Callable[[Part], str]) -> str:
    return " and ".join(map(word, parts))


def _plain(part: Part) -> str:
    text, absent = part
    return f"not {text}" if absent else text


def _set_off(part: Part) -> str:
    """As HTML, the concept set off."""
    text, absent = part
    return f"{'not ' if absent else ''}<b>{escape(text)}</b>"


def _named(row: Ints, words: Sequence[str], absent: Bools | None = None) -> tuple[Part, ...]:
    negated = [False] * len(row) if absent is None else absent.tolist()
    return tuple((words[k], no) for k, no in zip(row.tolist(), negated, strict=True) if k >= 0)
