"""A server on this machine that gives out files as the hub does, and fails in every way that one can."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "a" * 40
PAGE = b"<!DOCTYPE html><html><body>Please log in to this network</body></html>"


@dataclass
class Served:
    """What is given out, and how.

    Attributes:
        files: by path.
        how: "whole"; "cut" after half of every file; "slow": half, then nothing more until `go_on` is set; "page": a
            web page for everything; "other": other bytes than the digest in the header says.
        asked: what was asked for.
    """

    files: dict[str, bytes]
    how: str = "whole"
    asked: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextmanager
def serving(files: dict[str, bytes], how: str = "whole") -> Iterator[Served]:
    served = Served(files, how)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer(False)

        def do_GET(self):
            self.answer(True)

        def answer(self, with_body):
            path = self.path.partition("?")[0]
            served.asked.append(f"{self.command} {path}")
            if served.how == "page":
                return self.give(200, PAGE, {"Content-Type": "text/html"}, with_body)
            if path not in served.files:
                missing = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}
                return self.give(404, b"", missing, with_body)
            data = served.files[path]
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
            if served.how == "other":
                data = bytes(len(data))
            self.give(200, data, {"Content-Type": "application/octet-stream", **headers}, with_body)

        def give(self, status, data, headers, with_body):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if not with_body or served.how not in ("cut", "slow"):
                self.wfile.write(data if with_body else b"")
                return
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            if served.how == "slow":
                served.go_on.wait(10)
                self.wfile.write(data[len(data) // 2 :])
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.go_on.set()
        server.shutdown()
        server.server_close()


def at_hub(monkeypatch, served: Served) -> None:
    """The hub's client asks this server."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", served.address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", served.address + "/{repo_id}/resolve/{revision}/{filename}"
    )
