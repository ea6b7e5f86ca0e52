"""Connecting to a Ray cluster, or starting one on this machine. The one file that imports Ray, and only when asked."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.cluster.reach import check_answers
from engine.errors import NotApplicable
from engine.experiments.where import REQUIREMENTS, Where, check_installed
from engine.home import VARIABLE

_ROOT = Path(__file__).resolve().parents[2]
_TRAVELS = ("engine", "assets", "pyproject.toml")
"""What of the project nodes need."""


def connected(where: Where, home: Path) -> Any:
    """The module, connected.

    Args:
        home: a Ray that is started here shares its cache.

    Raises:
        NotApplicable: Ray is not installed, does not answer, or is of another version.
    """
    check_installed()
    if where.endpoint is not None:
        check_answers(where.address, *where.endpoint)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing leaves the machine that is not asked for
    if not where.address:  # it listens on all addresses of the machine, and runs whatever code who may come in sends
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    excludes = [f"/{path.name}" for path in _ROOT.iterdir() if path.name not in _TRAVELS]
    variables = {"OMP_NUM_THREADS": "1", **({} if where.address else {VARIABLE: str(home)})}
    environment = {"working_dir": str(_ROOT), "excludes": excludes, "env_vars": variables}
    given: dict[str, Any] = {"address": where.address or "local", "runtime_env": environment, "log_to_driver": False}
    given |= {"logging_level": logging.ERROR}
    given |= {} if where.address else {"include_dashboard": False}
    try:
        with _own_ending():
            ray.init(**given)
    except (ray.exceptions.RayError, RuntimeError, ValueError, ImportError, OSError) as error:
        ray.shutdown()
        raise _refused(where.address or "this machine", error) from error
    return ray


@contextlib.contextmanager
def _own_ending() -> Iterator[None]:
    """Keep what this process does when it is told to go: Ray would have it end at once, with nothing written down."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGTERM, before)


def _refused(address: str, error: Exception) -> NotApplicable:
    """Why there is no connection."""
    said = " ".join(str(error).split())
    if "ersion mismatch" in said:
        remedy = f"Install the cluster's versions here, or these there: pip install -r {REQUIREMENTS}"
        return NotApplicable(f"Ray at {address}", f"it has another version ({said[:400]})", remedy)
    remedy = "Give one that runs; one with a token needs RAY_AUTH_MODE=token and RAY_AUTH_TOKEN here too"
    return NotApplicable(f"Ray at {address}", f"there is no connection ({said[:400]})", remedy)
