"""The classes of some data at a glance: of each some pictures, its name, and bars of how many each split has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.escaping import html as escape
from engine.figures.bars import HtmlFigure, bar
from engine.figures.tables import Table


@dataclass(frozen=True, slots=True)
class ClassCard:
    """A class as it is shown.

    Attributes:
        name: any text.
        counts: its pictures by split, in the order of the splits.
        pictures: of these, as addresses; None is a picture that is not drawn yet.
    """

    name: str
    counts: Sequence[int]
    pictures: Sequence[str | None] = ()


def class_cards(cards: Sequence[ClassCard], splits: Sequence[str], most: int) -> HtmlFigure:
    """Cards side by side.

    Args:
        splits: names of the splits.
        most: pictures of the class that has most; its bar fills the card.
    """
    return HtmlFigure(f"<ul class='bi-classes'>{''.join(_card(card, splits, most) for card in cards)}</ul>")


def counts_table(cards: Sequence[ClassCard], splits: Sequence[str]) -> Table:
    """The same as numbers."""
    table: Table = {"class": [card.name for card in cards]}
    for at, split in enumerate(splits):
        table[split] = [int(card.counts[at]) for card in cards]
    return table


def _card(card: ClassCard, splits: Sequence[str], most: int) -> str:
    drawn = "".join(f"<img src='{escape(one)}' alt=''>" if one else "<span></span>" for one in card.pictures)
    plates = f"<div class='bi-plates'>{drawn}</div>" if card.pictures else ""
    bars = "".join(bar(count / most, f"bi-split-{at}") for at, count in enumerate(card.counts))
    said = ", ".join(f"{count:,} {split}" for count, split in zip(card.counts, splits, strict=True))
    short = " + ".join(f"{count:,}" for count in card.counts)
    return (
        f"<li>{plates}<b title='{escape(card.name)}'>{escape(card.name)}</b><div class='bi-bar'>{bars}</div>"
        f"<span title='{escape(said)}'>{escape(short)}</span></li>"
    )
