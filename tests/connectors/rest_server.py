"""A department's REST system for tests: pages, tokens, and every way it is known to fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-for-tests"

#: What the next request meets instead of an answer; taken from the front of the list.
Fault = Callable[["_Handler"], None]


class RestServer:
    """Serves ``/api/{dataset}`` from rows in memory, on a free port of this machine."""

    def __init__(self, cursor_column: str = "UpdateTime") -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.faults: list[Fault] = []
        self.requests: list[dict[str, str]] = []
        self.cursor_column = cursor_column
        #: Called with the dataset and the page number before a page is cut.
        self.before_page: Callable[[str, int], None] = lambda dataset, number: None
        self.total_of: Callable[[int], Any] = lambda count: count
        self.largest_page = 10_000
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.hub = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        hub: RestServer = self.server.hub  # type: ignore[attr-defined]
        said = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        dataset = urlsplit(self.path).path.rpartition("/")[2]
        hub.requests.append(said | {"dataset": dataset})
        if hub.faults:
            hub.faults.pop(0)(self)
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.answer({"code": 401, "msg": "token"})
        else:
            self._page(hub, dataset, said)

    def _page(self, hub: RestServer, dataset: str, said: dict[str, str]) -> None:
        number, size = int(said["pageNum"]), min(int(said["pageSize"]), hub.largest_page)
        hub.before_page(dataset, number)
        rows = hub.rows.get(dataset, [])
        since = said.get("updatedSince", "")
        rows = [row for row in rows if str(row.get(hub.cursor_column) or "") >= since]
        page = rows[(number - 1) * size : number * size]
        answer = {"code": 200, "msg": "", "total": hub.total_of(len(rows)), "rows": page}
        self.answer(answer)

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def disconnect(self) -> None:
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


def http(status: int, **headers: str) -> Fault:
    """Answer with an HTTP status."""
    return lambda handler: handler.answer({"code": status}, status, **headers)


def code(number: int) -> Fault:
    """Answer HTTP 200 with a code that says otherwise."""
    return lambda handler: handler.answer({"code": number, "msg": "秘密"})


def body(content: bytes) -> Fault:
    """Answer HTTP 200 with these bytes."""
    return lambda handler: handler.answer(content)


def disconnect(handler: _Handler) -> None:
    """Break the connection off without an answer."""
    handler.disconnect()


def half_an_answer(handler: _Handler) -> None:
    """Break the connection off in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"code":200,"rows":[')
    handler.disconnect()
