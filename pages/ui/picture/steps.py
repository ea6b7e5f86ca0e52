"""The changes made to one bird, one step each: undone, redone, taken back, and kept in the address of the page.

The address names the bird as it was and as it is now, so that a link shows both again. The way there is kept in the
session only; a reader who came by a link gets one step for each attribute that differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.bird import Bird
from engine.errors import BadInput
from engine.exhibits.naming import Codes, differing
from pages.ui import address, notices

EDIT = "edit"
"""Key of the changed bird in the address: its 13 codes joined by full stops, a colon, and the bird's seed, so that the
changes of one bird are never taken for those of another."""
_HELD = "bird-steps"


@dataclass(frozen=True, slots=True)
class Steps:
    """What was done to a bird.

    Attributes:
        ref: the bird as it was (see `engine.session.subjects`).
        seed: of its drawing.
        states: its codes as they were and after each step.
        at: the state that is shown; later ones can be redone.
    """

    ref: str
    seed: int
    states: tuple[Codes, ...]
    at: int = 0

    @property
    def original(self) -> Bird:
        """The bird as it was."""
        return Bird(self.states[0], self.seed)

    @property
    def bird(self) -> Bird:
        """The bird as it is now."""
        return Bird(self.states[self.at], self.seed)

    @property
    def changed(self) -> tuple[int, ...]:
        """The attributes in which the two differ, the one changed last coming last."""
        return tuple(sorted(differing(self.states[0], self.states[self.at]), key=self._last_touched))

    def reaching(self, codes: Codes) -> Steps:
        """One step further, to `codes`; what could be redone is gone."""
        if codes == self.states[self.at]:
            return self
        return replace(self, states=(*self.states[: self.at + 1], codes), at=self.at + 1)

    def set(self, attribute: str, value: str) -> Steps:
        """One attribute changed."""
        codes, index = list(self.states[self.at]), INDEX[attribute]
        codes[index] = ATTRIBUTES[index].values.index(value)
        return self.reaching(tuple(codes))

    def undo(self) -> Steps:
        """One step back."""
        return replace(self, at=max(self.at - 1, 0))

    def redo(self) -> Steps:
        """One step forward again."""
        return replace(self, at=min(self.at + 1, len(self.states) - 1))

    def reset(self) -> Steps:
        """Back to the bird as it was; this is a step too, and can be undone."""
        return self.reaching(self.states[0])

    def arriving(self, codes: Codes) -> Steps:
        """The steps of somebody who came by a link, or by the browser's back button, to `codes`."""
        if codes in self.states:
            return replace(self, at=len(self.states) - 1 - self.states[::-1].index(codes))
        steps = replace(self, states=self.states[:1], at=0)
        for index in differing(self.states[0], codes):
            here = steps.states[steps.at]
            steps = steps.reaching((*here[:index], codes[index], *here[index + 1 :]))
        return steps

    def _last_touched(self, index: int) -> int:
        return max((k for k in range(1, self.at + 1) if self.states[k][index] != self.states[k - 1][index]), default=0)


def current(ref: str, bird: Bird) -> Steps:
    """The steps of the bird `ref`: those of the session, or what the address says."""
    held: Steps | None = st.session_state.get(_HELD)
    steps = held if held and (held.ref, held.states[0]) == (ref, bird.values) else Steps(ref, bird.seed, (bird.values,))
    asked = _asked(bird)
    if asked != steps.states[steps.at]:
        steps = steps.arriving(asked)
    keep(steps)
    address.settle(EDIT, text_of(asked, bird.seed) if asked != bird.values else None)
    return steps


def keep(steps: Steps) -> None:
    """Show these steps from now on; for callbacks."""
    st.session_state[_HELD] = steps
    now = steps.states[steps.at]
    address.choose(EDIT, text_of(now, steps.seed) if now != steps.states[0] else None)


def held() -> Steps | None:
    """The steps shown last; for callbacks."""
    found: Steps | None = st.session_state.get(_HELD)
    return found


def text_of(codes: Codes, seed: int) -> str:
    """A changed bird as it stands in the address."""
    return f"{'.'.join(map(str, codes))}:{seed}"


def _asked(bird: Bird) -> Codes:
    """What the address says this bird looks like now; changes of another bird say nothing."""
    text = address.value(EDIT)
    if text is None:
        return bird.values
    codes, _, seed = text.partition(":")
    try:
        asked = Bird(tuple(int(code) for code in codes.split(".")), int(seed))
    except (ValueError, BadInput):
        address.choose(EDIT, None)
        notices.panel(
            notices.Notice("The link's changes", "they are not as Plumage writes them", "Here is the bird as it was")
        )
        return bird.values
    return asked.values if asked.seed == bird.seed else bird.values
