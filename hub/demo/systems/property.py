"""The property companies' system: pushes rows to the hub, takes signed webhooks from it.

A change that arrives by webhook is applied, and the changed row pushed back: so the hub reads
what it wrote. The first load goes by CSV files.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from zlib import crc32

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hub.demo.native import as_json_rows, changed_rows, keys_of, write_first_load
from hub.demo.systems.journal import Journal, now
from hub.demo.views.view import View

KEYS = keys_of("property")
#: Up to so many rows the hub links before it answers; more go in one stream.
AT_ONCE = 1_000
Row = dict[str, str]


class PropertySystem:
    """The companies' rows, their webhook address on 127.0.0.1, and their way to the hub."""

    def __init__(self, folder: Path, secret: str, port: int = 0, refuses: float = 0.1) -> None:
        self.folder = folder
        self.refuses = refuses
        self.journal = Journal(folder / "journal.jsonl")
        self.rows: dict[str, dict[str, Row]] = {dataset: {} for dataset in KEYS}
        self._webhook = Webhook(secret)
        self._answers: dict[str, tuple[int, dict[str, str]]] = {}
        self._lock = threading.RLock()
        self._hub: httpx.Client | None = None
        self._token: Callable[[], str] = str
        self._changed: queue.Queue[tuple[str, Row] | None] = queue.Queue()
        self._server = _Server(("127.0.0.1", port), _Webhooks)
        self._server.system = self
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._push_back, name="property_push", daemon=True),
        ]

    @property
    def url(self) -> str:
        """Say where webhooks go."""
        return f"http://127.0.0.1:{self._server.server_port}/webhooks/hub"

    def load(self, view: View) -> Self:
        """Take the rows of a view and write them as the first load's CSV files."""
        with self._lock:
            for dataset, key in KEYS.items():
                self.rows[dataset] = {row[key]: row for row in as_json_rows(view.rows[dataset])}
        write_first_load(view, self.folder)
        return self

    def advance(self, before: View, after: View) -> dict[str, list[Row]]:
        """Take the rows of a later view that are new or changed; return them, by dataset."""
        fresh: dict[str, list[Row]] = {}
        with self._lock:
            for dataset, key in KEYS.items():
                frame = changed_rows(before.rows[dataset], after.rows[dataset])
                fresh[dataset] = as_json_rows(frame)
                self.rows[dataset].update({row[key]: row for row in fresh[dataset]})
        return fresh

    def start(self) -> Self:
        """Begin to take webhooks and to push changed rows back."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Take no more webhooks; what waits to be pushed is still tried once."""
        if self._threads[0].is_alive():
            self._server.shutdown()
            self._changed.put(None)
            for thread in self._threads:
                thread.join()
        self._server.server_close()
        if self._hub is not None:
            self._hub.close()

    def connect(self, hub: str, client_id: str, client_secret: str) -> Self:
        """Learn where the hub is and by which client's rights to push."""
        self._hub = client = httpx.Client(base_url=hub, timeout=60)
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }

        def token() -> str:
            answer = client.post("/oauth/token", data=form)
            answer.raise_for_status()
            return str(answer.json()["access_token"])

        self._token = token
        return self

    def push(self, dataset: str, rows: list[Row]) -> list[dict[str, Any]]:
        """Push rows to the hub: few as a JSON array, many as one NDJSON stream."""
        if self._hub is None:
            raise RuntimeError("connect() first: the hub's address is not known")
        if not rows:
            return []
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        name = sha256("\n".join([dataset, *lines]).encode()).hexdigest()[:32]
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "Idempotency-Key": f"property-{name}",
        }
        headers["Content-Type"] = (
            "application/x-ndjson" if len(rows) > AT_ONCE else "application/json"
        )
        body = _stream(lines) if len(rows) > AT_ONCE else f"[{','.join(lines)}]".encode()
        answer = self._hub.post(
            f"/v1/sources/property/{dataset}/records", content=body, headers=headers
        )
        answer.raise_for_status()
        self.journal.note({"pushed": dataset, "rows": len(rows), "status": answer.status_code})
        return [answer.json()]

    def receive(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Take one webhook: check it, apply it once, say what became of it."""
        try:
            event = self._webhook.verify(body, headers)
        except WebhookVerificationError:
            return 401, {"reason": "签名无效"}
        with self._lock:
            seen = headers.get("webhook-id", "")
            if seen not in self._answers:
                self._answers[seen] = self._apply(event.get("data", {}))
            return self._answers[seen]

    def _apply(self, said: dict[str, Any]) -> tuple[int, dict[str, str]]:
        dataset, key, changes = (
            said.get("dataset", ""),
            said.get("key", ""),
            said.get("changes", {}),
        )
        reason = self._reason_against(dataset, key, changes)
        entry = {"dataset": dataset, "key": key, "fields": sorted(changes), "reason": reason}
        self.journal.note({"received": entry})
        if reason:
            return 409, {"reason": reason}
        row = self.rows[dataset][key]
        row |= {name: str(value) for name, value in changes.items()} | {"update_time": now()}
        self._changed.put((dataset, dict(row)))
        return 200, {}

    def _reason_against(self, dataset: str, key: str, changes: dict[str, Any]) -> str:
        row = self.rows.get(dataset, {}).get(key)
        if row is None:
            return "无此记录"
        if not changes or {KEYS[dataset], "update_time"} & set(changes):
            return "字段不可修改"
        if crc32(f"{key}{sorted(changes)}".encode()) % 1000 < self.refuses * 1000:
            return "业主未确认"
        return ""

    def _push_back(self) -> None:
        while (waiting := self._changed.get()) is not None:
            dataset, row = waiting
            try:
                self.push(dataset, [row])
            except (httpx.HTTPError, RuntimeError) as error:
                # The row stays as it is here; the next full push carries it.
                self.journal.note({"not_pushed": dataset, "because": type(error).__name__})


def _stream(lines: list[str]) -> Iterator[bytes]:
    for start in range(0, len(lines), AT_ONCE):
        yield ("\n".join(lines[start : start + AT_ONCE]) + "\n").encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    system: PropertySystem


class _Webhooks(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, said = self.server.system.receive(body, headers)
        answer = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses can hold keys."""
