"""A subscriber's address: checks what it is sent by the official library, and may misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


class Hooks:
    """What has been received, in order, and what the next requests meet."""

    def __init__(self) -> None:
        #: Any of these has to have signed.
        self.secrets: list[str] = []
        #: Statuses of the next answers; "hang" answers nothing until `release`.
        self.faults: list[int | str] = []
        self.events: list[dict[str, Any]] = []
        self.ids: list[str] = []
        #: All requests, taken or not, as they came: headers and body.
        self.requests: list[tuple[dict[str, str], str]] = []
        self.release = threading.Event()
        self.hanging = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def seqs(self) -> list[int]:
        """The numbers of the changes received, in order."""
        return [int(one.split("-")[1]) for one in self.ids]

    def take(self, headers: dict[str, str], body: str) -> None:
        for secret in self.secrets:
            self.events.append(Webhook(secret).verify(body, headers))
        self.ids.append(headers["webhook-id"])

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answering(hooks: Hooks) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            hooks.requests.append((headers, body))
            fault = hooks.faults.pop(0) if hooks.faults else 204
            if fault == "hang":
                hooks.hanging.set()
                hooks.release.wait(30)
                self.close_connection = True
                return
            if int(fault) < 300:
                hooks.take(headers, body)
            self.send_response(int(fault))
            if fault == 302:
                self.send_header("Location", hooks.url)
            if fault == 429:
                self.send_header("Retry-After", "90")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Answering


@contextmanager
def listening() -> Iterator[Hooks]:
    hooks = Hooks()
    try:
        yield hooks
    finally:
        hooks.stop()
