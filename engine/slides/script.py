"""What the speaker says, as one text and as one page to print."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.escaping import html as escape
from engine.slides.base import Slide

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14pt/1.5 Georgia, serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #2a2823; }}
h1 {{ font-size: 1.6em; }} h2 {{ font-size: 1.15em; margin: 1.8em 0 .3em; break-after: avoid; }}
p {{ margin: .4em 0; }} small {{ color: #5d594f; }} section {{ break-inside: avoid; }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""

Told = Sequence[tuple[str, Slide]]
"""Slides with their titles, in order."""
Make = Callable[[str, Told], str]
Later = Callable[[], str]


def text(title: str, told: Told) -> str:
    """All notes as plain text.

    Args:
        title: of the deck and its run; any text.
    """
    parts = [title, "=" * len(title)]
    for number, (name, slide) in enumerate(told, 1):
        parts += ["", f"{number}. {name}", slide.sentence, *(f"  {note}" for note in slide.notes)]
        parts += [f"  ({slide.small})"] if slide.small else []
    return "\n".join(parts) + "\n"


def page(title: str, told: Told) -> str:
    """All notes as one HTML page, for printing."""
    body = "".join(_section(number, name, slide) for number, (name, slide) in enumerate(told, 1))
    return _PAGE.format(title=escape(title), body=body)


def _section(number: int, name: str, slide: Slide) -> str:
    notes = "".join(f"<p>{escape(note)}</p>" for note in slide.notes)
    small = f"<p><small>{escape(slide.small)}</small></p>" if slide.small else ""
    return (
        f"<section><h2>{number}. {escape(name)}</h2><p><strong>{escape(slide.sentence)}</strong></p>{notes}{small}"
        "</section>"
    )
