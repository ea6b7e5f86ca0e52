"""The bench of many viewers: where they go, and what it reads of a process."""

import os
from urllib.parse import parse_qs

import numpy as np
import pytest

from engine.bench import viewers
from engine.bench._browser import ROOT
from engine.bench.viewers import resident_mb, visits
from engine.errors import PlumageError
from engine.store.store import RunStore
from engine.store.view import RunView


def test_viewers_go_everywhere_and_the_same_way_for_a_seed(tiny_home):
    store = RunStore(tiny_home)
    view = RunView(store, store.resolve("last"))
    way = visits(view, 7, 60)
    assert way == visits(view, 7, 60) != visits(view, 8, 60)
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {visit.page or "home" for visit in way} == pages
    for visit in way:
        asked = {name: values[0] for name, values in parse_qs(visit.query).items()}
        seen = [view.class_names[i] for i in view.class_ids_seen(int(asked["task"]) - 1)]
        assert asked["run"] == view.id and asked["class"] in seen and asked["image"].startswith("test:")


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="the bench reads Linux's /proc")
def test_memory_is_that_of_the_process():
    before = resident_mb(os.getpid())
    kept = np.ones(40_000_000)  # 320 MB
    assert 280 < resident_mb(os.getpid()) - before < 400
    assert kept.size
    with pytest.raises((PlumageError, OSError)):
        resident_mb(2**22 + 1)


def test_the_browsers_protocol_is_spoken_as_streamlit_reads_it():
    """The engine does not import Streamlit, so its few messages are written by hand."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    sent = []

    class Connection:
        def __init__(self, *statuses):
            self.told = [ForwardMsg(hash="x" * 300, script_finished=one).SerializeToString() for one in statuses]

        def send(self, message):
            sent.append(BackMsg.FromString(message).rerun_script)

        def recv(self, timeout, decode):
            return self.told.pop(0)

    long = "image=" + "test%3A" * 100
    viewers._Viewer(Connection(2, 0))._draw(viewers.Visit("tasks", long))
    assert [(one.page_name, one.query_string) for one in sent] == [("tasks", long)]
    with pytest.raises(PlumageError, match="did not compile"):
        viewers._Viewer(Connection(1))._draw(viewers.Visit("", ""))
