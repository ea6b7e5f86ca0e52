"""What was done to the concepts of one image, in the address of the page; undone and redone in the session.

A link names run and image by a mark before the acts: those of another image mean nothing here and are dropped.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import streamlit as st

from engine.errors import BadInput
from engine.interventions.acts import Act, Acts, added, parsed, without, written
from pages.ui import address, notices, picker

SET = "set"
"""Key of the acts in the address."""
_APART = "~"
_HELD = "acts-history"
_MOST = 200
"""Steps that can be undone."""


class Doings:
    """The acts on one image, and the way there.

    Args:
        run, ref: the run and the image (see `engine.session.subjects`).
    """

    def __init__(self, run: str, ref: str) -> None:
        self._mark = f"{zlib.crc32(f'{run} {ref}'.encode()):08x}"
        self._states, self._at = self._held()
        self.acts: Acts = self._arrive()
        address.settle(SET, self._marked(self._states[self._at]))

    @property
    def can_undo(self) -> bool:
        """Whether something can be taken back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return self._at < len(self._states) - 1

    # -- for callbacks -------------------------------------------------------------------------------------------------

    def do(self, *acts: Act) -> None:
        """Act on some concepts."""
        self._go(added(self.acts, *acts))

    def leave(self, *concepts: int) -> None:
        """Leave some concepts as the model sees them."""
        self._go(without(self.acts, concepts))

    def reset(self) -> None:
        """Leave all concepts as the model sees them; this too can be undone."""
        self._go(())

    def undo(self) -> None:
        """One step back."""
        self._move(-1)

    def redo(self) -> None:
        """One step forward again."""
        self._move(1)

    # -- internals -----------------------------------------------------------------------------------------------------

    def _held(self) -> tuple[list[str], int]:
        """The session's steps on this image, written out, and which of them was shown last."""
        held: dict[str, tuple[list[str], int]] = st.session_state.setdefault(_HELD, {})
        return held.get(self._mark, ([""], 0))

    def _arrive(self) -> Acts:
        """The acts that the address shows: the session's last step, or wherever a link or the back button led."""
        mark, _, text = (address.value(SET) or "").partition(_APART)
        try:
            acts = parsed(text) if mark == self._mark else ()
        except BadInput as error:
            notices.panel(notices.of_error(error))
            acts = ()
        states, at = self._states, self._at
        if not acts or text != states[at]:  # else it is what a click wrote, as `written` writes it
            now = written(acts)
            near = [k for k in (at, at - 1, at + 1) if 0 <= k < len(states) and states[k] == now]
            states, at = (states, near[0]) if near else ([*states[: at + 1], now], at + 1)
        self._hold(states, at)
        return acts

    def _hold(self, states: list[str], at: int) -> None:
        self._states, self._at = states, at
        st.session_state[_HELD] = {self._mark: (states, at)}  # of one image only: another starts anew

    def _go(self, acts: Acts) -> None:
        text = written(acts)
        if text == self._states[self._at]:
            return
        picker.keep()
        states = [*self._states[: self._at + 1], text][-_MOST:]
        self._keep(states, len(states) - 1)

    def _move(self, by: int) -> None:
        self._keep(self._states, min(max(self._at + by, 0), len(self._states) - 1))

    def _keep(self, states: list[str], at: int) -> None:
        self._hold(states, at)
        address.choose(SET, self._marked(states[at]))

    def _marked(self, text: str) -> str | None:
        return f"{self._mark}{_APART}{text}" if text else None


def attempted(action: Callable[..., None], *given: object) -> None:
    """Callback: do it, and turn an error into a notice."""
    notices.attempt(lambda: action(*given))
