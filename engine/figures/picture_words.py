"""Words with their weights: of a picture as bars, of classes as lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from engine.array_types import Floats
from engine.escaping import html as escape
from engine.figures.bars import HtmlFigure, bar
from engine.figures.tables import Table, cell

Result = Mapping[str, npt.NDArray[Any]]


def word_bars(words: Sequence[str], weights: Floats, others: int, rest: float) -> HtmlFigure:
    """One bar a word, the heaviest first, and a line for the others.

    Args:
        weights: above 0, aligned with the words.
        others, rest: how many words more there are, and their weights together.
    """
    longest = max(float(weights[0]), 1e-9) if len(weights) else 1.0
    rows = "".join(_bar(word, float(w), float(w) / longest) for word, w in zip(words, weights, strict=True))
    if others:
        rows += (
            f"<tr><th scope='row'>{others} other{'s' if others > 1 else ''} together</th>"
            f"<td><span><span></span><small>{rest:.2f}</small></span></td></tr>"
        )
    return HtmlFigure(f"<table class='pl-words'>{rows}</table>")


def class_words(result: Result, which: Sequence[int], names: Sequence[str], both: bool) -> HtmlFigure:
    """One row a class with its words.

    Args:
        result: of the analysis `words`.
        which: classes, by position.
        both: show the words of then beside those of now.
    """
    heads = ("Class", "When it was learnt", "Now") if both else ("Class", "Its words")
    rows = "".join(
        f"<tr><th scope='row'>{escape(names[c])}</th>"
        + "".join(f"<td>{_list(result, name, c)}</td>" for name in (("then", "now") if both else ("now",)))
        + "</tr>"
        for c in which
    )
    head = "".join(f"<th scope='col'>{one}</th>" for one in heads)
    kind = "pl-words" if both else "pl-words pl-named"
    return HtmlFigure(f"<table class='{kind}'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def class_words_table(result: Result, names: Sequence[str], tasks: Sequence[int]) -> Table:
    """Every class: its task, its words then and now, and how much they say."""
    return {
        "class": list(names),
        "task": [task + 1 for task in tasks],
        "words when learnt": [_plain(result, "then", c) for c in range(len(names))],
        "words now": [_plain(result, "now", c) for c in range(len(names))],
        "words in all": result["count"].tolist(),
        "likeness": [cell(value) for value in result["alike"]],
        "cosine of words": [cell(value) for value in result["cosine"]],
        "cosine of the mean picture": [cell(value) for value in result["alone"]],
    }


def pairs(result: Result, name: str, position: int) -> list[tuple[str, float]]:
    """A class's words and their weights, the heaviest first; `name` is `then` or `now`."""
    rows = zip(result[name][position].tolist(), result[f"{name}_weight"][position].tolist(), strict=True)
    return [(str(result["words"][word]), weight) for word, weight in rows if word >= 0]


def _bar(word: str, weight: float, share: float) -> str:
    return f"<tr><th scope='row'>{escape(word)}</th><td><span>{bar(share)}<small>{weight:.2f}</small></span></td></tr>"


def _list(result: Result, name: str, position: int) -> str:
    return ", ".join(f"{escape(word)} <small>{weight:.2f}</small>" for word, weight in pairs(result, name, position))


def _plain(result: Result, name: str, position: int) -> str:
    return ", ".join(f"{word} {weight:.2f}" for word, weight in pairs(result, name, position))
