"""Where runs are trained and analyses computed, as a person says it: this machine, or a Ray cluster. No Ray here.

It is no part of what is asked: where that is done decides nothing of it, and what was begun here may go on there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Self

from engine.errors import BadParameter, NotApplicable
from engine.params import Parameters, param, parameters_of

RAY, AUTO = "ray", "auto"
VARIABLE = "RAY_ADDRESS"
REQUIREMENTS = "requirements-ray.txt"
_ADDRESS = re.compile(r"(ray://)?([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})", re.ASCII)
FORMS = (
    "ray (one that is started on this machine, or the one at $RAY_ADDRESS), auto (the one that runs here), HOST:PORT "
    "or ray://HOST:PORT"
)


@dataclass(frozen=True)
class Where(Parameters):
    """Where work is done, and what each piece of it (a run, a shard, an analysis) takes of a node."""

    on: str = param("", high=300, help=f"A Ray cluster: {FORMS}; empty: this machine, without Ray.")
    cpus: int = param(
        1, low=1, high=256, unit="cores", help="CPUs that Ray sets aside for each piece of work; it uses one."
    )
    memory: float = param(
        0.0,
        low=0.0,
        high=4096.0,
        unit="GiB",
        help="Memory that Ray sets aside for each piece of work; 0: it does not look at it.",
    )
    gpus: float = param(
        0.0,
        low=0.0,
        high=16.0,
        unit="GPUs",
        help="Share of a GPU that each piece of work gets; 0: it sees none, and computes on CPUs.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "on", self.on.strip())
        if self.on not in ("", RAY, AUTO) and _host_and_port(self.on) is None:
            raise BadParameter(f"on = {self.on!r}", f"a cluster is {FORMS}", "Give one of these", "on")
        if self.gpus > 1 and self.gpus != int(self.gpus):
            raise BadParameter(f"gpus = {self.gpus:g}", "more than one GPU are whole ones", "Give 2, say", "gpus")

    @property
    def here(self) -> bool:
        """Whether no cluster is asked for."""
        return not self.on

    @property
    def address(self) -> str:
        """What Ray is to connect to: `auto`, an address, or nothing where it is to be started on this machine."""
        return os.environ.get(VARIABLE, "").strip() if self.on == RAY else self.on

    @property
    def endpoint(self) -> tuple[str, int] | None:
        """Host and port behind the address; None where Ray finds them itself.

        Raises:
            BadParameter: `$RAY_ADDRESS` names none.
        """
        if self.address in ("", AUTO, "local"):
            return None
        found = _host_and_port(self.address)
        if found is None:
            raise BadParameter(
                f"${VARIABLE} = {self.address!r}", "it is HOST:PORT, ray://HOST:PORT or auto", "Set it so"
            )
        return found

    def to_arguments(self) -> dict[str, Any]:
        """What a job remembers of it, ready for JSON; nothing for this machine."""
        return {} if self.here else self.to_mapping()

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, Any]) -> Self:
        """Out of a job's arguments, which may hold others.

        Raises:
            BadParameter: a value is not allowed.
        """
        names = [p.name for p in parameters_of(cls)]
        return cls.from_mapping({name: arguments[name] for name in names if name in arguments})


def is_installed() -> bool:
    """Whether Ray is."""
    return find_spec("ray") is not None


def check_installed() -> None:
    """Refuse where Ray is not installed.

    Raises:
        NotApplicable: it is not.
    """
    if not is_installed():
        raise NotApplicable(
            "work on a Ray cluster",
            "it needs the package ray, which is not installed",
            f"Run: pip install -r {REQUIREMENTS}",
        )


def _host_and_port(address: str) -> tuple[str, int] | None:
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[3]) < 65536:
        return None
    return found[2].strip("[]"), int(found[3])
