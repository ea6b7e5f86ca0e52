"""What each piece of work takes of a cluster, how many pieces fit, and why one that does not come back did not. No Ray
here: whoever is connected hands it in."""

from __future__ import annotations

from typing import Any

from engine.errors import NotApplicable, PlumageError
from engine.experiments.where import Where

LOST = 3
"""How often Ray begins a piece anew whose node was lost."""
PATIENCE = 10.0
"""Seconds in which nodes may end what they are told to end."""
_GIB = 2**30
_ROUNDED = 1e-6  # ten tenths of a GPU are one


class Capacity:
    """A cluster's room for pieces of work that each take the same.

    Args:
        ray: the module, connected.
        where: what each takes of a node.
    """

    def __init__(self, ray: Any, where: Where) -> None:
        self._ray, self._where = ray, where

    def task(self, work: Any) -> Any:
        """A function as a Ray task that takes so much."""
        where = self._where
        memory = {"memory": int(where.memory * _GIB)} if where.memory else {}
        return self._ray.remote(num_cpus=where.cpus, num_gpus=where.gpus, max_retries=LOST, **memory)(work)

    @property
    def at_once(self) -> int:
        """How many the cluster has CPUs and GPUs for now, at least 1."""
        has = self._ray.cluster_resources()
        each = {"CPU": self._where.cpus, "GPU": self._where.gpus}
        fit = [has.get(name, 0.0) / need + _ROUNDED for name, need in each.items() if need]
        return max(1, int(min(fit)))

    @property
    def wanting(self) -> str:
        """What each takes, where no node has so much; nothing where one has. More nodes may join."""
        memory = self._where.memory
        needs = {"CPU": self._where.cpus, "GPU": self._where.gpus, "memory": int(memory * _GIB)}
        has = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if any(all(one.get(name, 0) >= need for name, need in needs.items()) for one in has):
            return ""
        said = [f"{self._where.cpus} CPUs", f"{self._where.gpus:g} GPUs", f"{memory:g} GiB of memory"]
        return " and ".join(word for word, need in zip(said, needs.values(), strict=True) if need)

    def end(self, references: list[Any]) -> None:
        """Have nodes end what they are at; what they finished of it is lost."""
        for reference in references:
            self._ray.cancel(reference)
        if references:  # a process that is killed in its midst leaves its files
            self._ray.wait(references, num_returns=len(references), timeout=PATIENCE, fetch_local=False)


def problem(error: Exception, given: str, remedy: str) -> PlumageError:
    """What to raise for a task that did not come back: our own error where we said it, else one about `given`."""
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, PlumageError) else NotApplicable(given, reason(error), remedy)


def reason(error: Exception) -> str:
    """What went wrong with a task, in a line: our own words where we said it, else Ray's."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, PlumageError):
        return str(cause)
    first = (str(cause).strip().splitlines() or [""])[0]
    return f"Ray could not finish it ({type(cause).__name__}: {first[:400]})"
