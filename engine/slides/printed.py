"""A story on paper: its slides as the pages of one PDF, with what was tried on them as slides of their own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.drawing import ink, pages
from engine.drawing.chart import chart
from engine.drawing.table import table
from engine.errors import BadInput, NotApplicable, PlumageError
from engine.exhibits.exhibit import Exhibit, Plates
from engine.exhibits.run.film import FILM
from engine.figures.stage import staged
from engine.files import replacing
from engine.paths import output_file
from engine.paths import told as place_told
from engine.session.facts import RunFacts
from engine.slides import decks, fix
from engine.slides.base import SLIDES, Slide
from engine.slides.defended import twin_of
from engine.slides.fool import after, attacking, target
from engine.slides.live import Cure, Prey
from engine.steps import Step, finish

WIDE, HIGH = 1280.0, 720.0
"""A page, in pixels: the stage for which figures are enlarged (`engine.figures.stage`)."""
_EDGE, _GAP = 44.0, 24.0
_SENTENCE, _SMALL = 40.0, 15.0
"""Letters of the finding, and of what stands below the chart, in pixels."""
_CAPTION = 17.0
_TABLE = 22.0
_MOST_WIDE = 560.0
"""The widest that a single picture becomes."""
_NARROW = 0.92
"""How much narrower letters with serifs run than those that are measured."""
_BEGINS = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Printed:
    """A story that was printed.

    Attributes:
        pages: how many it has.
        lacks: slides that are not in it, each with the reason.
    """

    pages: int
    lacks: tuple[str, ...]


def write(facts: RunFacts, deck: str, path: Path) -> Generator[Step, None, Printed]:
    """Write a story of a run as PDF; yields progress.

    Raises:
        BadInput: there is no such story, or the path cannot be written to.
        NotApplicable: the run has nothing to tell of it.
    """
    check(path)
    names = decks.told(deck, facts)
    if not names:
        reason = decks.why_not(deck, facts) or "it has no slides"
        raise NotApplicable(f"the story {deck!r} of {facts.view.id}", reason, "Choose another story")
    title = f"{decks.deck(deck).title}: {facts.view.name or facts.view.id}"
    lacks = [f"{what}: {why}" for what, why in decks.missing(deck, facts).items()]
    told: list[Slide] = []
    for number, name in enumerate(names):
        yield Step(number, len(names) + 1, SLIDES.title(name))
        try:
            found = slides_of(facts, name)
        except PlumageError as error:
            lacks.append(f"{SLIDES.title(name)}: {error}")
            continue
        told += [slide for slide in found if _why_not(slide) is None]
        lacks += [f"{SLIDES.title(name)}: {why}" for why in map(_why_not, found) if why is not None]
    yield Step(len(names), len(names) + 1, "drawing the pages")
    drawn = [page(slide, title, number, len(told)) for number, slide in enumerate(told, 1)]
    whole = pages.pdf(drawn, title)
    with place_told(path, "the file"), replacing(path) as temporary:
        temporary.write_bytes(whole)
    return Printed(len(drawn), tuple(lacks))


def check(path: Path) -> None:
    """Refuse a path that no PDF can be written to, before any work is done.

    Raises:
        BadInput: nothing can be written there, or it is a file that is no PDF.
    """
    output_file(path, "the file")
    with place_told(path, "the file"):
        if path.exists() and path.read_bytes()[: len(_BEGINS)] != _BEGINS:
            raise BadInput(
                f"the file {path}", "it exists and is no PDF, so it is not overwritten", "Choose another name"
            )


def _why_not(slide: Slide) -> str | None:
    """Why a slide is no page, or None."""
    if slide.exhibit is None:
        return slide.sentence
    return "a film plays on a screen only" if slide.exhibit.kind == FILM else None


def slides_of(facts: RunFacts, name: str) -> list[Slide]:
    """A slide as it is shown first, and as it stands after all that can be tried on it.

    Raises:
        PlumageError: it cannot be made.
    """
    slide = SLIDES.get(name)().make(facts)
    if isinstance(slide.live, Cure):
        return [slide, fix.after(facts, slide.live, len(slide.live.answers))]
    return [slide, _attacked(facts, slide.live)] if slide.live is not None else [slide]


def _attacked(facts: RunFacts, prey: Prey) -> Slide:
    own = prey.run == facts.view.id
    scene = finish(attacking(target(facts if own else twin_of(facts, prey.run), prey.ref)))
    return after(scene, prey, "It" if own else "Its defended twin")


def page(slide: Slide, title: str, number: int, count: int) -> str:
    """One slide as an SVG file of `WIDE` x `HIGH` pixels.

    Args:
        title: of the deck and its run; any text.
        number: of the slide, from 1 to `count`.
    """
    wide = WIDE - 2 * _EDGE
    sentence, below = _paragraph(slide.sentence, _EDGE, 70.0, wide, _SENTENCE, serif=True)
    rows = ink.wrapped(slide.small, _SMALL, wide - 160)
    top, bottom = below + _GAP, HIGH - 40.0 - len(rows) * _SMALL * ink.LINE_HEIGHT
    small, _ = _paragraph(slide.small, _EDGE, bottom + 10, wide - 160, _SMALL)
    head = ink.text(_EDGE, 40.0, ink.plain(title), _SMALL, ink.SOFT)
    foot = ink.text(WIDE - _EDGE, HIGH - 30.0, f"{number} / {count}", _SMALL, ink.SOFT, across=1.0)
    return pages.document(WIDE, HIGH, head + sentence + _body(slide, top, wide, bottom - top) + small + foot)


def _body(slide: Slide, top: float, wide: float, high: float) -> str:
    left, parts = 0.0, []
    if slide.beside is not None:
        side = min(high, 0.36 * wide)
        parts.append(pages.image(slide.beside.src, 0, (high - side) / 2, side))
        left = side + _GAP
    if slide.exhibit is not None:
        parts.append(ink.element("g", _shown(slide.exhibit, wide - left, high), transform=f"translate({left:.1f} 0)"))
    return ink.element("g", "".join(parts), transform=f"translate({_EDGE:g} {top:.1f})")


def _shown(exhibit: Exhibit, wide: float, high: float) -> str:
    """A chart, pictures, or the numbers of what is HTML."""
    if isinstance(exhibit.figure, tuple):
        return _pictures(exhibit.figure, wide, high)
    if exhibit.html is not None:
        return table(exhibit.table() if exhibit.table else {}, wide, high, _TABLE)
    return chart(staged(exhibit.figure), wide, high)


def _pictures(plates: Plates, wide: float, high: float) -> str:
    """Pictures in one row, or in two where there are many, each with its words below."""
    rows = 1 if len(plates) <= 6 else 2
    columns = -(-len(plates) // rows)
    room = (wide - _GAP * (columns - 1)) / columns
    words = _captions(plates, min(room, high / rows - 3 * _CAPTION * ink.LINE_HEIGHT, _MOST_WIDE))
    side = min(room, high / rows - words - 8, _MOST_WIDE)
    left = (wide - columns * side - (columns - 1) * _GAP) / 2
    told = []
    for n, plate in enumerate(plates):
        x, y = left + n % columns * (side + _GAP), n // columns * (side + words + 8)
        told.append(pages.image(plate.src, x, y, side))
        title, below = _paragraph(plate.title, x, y + side + 4, side, _CAPTION, bold=True)
        told += [title, _paragraph(plate.note, x, below, side, _CAPTION)[0]]
    return "".join(told)


def _captions(plates: Plates, wide: float) -> float:
    """How high the words below pictures of a width become."""
    lines = [
        len(ink.wrapped(one.title, _CAPTION, wide, bold=True)) + len(ink.wrapped(one.note, _CAPTION, wide))
        for one in plates
    ]
    return (max(lines) + 0.5) * _CAPTION * ink.LINE_HEIGHT


def _paragraph(
    words: str, x: float, top: float, wide: float, size: float, *, serif: bool = False, bold: bool = False
) -> tuple[str, float]:
    """Words in as many lines as they need, and where these end."""
    rows: Sequence[str] = ink.wrapped(words, size, wide / (_NARROW if serif else 1.0), bold=serif or bold)
    step = size * ink.LINE_HEIGHT
    font = ink.SERIF if serif else ink.FONT
    told = [
        ink.text(x, top + (row + 0.5) * step, ink.plain(one), size, font=font, bold=serif or bold)
        for row, one in enumerate(rows)
    ]
    return "".join(told), top + len(rows) * step
