"""How far pieces of work on a cluster are, as their nodes tell an actor, and the machine that asks hears."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

Far = Mapping[str, tuple[str, int, int]]
"""By piece: the node, how much of it is done, and how much there is."""


class Progress:
    """An actor that holds how far pieces are."""

    def __init__(self) -> None:
        self._far = dict[str, tuple[str, int, int]]()

    def tell(self, piece: str, node: str, done: int, total: int) -> None:
        """A node has done so much of a piece."""
        self._far[piece] = node, done, total

    def all(self) -> Far:
        """Of every piece that was begun."""
        return self._far


class Hearing:
    """Asks the actor now and then, and never waits for it: who counts may be slow, or lost.

    Args:
        ray: the module, connected.

    Attributes:
        actor: whom nodes tell.
        far: what is known.
    """

    def __init__(self, ray: Any) -> None:
        self._ray, self._answer = ray, None
        self.actor = ray.remote(num_cpus=0, max_restarts=-1)(Progress).remote()
        self.far: Far = {}

    def hear(self) -> None:
        """Take the answer, if it is there, and ask again."""
        if self._answer is None or self._ray.wait([self._answer], timeout=0)[0]:
            with contextlib.suppress(self._ray.exceptions.RayError):
                self.far = self._ray.get(self._answer) if self._answer is not None else {}
            self._answer = self.actor.all.remote()
