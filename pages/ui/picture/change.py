"""What would have to be different for another answer, and which classes the picture is most like."""

from __future__ import annotations

from engine.exhibits.missing import Missing
from engine.exhibits.picture import change as exhibits
from engine.exhibits.picture import near
from pages.ui import address, ribbon
from pages.ui.panels import draw, framed, panel
from pages.ui.picture import choices
from pages.ui.picture.case import SharedCase
from pages.ui.thumbs import Thumb, gallery


def flip(case: SharedCase) -> None:
    """The smallest set of concept changes that flips the answer."""
    options = {case.names[c]: case.names[c] for c in case.order if c != case.predicted}
    default = case.names[case.true] if case.right is False and case.true is not None else None
    asked = choices.shown(choices.FLIP, options, default)
    found = exhibits.flip(case, None if asked is None else case.names.index(asked))
    if isinstance(found, Missing):
        with panel(
            exhibits.FLIP.name, found.headline, found.why, terms=exhibits.FLIP.terms, lesson=exhibits.FLIP.lesson
        ):
            _target(options, default)
        return
    with framed(found):
        _target(options, default)
        draw(found, "flip")


def _target(options: dict[str, str], default: str | None) -> None:
    choices.select("So that it becomes", choices.FLIP, options, default, placeholder="any other class")


def prototypes(case: SharedCase) -> None:
    """The classes whose training images this picture is most like."""
    found = near.nearest(case)
    ids = [case.snapshot.class_ids[p.position] for p in found]
    pictured = ribbon.pictures(case.lab.config, tuple(ids), case.lab.view.nearest)
    addresses = [next(iter(pictured.get(c, [])), "") for c in ids]
    thumbs = [
        Thumb(name, src, name, near.note(case, p), "good" if p.position == case.true else "")
        for p, src, name in zip(found, addresses, (case.names[p.position] for p in found), strict=True)
    ]
    with framed(near.exhibit(case, found, addresses)):
        about = address.value(choices.WHY) or case.names[case.predicted]
        gallery(thumbs, "near", lambda name: address.choose(choices.WHY, name), about, width=88)
