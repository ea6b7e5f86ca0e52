"""Cells on a real Ray cluster of three nodes on this machine: the same bits as here, whatever is lost on the way.

What cannot be is refused in words.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time

import numpy as np
import pytest

pytest.importorskip("ray", reason="optional: requirements-ray.txt")

from engine.cluster import remote
from engine.cluster.on_ray import opener
from engine.experiments import driving
from engine.experiments.driving import drive_here
from engine.experiments.where import Where
from engine.jobs import experiments as jobs_of
from engine.store.view import RunView
from tests.ray_nodes import STORE_BYTES, cut_off, real_nodes


@pytest.fixture(scope="module")
def nodes(reference, tmp_path_factory):
    """A cluster of three nodes that have the reference's cache."""
    with real_nodes(tmp_path_factory.mktemp("node-home"), reference.home / "cache") as cluster:
        yield cluster


@pytest.fixture
def on_ray(store, nodes, monkeypatch):
    """Drive an experiment on the cluster: `on_ray(number, listen)` returns its end; `listen` hears every look.

    `on_ray.orders` are the cells that were given to Ray, whether for the last time.
    """
    monkeypatch.setattr(driving, "_LOOK", 0.1)
    monkeypatch.setattr(driving, "_REST", 0.0)

    def place(store, number):
        opened = opener(Where(on=nodes.address))(store, number)
        begin = opened.begin
        monkeypatch.setattr(opened, "begin", lambda order: (run.orders.append(order.last), begin(order)))
        return opened

    def run(number, listen=lambda step: None):
        return drive_here(store, number, listen, place)

    run.orders = []
    return run


def learning(epochs=8):
    """Settings of the reference, or of a run that takes longer."""
    return {"method": "clg_cbm", "epochs": str(epochs), "search_epochs": "4"}


def statuses(states):
    return [state.status for state in states]


def left_behind(nodes):
    return [*nodes.temporary.glob("plumage-cell-*")]


def test_nodes_killed_and_cut_off_and_a_full_object_store_change_no_bit(
    store, reference, declare, states, on_ray, same_results, nodes
):
    number, heard, cut, kept = declare("same", learning(), seed=[1993, 7, 11], watching=True), [], [], []

    def listen(step):
        import ray

        heard.append(step.word)
        if not cut and (step.word.count(" at task") >= 2 or step.done):  # the others are at it, or about to begin
            killed, silent = nodes.others
            cut.extend(cut_off(silent))
            nodes.remove_node(killed, allow_graceful=False)
            kept.extend(ray.put(np.ones(STORE_BYTES // 4, np.int8)) for _ in range(8))  # twice what it holds

    end = on_ray(number, listen)
    for pid in cut:
        os.kill(pid, signal.SIGKILL)
    assert cut and len(kept) == 8 and end.status == "finished" and end.message is None
    assert statuses(states(number)) == ["finished"] * 3 and heard[-1] == "runs"
    assert any(word.startswith(f"runs, 3 with Ray ({socket.gethostname()} at task 1 of 3") for word in heard)
    view = RunView(store, states(number)[0].run.id)
    same_results(view, reference.view)
    assert view.name == "same: seed 1993" and view.setup.code == reference.view.setup.code
    on_ray(number)
    assert len(store.runs()) == 3  # nothing is done twice


def test_what_is_missing_on_a_node_is_named_tried_again_and_the_rest_goes_on(
    store, declare, states, on_ray, backbone, tmp_path
):
    weights, pictures = tmp_path / "no-weights", tmp_path / "no-pictures"
    number = declare("odd", data=["aviary", f"dir:{pictures}"], backbone=[f"local-dir:{weights}", backbone], retries=1)
    end = on_ray(number)
    assert end.status == "finished" and "3 runs did not finish" in end.message
    assert statuses(states(number)) == ["failed", "finished", "failed", "failed"] and len(store.runs()) == 4
    assert sorted(on_ray.orders) == [False] * 4 + [True] * 3
    told = [state.run.error or "" for state in states(number)]
    assert str(weights) in told[0] and str(pictures) in told[3]
    here = [f"on node {socket.gethostname()}" in one and "must lie on every node" in one for one in told]
    assert here == [True, False, True, True]


def test_a_node_with_other_code_is_refused(store, declare, on_ray, monkeypatch):
    monkeypatch.setattr(remote, "code_version", lambda: "sources 0123456789ab, torch 1.0")
    end = on_ray(declare("other code", seed=[1, 2]))
    assert end.status == "failed" and store.runs() == []
    assert f"node {socket.gethostname()}: its code or packages are others" in end.message
    assert "here 0123456789ab" in end.message and "torch" in end.message


def test_what_no_node_has_is_said_while_it_waits(store, declare, nodes, monkeypatch):
    monkeypatch.setattr(driving, "_LOOK", 0.1)
    number, heard = declare("large", seed=[1]), []

    def listen(step):
        heard.append(step.word)
        if len(heard) == 3:
            jobs_of.cancel(store, number)

    drive_here(store, number, listen, opener(Where(on=nodes.address, cpus=64, memory=0.5)))
    assert heard[1] == "runs, 1 with Ray, no node of which has 64 CPUs and 0.5 GiB of memory"


def test_cancelling_reaches_the_node(store, declare, on_ray, nodes):
    number, seen = declare("endless", learning(1000), seed=[1, 2]), []

    def listen(step):
        if " at task" in step.word and not seen:
            seen.extend(left_behind(nodes))
            jobs_of.cancel(store, number)

    began = time.monotonic()
    end = on_ray(number, listen)
    assert end.status == "stopped" and seen and left_behind(nodes) == [] and store.runs() == []  # of lost nodes either
    assert time.monotonic() - began < 120


def test_an_address_without_a_cluster_or_with_another_version_is_refused_in_seconds(store, declare, nodes):
    number = declare("nowhere", seed=[1])
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        closed = silent.getsockname()[1]
    end = drive_here(store, number, lambda step: None, opener(Where(on=f"127.0.0.1:{closed}")))
    assert end.status == "failed" and f"Ray at 127.0.0.1:{closed}: nothing answers there" in end.message
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ray://127.0.0.1:{silent.getsockname()[1]}"
        end = drive_here(store, number, lambda step: None, opener(Where(on=address)))
    assert f"Ray at {address}: nothing answers there (timed out)" in end.message
    assert time.monotonic() - began < 15
    with another_version(nodes):
        end = drive_here(store, number, lambda step: None, opener(Where(on=nodes.address)))
    assert "it has another version" in end.message and "Ray: 0.0.1" in end.message


@contextlib.contextmanager
def another_version(nodes):
    """The cluster says of itself that another Ray started it."""
    from ray._private import ray_constants
    from ray._raylet import GcsClient

    gcs, key = GcsClient(address=nodes.address), b"CLUSTER_METADATA"
    space = ray_constants.KV_NAMESPACE_CLUSTER
    before = gcs.internal_kv_get(key, space)
    gcs.internal_kv_put(key, json.dumps({**json.loads(before), "ray_version": "0.0.1"}).encode(), True, space)
    yield
    gcs.internal_kv_put(key, before, True, space)
