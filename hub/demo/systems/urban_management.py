"""The urban-management department's system: five datasets over REST, with the faults it has.

`GET /api/{dataset}` gives pages, `GET` and `PUT /api/{dataset}/{key}` one row. Faults are
queued by tests and answered by the next requests, in order.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from zlib import crc32

import pandas as pd

from hub.demo.native import changed_rows, keys_of
from hub.demo.systems.journal import Journal, now
from hub.demo.views.view import View

KEYS = keys_of("urban_management")
LARGEST_PAGE = 5_000
Row = dict[str, str]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with coming requests.

    `code_401` and `code_500` come as HTTP 200 with that code inside; `http_500` and `http_503`
    as such; `too_many` as 429 with Retry-After; `broken` closes the connection in the middle of
    an answer; `unanswered` does what was asked and hangs up; `malformed` is no JSON; `shifted`
    answers with rows moved on or back by `rows`, as when rows change while pages are read: some
    come twice (back) or are missed (on).
    """

    kind: str
    times: int = 1
    retry_after: int = 1
    rows: int = -1

    KINDS = (
        "code_401",
        "code_500",
        "http_500",
        "http_503",
        "too_many",
        "broken",
        "unanswered",
        "malformed",
        "shifted",
    )

    def __post_init__(self) -> None:
        """Refuse faults that nobody could answer with."""
        if self.kind not in self.KINDS:
            raise ValueError(f"no such fault; there are {', '.join(self.KINDS)}")


