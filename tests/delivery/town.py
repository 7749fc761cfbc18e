"""Two residents whom all four departments know, the departments' systems, and a hub over them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from connectors import CONNECTORS
from hub.config import Settings
from hub.database import engine
from hub.demo.systems import PublicSecurity, UrbanManagement
from hub.demo.systems.urban_management import KEYS
from hub.demo.views.view import View
from hub.jobs import entry
from hub.jobs.deliver import Delivered, deliver
from hub.jobs.push import pushed
from hub.jobs.resolve import CHINA, resolve
from hub.jobs.sync import sync
from hub.store import deliveries
from hub.store.deliveries import DeliveryRow
from hub.store.visible import Caller, visible
from schemas import Person
from tests.build import an_id_number

SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
POLICE, STREET, CITY, OWNERS = "public_security", "street_office", "urban_management", "property"
#: The telephone that all four know of a resident.
FORMER = "1399700000{}"


class Webhooks:
    """The property system's address, which does what a test tells it to."""

    def __init__(self) -> None:
        #: What the next requests meet: a status, or "nothing", or "unanswered" after applying.
        self.faults: list[int | str] = []
        self.applied: dict[str, dict[str, Any]] = {}
        self.received: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hub"

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _answering(webhooks: Webhooks) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = webhooks.faults.pop(0) if webhooks.faults else 200
            if fault == "nothing":
                return
            if fault in (200, "unanswered"):
                event = Webhook(SECRET).verify(body, dict(self.headers.items()))
                webhooks.received.append(self.headers["webhook-id"])
                webhooks.applied.setdefault(self.headers["webhook-id"], event["data"])
            if fault == "unanswered":
                return
            status = int(fault)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 429:
                self.send_header("Retry-After", "90")
            self.end_headers()
            self.wfile.write(json.dumps({"reason": "业主未确认"}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Answering


class Town:
    """The hub and the four systems, with a clock of the test's own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        # However long a test takes, this clock is ahead of the database's.
        self.now = datetime.now(CHINA) + timedelta(hours=1)
        self.street = folder / "street"
        for name in ("inbox", "outbox"):
            (self.street / name).mkdir(parents=True)
        self.database = folder / "police.sqlite"
        self.police = PublicSecurity(f"sqlite:///{self.database}", refuses=0.0)
        self.city = UrbanManagement(refuses=0.0).start()
        self.webhooks = Webhooks()
        self.settings = settings.model_copy(update={"sources": self._sources()})
        self.people = [self._someone(1), self._someone(2)]
        self._fill_systems()

    def _sources(self) -> dict[str, dict[str, str]]:
        return {
            POLICE: {"url": self.police.url},
            STREET: {"folder": str(self.street)},
            CITY: {"url": self.city.url, "token": self.city.token, "timeout": "5", "tries": "1"},
            OWNERS: {"webhook_url": self.webhooks.url, "webhook_secret": SECRET},
        }

    def _someone(self, number: int) -> dict[str, dict[str, str]]:
        known, phone = an_id_number(number * 2 + 1), FORMER.format(number)
        name = ("马海明", "韩永福")[number - 1]
        said = {
            POLICE: {"rybh": f"R00000000000{number}", "gmsfhm": known, "xm": name, "dh": phone, "cym": ""},
            STREET: {"人员编号": f"SQ001-00000{number}", "身份证号": known, "姓名": name, "联系电话": phone},
            CITY: {"ReporterID": f"RP0000{number}", "Name": name, "Phone": phone},
            OWNERS: {"member_id": f"MB000{number}", "id_card": known, "name": name, "link": phone},
        }  # fmt: skip
        first = {source: CONNECTORS[source].dataset(_OF[source]) for source in said}
        return {
            source: {**dataset.sample()[0], **said[source]}
            for source, dataset in first.items()
            if dataset
        }

    def introduce(self) -> None:
        """Have every department tell the hub whom it knows."""
        for source in (POLICE, STREET, CITY, OWNERS):
            self.push(source, *(one[source] for one in self.people))

    def _fill_systems(self) -> None:
        none = {name: pd.DataFrame(columns=[key], dtype="str") for name, key in KEYS.items()}
        none["reporters"] = pd.DataFrame([one[CITY] for one in self.people])
        for name in KEYS.keys() - {"reporters"}:
            none[name]["UpdateTime"] = []
        self.city.load(View(CITY, none))
        empty = {name: pd.DataFrame() for name in ("addresses", "cameras")}
        residents = pd.DataFrame([one[POLICE] for one in self.people])
        self.police.load(View(POLICE, {"residents": residents, **empty}))

    def push(self, source: str, *rows: Mapping[str, str]) -> None:
        """Hand rows over in the name of a source."""
        pages = [pd.DataFrame([*rows], dtype="str")]
        with pushed(self.settings, source, _OF[source], pages) as (_, result):
            assert result.rows
            assert {row.outcome for row in result.rows} <= {"accepted", "unchanged"}

    def person(self, number: int = 1) -> str:
        """Return the id of a resident."""
        found = self.ask(
            "SELECT entity_id FROM link JOIN record_person USING (record_id) WHERE key = :key",
            key=f"SQ001-00000{number}",
        )
        return str(found[0][0])

    def enter(self, number: int = 1, **said: Any) -> entry.Entered:
        """Enter something of a resident as a worker does."""
        view = visible(Caller("c-1", "worker"), Person, purpose="visit")
        word = entry.Word(view, said, "c-1", entity_id=self.person(number))
        with entry.entered(self.settings, word) as (_, made):
            return made

    def deliver(self, later: timedelta = timedelta(seconds=1)) -> Delivered:
        """Send what is due after some time."""
        self.now += later
        return deliver(self.settings, clock=lambda: self.now)

    def delivery(self, source: str, number: int = 1) -> DeliveryRow:
        """Return the newest delivery to a source of a resident."""
        with engine(self.settings).connect() as connection:
            found = deliveries.list_deliveries(
                connection, entity_id=self.person(number), source=source
            )
        return found[0]

    def receipt(self, delivery_id: str, result: str = "已更新", reason: str = "") -> None:
        """Answer a workbook as the office does."""
        lines = f"数据集,编号,字段,结果,原因\nresidents,SQ,联系电话,{result},{reason}\n"
        (self.street / "outbox" / f"回执_{delivery_id}.csv").write_text(lines, "utf-8")

    def answer(self, source: str, delivery_id: str) -> None:
        """Have a department answer what it has received, and say so in its own data."""
        if source == POLICE:
            self.police.answer()
        elif source == STREET:
            self.receipt(delivery_id)
        elif source == OWNERS:
            said = self.webhooks.applied[delivery_id]
            row = next(
                one[OWNERS] for one in self.people if one[OWNERS]["member_id"] == said["key"]
            )
            self.push(
                OWNERS, row | said["changes"] | {"update_time": f"{self.now:%Y-%m-%d %H:%M:%S}"}
            )

    def effects(self, source: str) -> int:
        """Count how often something was done at a department."""
        if source == POLICE:
            with sa.create_engine(self.police.url).connect() as connection:
                return int(connection.scalar(sa.text("SELECT count(*) FROM zk_hcfk")) or 0)
        if source == STREET:
            return len(list((self.street / "outbox").glob("回流_*.xlsx")))
        return len(self.city.journal.entries if source == CITY else self.webhooks.applied)

    def phone(self, number: int = 1) -> tuple[Any, ...]:
        """Return what is served of a resident's telephone: value, mark, version."""
        query = """SELECT contact_phone, marks ->> 'contact_phone', version FROM golden_person
            WHERE entity_id = :id"""
        return self.ask(query, id=self.person(number))[0]

    def ask(self, query: str, **said: Any) -> list[tuple[Any, ...]]:
        with engine(self.settings).connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), said)]

    def ask_and_keep(self, statement: str, **said: Any) -> None:
        """Change something that no department would."""
        with engine(self.settings).begin() as connection:
            connection.execute(sa.text(statement), said)

    def sync(self, *sources: str) -> None:
        assert sync(self.settings, sources).failures == {}
        resolve(self.settings)

    def stop(self) -> None:
        self.city.stop()
        self.webhooks.stop()
        engine(self.settings).dispose()


_OF = {POLICE: "residents", STREET: "residents", CITY: "reporters", OWNERS: "owners"}


@contextmanager
def a_town(settings: Settings, folder: Path) -> Iterator[Town]:
    """Give a town over a hub that knows it already, as a copy of a settled one does."""
    town = Town(settings, folder)
    try:
        yield town
    finally:
        town.stop()
