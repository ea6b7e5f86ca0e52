"""Shards on a real Ray cluster of three nodes: the bytes that this machine makes, and a node that dies meanwhile."""

from __future__ import annotations

import shutil
import socket

import pytest

pytest.importorskip("ray", reason="optional: requirements-ray.txt")

from engine.cluster import shards_on_ray
from engine.cluster.shards_on_ray import ShardsOnRay
from engine.embedding.work import ShardOrder
from engine.errors import BadImage, BadInput, MissingWeights, NotApplicable
from engine.experiments.where import Where
from tests.data.made import folder_files, zipped
from tests.embedding.test_driving import files_of
from tests.ray_nodes import real_nodes


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    with real_nodes(tmp_path_factory.mktemp("node-home")) as cluster:
        yield cluster


@pytest.fixture
def on_ray(nodes, tmp_path):
    return lambda **needs: ShardsOnRay(Where(on=nodes.address, **needs), tmp_path)


def test_a_node_that_is_killed_changes_no_byte_and_nothing_is_made_twice(pictures, embed, on_ray, nodes):
    plain, place, heard = embed(f"dir:{pictures}", to="plain", size=1), on_ray(), []

    def listen(step):
        if not heard and step.done:
            nodes.remove_node(nodes.others[0], allow_graceful=False)
        heard.append(step)

    made = embed(f"dir:{pictures}", place=place, size=1, listen=listen)
    assert files_of(made.root) == files_of(plain.root) and made.result.made == 10
    assert any(" with Ray" in step.word for step in heard) and heard[-1].done == 10
    assert embed(f"dir:{pictures}", size=1).orders == []


def test_an_archive_that_is_not_unpacked_there_yet_is_opened_there(pictures, embed, on_ray, tmp_path, monkeypatch):
    plain = embed(f"dir:{pictures}", to="plain")
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "here"))
    moved, order_of = tmp_path / "away", ShardOrder.__init__

    def elsewhere(self, **given):  # what was unpacked on this machine is not there
        order_of(self, **{**given, "root": str(moved)})

    monkeypatch.setattr(ShardOrder, "__init__", elsewhere)
    made = embed(f"zip:{zipped(tmp_path / 'pictures.zip', folder_files())}", place=on_ray())
    shards = [name for name in files_of(plain.root) if name.endswith(".parquet")]
    assert {name: files_of(made.root)[name] for name in shards} == {name: files_of(plain.root)[name] for name in shards}


def test_what_a_node_lacks_is_named_with_the_node(pictures, embed, on_ray, tmp_path, class_token_folder):
    class Gone(ShardsOnRay):
        lose = lambda self: None  # noqa: E731

        def begin(self, order):
            self.lose()
            super().begin(order)

    weights = shutil.copytree(class_token_folder, tmp_path / "weights")
    for lost, kind, settings in (
        (weights, MissingWeights, {"backbone": f"local-dir:{weights}"}),
        (pictures / "train/gull/0.png", BadImage, {}),
        (pictures, BadInput, {}),
    ):
        place = on_ray()
        place.__class__ = Gone
        place.lose = lambda lost=lost: shutil.move(lost, tmp_path / "lost") if lost.exists() else None
        with pytest.raises(kind, match=rf"on node {socket.gethostname()}.*must lie on every node"):
            embed(f"dir:{pictures}", place=place, to=f"out-{lost.name}", **settings)
        shutil.move(tmp_path / "lost", lost)


def test_a_node_with_other_code_and_one_too_small_are_said(pictures, embed, on_ray, monkeypatch):
    place = on_ray()
    place._versions = {**place._versions, "torch": "1.0"}
    with pytest.raises(NotApplicable, match=rf"node {socket.gethostname()}: its code or packages are others: torch"):
        embed(f"dir:{pictures}", place=place)

    def listen(step):
        assert step.word.endswith("with Ray, no node of which has 64 CPUs and 0.5 GiB of memory")
        raise KeyboardInterrupt

    monkeypatch.setattr(shards_on_ray, "_LOOK", 0.1)
    with pytest.raises(KeyboardInterrupt):
        embed(f"dir:{pictures}", place=on_ray(cpus=64, memory=0.5), listen=listen)
