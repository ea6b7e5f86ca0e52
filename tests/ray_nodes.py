"""A real Ray cluster of several nodes on this machine, and ways to lose them."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

STORE_BYTES = 80 * 2**20
"""Of each node's object store; Ray takes hardly less."""

NOTICING = {
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 2000,
    "health_check_failure_threshold": 3,
    "grpc_client_keepalive_time_ms": 1000,
    "grpc_client_keepalive_timeout_ms": 3000,
}
"""Ray takes minutes to notice that a node is cut off; here seconds."""


@contextmanager
def real_nodes(home: Path, cache: Path | None = None, more: int = 2) -> Iterator[Any]:
    """A cluster whose head has one CPU, and more nodes like it; each has a folder for what is temporary.

    Args:
        home: of all nodes, there already.
        cache: what is copied into it.
        more: how many nodes there are beside the head.
    """
    from ray.cluster_utils import Cluster

    if cache is not None:
        shutil.copytree(cache, home / "cache")
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory(prefix="ray-") as temporary:
        # short: the paths of Ray's sockets may have 107 characters; one for each node, as on machines of their own:
        # a node that unpacks the code first empties the folder it goes to
        values = {"PLUMAGE_HOME": home, "TMPDIR": temporary, "RAY_USAGE_STATS_ENABLED": 0, "OMP_NUM_THREADS": 1}
        for name, value in values.items():
            patched.setenv(name, str(value))
        each = {"num_cpus": 1, "object_store_memory": STORE_BYTES}
        head = {**each, "include_dashboard": False, "_system_config": NOTICING}
        cluster, folders = (
            Cluster(initialize_head=True, head_node_args=head),
            [f"{temporary}/{n}" for n in range(1, more + 1)],
        )
        cluster.others = [cluster.add_node(temp_dir=folder, **each) for folder in folders]
        cluster.temporary = Path(temporary)
        yield cluster
        cluster.shutdown()


def cut_off(node):
    """Stop all processes of a node, so that nobody hears of it any more; returns their numbers."""
    for pid in (found := [node.all_processes["raylet"][0].process.pid, *workers(node)]):
        os.kill(pid, signal.SIGSTOP)
    return found


def workers(node):
    """Numbers of the processes that work for a node; other clusters on this machine have their own."""
    raylet = node.all_processes["raylet"][0].process.pid
    return [*map(int, Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split())]
