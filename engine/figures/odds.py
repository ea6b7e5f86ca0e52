"""How probable the likeliest classes of one picture are, before and after something was done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.array_types import Floats
from engine.escaping import html as escape
from engine.figures.bars import HtmlFigure, bar
from engine.metrics.wording import certainty

BEFORE, NOW, ATTACKED = "before", "now", "attacked"
"""What the bars of one side are called, which is also their class in the style sheet."""
TRUE, ANSWER, WANTED = "true", "answer", "wanted"
"""What a class may be marked as."""
_BEST = 4
"""Classes shown of each side."""


def listed(before: Floats, after: Floats | None = None, also: Sequence[int | None] = ()) -> list[int]:
    """Positions of the best classes of either side and of some more, the likeliest on either side first.

    Args:
        before, after: probabilities, [C] each.
        also: positions that are shown in any case; None is left out.
    """
    sides = np.stack([before] if after is None else [before, after])
    best = {int(c) for side in sides for c in np.argsort(-side, kind="stable")[:_BEST]}
    return sorted(best | {c for c in also if c is not None}, key=lambda c: (-sides[:, c].max(), c))


def odds(
    names: Sequence[str],
    before: Floats,
    after: Floats | None = None,
    marked: Mapping[str, int | None] | None = None,
    then: str = NOW,
) -> HtmlFigure:
    """One row a class with a bar for each side: blue and full before, hatched after.

    Args:
        names: of all classes, [C].
        before, after: their probabilities, [C] each; without `after` there is one bar a class.
        marked: by the word, the class that is marked with it; shown in any case, None where there is none.
        then: what the second side is called, `NOW` or `ATTACKED`.
    """
    known = {word: c for word, c in (marked or {}).items() if c is not None}
    sides = {BEFORE: before} if after is None else {BEFORE: before, then: after}
    rows = "".join(
        f"<tr><th scope='row'>{escape(names[c])}{''.join(f'<em>{word}</em>' for word, at in known.items() if at == c)}"
        f"</th><td>{''.join(_side(float(shares[c]), said, len(sides) > 1) for said, shares in sides.items())}</td></tr>"
        for c in listed(before, after, list(known.values()))
    )
    key = "".join(f"<span><i class='pl-{said}'></i>{said}</span>" for said in sides)
    return HtmlFigure(
        f"<table class='pl-odds'>{f'<caption>{key}</caption>' if after is not None else ''}{rows}</table>"
    )


def _side(share: float, said: str, told: bool) -> str:
    """One bar and its number; `told` names the side for those who do not see its colour."""
    name = f"<span class='pl-unseen'>{said} </span>" if told else ""
    return f"<span>{bar(share, f'pl-{said}')}<small>{name}{certainty(share)}</small></span>"
