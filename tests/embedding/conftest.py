"""Pictures of two classes, and embedding them by a small backbone in this process."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.backbone.clip import load_backbone
from engine.data.sources.base import SOURCES, addressed
from engine.embedding.driving import Embedding
from engine.embedding.listing import listed
from engine.embedding.settings import EmbedSettings
from engine.embedding.work import embed_shard
from engine.steps import finish
from tests.data.made import folder_files, write


class InTurn:
    """A place where shards are made at once, in this process; `orders` are those that were given out."""

    words, far = "", 0

    def __init__(self, at_once=1, spoil=lambda rows: rows):
        self.at_once, self.orders, self._waiting, self._spoil = at_once, [], [], spoil

    def begin(self, order):
        self.orders.append(order.number)
        self._waiting.append(order)

    def collect(self):
        return [self._spoil(embed_shard(self._waiting.pop(), lambda far: None))]

    def leave(self):
        self._waiting = []


@pytest.fixture
def pictures(tmp_path):
    """A folder with ten pictures."""
    return write(tmp_path / "pictures", folder_files())


@pytest.fixture
def embed(tmp_path, backbone):
    """Embed an address into a folder of its own: `embed(address, size=3, place=InTurn(), to="out")`."""
    loaded = load_backbone(backbone)

    def run(address, place=None, to="out", listen=lambda step: None, **settings):
        values = addressed(str(address))
        source = SOURCES.get(values.pop("dataset")).from_mapping(values)
        place = place or InTurn()
        given = {"backbone": backbone, "size": 3, **settings}
        other = loaded if given["backbone"] == backbone else load_backbone(given["backbone"])
        work = Embedding(listed(source), other, EmbedSettings.from_mapping(given), tmp_path / to)
        result = finish(work.run(place), listen)
        return SimpleNamespace(result=result, orders=getattr(place, "orders", None), root=tmp_path / to)

    run.backbone = loaded
    return run


@pytest.fixture
def in_turn():
    return InTurn
