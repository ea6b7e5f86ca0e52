"""How much memory the server takes when several people look around for long.

Ten viewers, each with a session of their own, change the page twenty times each: every page with its views, other
moments, classes, pictures and concepts every time, as a person does who follows links. They speak the browser's own
protocol with the server, without a browser: what is drawn counts for the server alone. The newest finished run of the
demo is looked at; without one, it is trained first. Each seed is one server of its own. Needs Linux.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.bench._browser import ROOT, dashboard
from engine.bench.figure import Figure, measured
from engine.bench.page import finished_run
from engine.errors import PlumageError
from engine.home import home
from engine.store.store import RunStore
from engine.store.view import RunView

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

TITLE = "memory of the server after 200 page changes by 10 viewers"
VIEWERS, CHANGES = 10, 200
_MOST_MB = 1000.0
_PATIENCE_S = 300.0
"""Longest wait for a page: one that nobody has opened before loads torch."""
_RERUN, _QUERY, _PAGE = 11, 1, 4
"""Streamlit's `BackMsg.rerun_script`, `ClientState.query_string` and `page_name`; the engine does not import it."""
_FINISHED, _SUCCESS, _COMPILE_ERROR = 6, 0, 1
"""Its `ForwardMsg.script_finished`, and values of that."""
_VIEWS = (
    *("", "timeline", "weights", "map", "model", "curves", "effects", "claims", "pairs", "twins", "defence"),
    *("why", "what-if", "over-time", "where", "one", "all", "smallest", "compare"),
)
"""Values of `view` in an address; a page that does not know one shows its first view."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page, and what its address holds."""

    page: str
    query: str


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Memory at the end, at its peak, and what the second half of the changes added to it."""
    found = [_looked_around(home(), seed) for seed in seeds]
    yield measured("viewers.memory_mb", [one[-1] for one in found], "MB", most=_MOST_MB)
    yield measured("viewers.peak_mb", [max(one) for one in found], "MB", most=_MOST_MB)
    yield measured("viewers.second_half_mb", [one[-1] - one[len(one) // 2] for one in found], "MB")


def visits(view: RunView, seed: int, count: int) -> list[Visit]:
    """Where to go: the pages in turn, each time with another moment, class, picture and view, drawn by a seed."""
    draw, pages = random.Random(seed), sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    made = []
    for number in range(count):
        page = pages[number % len(pages)]
        moment = draw.randrange(view.tasks_done)
        seen = view.class_ids_seen(moment)
        images = view.outcomes(moment)
        query = {"run": view.id, "task": str(moment + 1), "view": draw.choice(_VIEWS)}
        query["class"] = view.class_names[draw.choice(seen)]
        if images is not None:
            query["image"] = f"test:{draw.choice(images.image.tolist())}"
        made.append(Visit("" if page == "home" else page, urlencode(query)))
    return made


def _looked_around(place: Path, seed: int) -> list[float]:
    """Megabytes of the server after each change of page."""
    store = RunStore(place)
    view = RunView(store, finished_run(store))
    way = visits(view, seed, CHANGES)
    with dashboard(place) as address, ExitStack() as stack:
        viewers = [stack.enter_context(_viewer(address)) for _ in range(VIEWERS)]
        server = _process(address)
        found = []
        for number, visit in enumerate(way):
            viewers[number % VIEWERS].go(visit)
            found.append(resident_mb(server))
        return found


class _Viewer:
    """Somebody with a session of their own, who speaks the browser's protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._new = connection, True

    def go(self, visit: Visit) -> None:
        """Open a page and wait until it is drawn. The first page of a session is drawn in two runs: words, then all.

        Raises:
            PlumageError: the page ended in an error.
        """
        for _ in range(2 if self._new else 1):
            self._draw(visit)
        self._new = False

    def _draw(self, visit: Visit) -> None:
        state = _text(_QUERY, visit.query.encode()) + _text(_PAGE, visit.page.encode())
        self._connection.send(_text(_RERUN, state))
        while True:
            ended = _number(bytes(self._connection.recv(timeout=_PATIENCE_S, decode=False)), _FINISHED)
            if ended == _COMPILE_ERROR:
                raise PlumageError(f"page {visit.page}", "it did not compile", "See dashboard-server.log in the home")
            if ended == _SUCCESS:
                return


def _varint(value: int) -> bytes:
    """A whole number as Protocol Buffers write it."""
    more, last = divmod(value, 128)
    return bytes([last]) if not more else bytes([last | 128]) + _varint(more)


def _text(field: int, value: bytes) -> bytes:
    """A field that holds a text or a message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(message: bytes, wanted: int) -> int | None:
    """The number in a field of a message, or None where it has no such field.

    See https://protobuf.dev/programming-guides/encoding.
    """
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
            if byte < 128:
                return value

    while at < len(message):
        field, kind = divmod(varint(), 8)
        if kind == 0:
            value = varint()
            if field == wanted:
                return value
        else:
            length = varint() if kind == 2 else {1: 8, 5: 4}[kind]
            at += length
    return None


@contextmanager
def _viewer(address: str) -> Iterator[_Viewer]:
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    place = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(place, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None) as connection:
        yield _Viewer(connection)


def _process(address: str) -> int:
    """The server's process, by the port it was started with."""
    port = address.rpartition(":")[2].encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if b"--server.port" in words and port in words:
            return int(path.parent.name)
    raise PlumageError(f"the server at {address}", "none of this machine's processes is it", "This bench needs Linux")


def resident_mb(process: int) -> float:
    """Resident memory of a process in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise PlumageError(f"process {process}", "it has ended", "See dashboard-server.log in the home")
    return int(found[1]) * 1024 / 1e6
