"""Pictures that a draft leaves out: a list in the home that the draft names, so that its undo brings the last back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import streamlit as st

from engine.data.images import ImageFile
from engine.data.left_out import keep_list, listed_among, read_list
from engine.health.found import Health
from engine.home import left_out_folder
from pages.ui import notices
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.looking import LEAVE_OUT
from pages.ui.bring.opening import Opening


class Leaving:
    """What is left out of some data, and ways to change that.

    Args:
        opening: of all of the data.
        health: what was found in them; pictures are named by their places in it.
    """

    def __init__(self, draft: OpenDraft, opening: Opening, health: Health) -> None:
        self._draft, self._opening = draft, opening
        self._files: list[ImageFile] = list(health.pictures.files)
        path = str(draft.value(LEAVE_OUT) or "")
        self.out = frozenset(listed_among(self._files, read_list(path)) if path and self._files else ())
        """Places of the pictures that are left out now."""

    @property
    def possible(self) -> bool:
        """Whether the pictures are files, which alone can be left out."""
        return bool(self._files)

    def button(self, place: int, name: str) -> None:
        """A button that leaves one picture out, or puts it back.

        Args:
            name: tells it from other buttons on the page.
        """
        if not self.possible:
            return
        out = place in self.out
        words, icon = ("Put back", ":material/undo:") if out else ("Leave out", ":material/block:")
        act = self.put_back if out else self.leave
        st.button(words, key=f"bring-leave-{name}-{place}", icon=icon, type="tertiary", on_click=act, args=((place,),))

    def leave(self, places: Iterable[int]) -> None:
        """Leave pictures out. For callbacks."""
        notices.attempt(lambda: self._write(self.out | set(places)))

    def put_back(self, places: Iterable[int]) -> None:
        """Put pictures back. For callbacks."""
        notices.attempt(lambda: self._write(self.out - set(places)))

    def _write(self, places: Collection[int]) -> None:
        files = [self._files[place] for place in sorted(places)]
        if not files:
            self._draft.set(**{LEAVE_OUT: ""})
            return
        path = keep_list(left_out_folder(self._draft.store.home), files)
        self._opening.left(read_list(str(path)))  # refused here where a class would have too few left
        self._draft.set(**{LEAVE_OUT: str(path)})