class UrbanManagement:
    """The department's server on 127.0.0.1."""

    def __init__(
        self,
        token: str = "demo-token",
        port: int = 0,
        journal: Path | None = None,
        refuses: float = 0.1,
    ) -> None:
        self.token = token
        self.refuses = refuses
        self.journal = Journal(journal)
        self.rows: dict[str, dict[str, Row]] = {dataset: {} for dataset in KEYS}
        self.requests = 0
        self._order: dict[str, list[tuple[str, str]]] = {dataset: [] for dataset in KEYS}
        self._faults: deque[Fault] = deque()
        self._answers: dict[str, dict[str, object]] = {}
        self._lock = threading.RLock()
        self._server = _Server(("127.0.0.1", port), _Requests)
        self._server.system = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="urban_management", daemon=True
        )

    @property
    def url(self) -> str:
        """Say where the system answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def load(self, view: View) -> Self:
        """Take the rows of a view, in place of those there were."""
        with self._lock:
            for dataset, key in KEYS.items():
                self.rows[dataset] = _by_key(view.rows[dataset], key)
                self._sort(dataset)
        return self

    def advance(self, before: View, after: View) -> int:
        """Take the rows of a later view that are new or changed; return how many."""
        written = 0
        with self._lock:
            for dataset, key in KEYS.items():
                rows = changed_rows(before.rows[dataset], after.rows[dataset])
                self.rows[dataset].update(_by_key(rows, key))
                self._sort(dataset)
                written += len(rows)
        return written

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def fail(self, *faults: Fault) -> None:
        """Let the next requests go wrong, in this order."""
        with self._lock:
            for fault in faults:
                self._faults.extend([fault] * fault.times)

    def next_fault(self) -> Fault | None:
        """Take the fault that the present request meets."""
        with self._lock:
            self.requests += 1
            return self._faults.popleft() if self._faults else None

    def page(self, dataset: str, asked: dict[str, str], shift: int = 0) -> dict[str, object]:
        """Answer with a page of rows, ordered by time and key."""
        if dataset not in KEYS:
            return {"code": 500, "msg": "数据集不存在"}
        number, size = asked.get("pageNum", "1"), asked.get("pageSize", "500")
        if not (
            number.isdecimal()
            and size.isdecimal()
            and int(number)
            and 0 < int(size) <= LARGEST_PAGE
        ):
            return {"code": 500, "msg": "分页参数错误"}
        with self._lock:
            order = self._order[dataset]
            first = bisect_left(order, (asked.get("updatedSince", ""), ""))
            start = max(
                first, first + (int(number) - 1) * int(size) + (shift if int(number) > 1 else 0)
            )
            rows = [self.rows[dataset][key] for _, key in order[start : start + int(size)]]
        return {"code": 200, "msg": "", "total": len(order) - first, "rows": rows}

    def one(self, dataset: str, key: str) -> dict[str, object]:
        """Answer with one row."""
        row = self.rows.get(dataset, {}).get(key)
        return {"code": 200, "msg": "", "row": row} if row else {"code": 404, "msg": "记录不存在"}

    def change(self, dataset: str, key: str, changes: Row, effect: str) -> dict[str, object]:
        """Change a row, or say why not; the same effect asked for twice happens once."""
        with self._lock:
            if effect and effect in self._answers:
                return self._answers[effect]
            reason = self._reason_against(dataset, key, changes)
            if not reason:
                self.rows[dataset][key] |= {**changes, "UpdateTime": now()}
                self._sort(dataset)
            answer: dict[str, object] = {"code": 409, "msg": reason} if reason else {"code": 200}
            if effect:
                self._answers[effect] = answer
        self.journal.note({"dataset": dataset, "key": key, "fields": sorted(changes), **answer})
        return answer

    def _reason_against(self, dataset: str, key: str, changes: Row) -> str:
        row = self.rows.get(dataset, {}).get(key)
        if row is None:
            return "记录不存在"
        if not changes or not set(changes) <= set(row) - {KEYS[dataset], "UpdateTime", "Deleted"}:
            return "字段不可更新"
        if crc32(f"{key}{sorted(changes)}".encode()) % 1000 < self.refuses * 1000:
            return "现场核查不一致"
        return ""

    def _sort(self, dataset: str) -> None:
        self._order[dataset] = sorted(
            (row["UpdateTime"], key) for key, row in self.rows[dataset].items()
        )


def _by_key(frame: pd.DataFrame, key: str) -> dict[str, Row]:
    rows = frame.to_dict("records")
    return {str(row[key]): {str(name): str(row[name]) for name in row} for row in rows}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    system: UrbanManagement


class _Requests(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        system, fault = self.server.system, self.server.system.next_fault()
        if self._failed(fault):
            return
        path, asked = self._asked()
        shift = fault.rows if fault else 0
        self._answer(system.page(path[0], asked, shift) if len(path) == 1 else system.one(*path))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.system.next_fault()
        if self._failed(fault):
            return
        path, _ = self._asked()
        try:
            changes = json.loads(body)
        except ValueError:
            changes = None
        if len(path) != 2 or not isinstance(changes, dict):
            self._answer({"code": 500, "msg": "请求格式错误"})
            return
        said = {str(name): str(value) for name, value in changes.items()}
        effect = self.headers.get("Idempotency-Key", "")
        answer = self.server.system.change(path[0], path[1], said, effect)
        if fault is not None and fault.kind == "unanswered":
            self._break()
        else:
            self._answer(answer)

    def _asked(self) -> tuple[list[str], dict[str, str]]:
        address = urlsplit(self.path)
        parts = [unquote(part) for part in address.path.split("/") if part]
        known = parts[1:] if parts[:1] == ["api"] and len(parts) in (2, 3) else ["", ""]
        return known, {name: values[-1] for name, values in parse_qs(address.query).items()}

    def _failed(self, fault: Fault | None) -> bool:
        """Answer with the fault, or with the refusal of a wrong token."""
        if self.headers.get("Authorization") != f"Bearer {self.server.system.token}":
            self._answer({"code": 401, "msg": "令牌无效或已过期"})
            return True
        if fault is None or fault.kind in ("shifted", "unanswered"):
            return False
        if fault.kind.startswith("code_"):
            self._answer({"code": int(fault.kind[5:]), "msg": "系统繁忙，请稍后再试"})
        elif fault.kind.startswith("http_"):
            self._send(int(fault.kind[5:]), b"<html>error</html>", "text/html")
        elif fault.kind == "too_many":
            self._send(429, b"", "text/plain", {"Retry-After": str(fault.retry_after)})
        elif fault.kind == "malformed":
            self._send(200, b'{"code":200,"msg":"","rows":[{"Obj', "application/json")
        else:
            self._break()
        return True

    def _break(self) -> None:
        """Promise more than is sent, then hang up."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b'{"code":200,"rows":[')
        self.close_connection = True

    def _answer(self, said: dict[str, object]) -> None:
        self._send(200, json.dumps(said, ensure_ascii=False).encode(), "application/json")

    def _send(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses can hold keys."""
