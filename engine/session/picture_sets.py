"""Which pictures are meant where many are shown at once, named by a text short enough for an address. No torch here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import BadInput

_NUMBERS = {"all": 0, "class": 1, "task": 1, "cell": 2, "tasks": 2, "selection": 1}
_NAME = re.compile(r"([a-z]{1,16})((?:-[0-9]{1,9}){0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Which pictures are meant.

    Attributes:
        kind: `all`; `class` and `task`, what they are of; `cell` and `tasks`, what they are of and what they are taken
            for; `selection`, one that was saved.
        ids: dataset indices of classes, tasks from 0, or a selection's number.
    """

    kind: str
    ids: tuple[int, ...] = ()

    def __str__(self) -> str:
        """As an address has it: `all`, `class-12`, `cell-12-7`, `tasks-0-3`, `selection-5`."""
        return "-".join([self.kind, *map(str, self.ids)])

    @classmethod
    def parse(cls, text: str) -> PictureSet:
        """Read what an address has.

        Raises:
            BadInput: it is nothing that Plumage writes.
        """
        found = _NAME.fullmatch(text)
        ids = tuple(int(number) for number in found[2].split("-")[1:]) if found else ()
        if found is None or _NUMBERS.get(found[1]) != len(ids):
            known = "pictures are named all, class-N, task-N, cell-N-N, tasks-N-N or selection-N"
            raise BadInput(f"pictures {text[:60]!r}", known, "Choose them on the page Tasks")
        return cls(found[1], ids)
