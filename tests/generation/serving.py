"""A real HTTP server that speaks OpenAI's chat protocol as it is told to."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-very-secret-0123456789"
ANSWER = 'Here they are:\n- a beak\n2) "two  wings".\n\u2022 feathers;\n- ' + "x" * 300 + "\n- a\x1b[2J b\n"


def said(content):
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


class Server:
    """One that answers as it is told, and remembers what it was asked."""

    def __init__(self):
        self.answer, self.asked = (lambda handler: handler.say(200, said(ANSWER))), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.path, self.headers.get("Authorization"), body))
                with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked had enough
                    outer.answer(self)

            def say(self, status, data, **headers):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()
