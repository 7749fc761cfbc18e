from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import httpx
import pytest
import sqlalchemy as sa
from openpyxl import Workbook
from standardwebhooks.webhooks import Webhook

from hub.demo import KEYS, Departments, District
from hub.demo.systems import Fault, PropertySystem, PublicSecurity, StreetOffice, UrbanManagement
from hub.demo.systems.public_security import TABLES

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def urban(village: District) -> Iterator[UrbanManagement]:
    system = UrbanManagement("token", refuses=0.0).load(village.views["urban_management"]).start()
    yield system
    system.stop()


@pytest.fixture
def client(urban: UrbanManagement) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer token"}
    with httpx.Client(base_url=urban.url, headers=headers) as made:
        yield made


def pages(client: httpx.Client, dataset: str, size: int, **asked: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    number = 1
    while True:
        said = client.get(
            f"/api/{dataset}", params={"pageNum": number, "pageSize": size, **asked}
        ).json()
        assert said["code"] == 200
        rows += said["rows"]
        if number * size >= said["total"]:
            return rows
        number += 1


@pytest.mark.parametrize("dataset", [name for source, name in KEYS if source == "urban_management"])
def test_pages_together_hold_every_row_once(
    village: District, client: httpx.Client, dataset: str
) -> None:
    rows = pages(client, dataset, 50)
    key = KEYS["urban_management", dataset]
    native = village.rows("urban_management", dataset)
    assert [row["UpdateTime"] for row in rows] == sorted(row["UpdateTime"] for row in rows)
    assert sorted(map(str, rows)) == sorted(map(str, native.to_dict("records")))
    assert len({row[key] for row in rows}) == len(native)


def test_updated_since_leaves_older_rows_out(village: District, client: httpx.Client) -> None:
    times = sorted(village.rows("urban_management", "components")["UpdateTime"])
    rows = pages(client, "components", 100, updatedSince=times[-20])
    assert [row["UpdateTime"] for row in rows] == times[-20:]


def test_a_wrong_token_is_told_inside_a_200(urban: UrbanManagement) -> None:
    for headers in ({}, {"Authorization": "Bearer other"}):
        answer = httpx.get(f"{urban.url}/api/components", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (200, 401)


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/components?pageNum=0", "/else", "/api/components?pageSize=x"]
)
def test_a_question_that_makes_no_sense_is_told_inside_a_200(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.json()["code"] in (404, 500)


def test_faults_come_in_the_order_asked_for(urban: UrbanManagement, client: httpx.Client) -> None:
    urban.fail(Fault("code_500", times=2), Fault("http_503"), Fault("too_many", retry_after=7))
    assert [client.get("/api/places").json()["code"] for _ in range(2)] == [500, 500]
    assert client.get("/api/places").status_code == 503
    limited = client.get("/api/places")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert client.get("/api/places").json()["code"] == 200


def test_connections_break_and_answers_are_cut(
    urban: UrbanManagement, client: httpx.Client
) -> None:
    urban.fail(Fault("broken"), Fault("malformed"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/api/places")
    with pytest.raises(ValueError, match="Unterminated"):
        client.get("/api/places").json()


def test_shifted_pages_repeat_or_miss_rows(urban: UrbanManagement, client: httpx.Client) -> None:
    asked = {"pageNum": 2, "pageSize": 10}
    usual = client.get("/api/components", params=asked).json()["rows"]
    urban.fail(Fault("shifted", rows=-3), Fault("shifted", rows=2))
    assert client.get("/api/components", params=asked).json()["rows"][3:] == usual[:7]
    assert client.get("/api/components", params=asked).json()["rows"][:8] == usual[2:]


def test_a_fault_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Fault("fire")


def test_a_change_is_written_read_back_and_kept(
    urban: UrbanManagement, client: httpx.Client
) -> None:
    row = client.get("/api/components", params={"pageNum": 1, "pageSize": 1}).json()["rows"][0]
    path = f"/api/components/{row['ObjID']}"
    said = client.put(path, json={"ObjState": "3"}, headers={"Idempotency-Key": "d1"})
    assert said.json() == {"code": 200}
    back = client.get(path).json()["row"]
    assert back["ObjState"] == "3"
    assert back["UpdateTime"] > row["UpdateTime"]
    assert pages(client, "components", 500)[-1]["ObjID"] == row["ObjID"], "the newest now"
    assert urban.journal.entries[0]["fields"] == ["ObjState"]


def test_the_same_delivery_has_one_effect(urban: UrbanManagement, client: httpx.Client) -> None:
    key = next(iter(urban.rows["places"]))
    for name in ("甲", "乙"):
        client.put(f"/api/places/{key}", json={"Name": name}, headers={"Idempotency-Key": "d2"})
    assert urban.rows["places"][key]["Name"] == "甲"
    assert len(urban.journal.entries) == 1


@pytest.mark.parametrize(
    "changes", [{}, {"EntityID": "x"}, {"Nothing": "1"}, {"UpdateTime": "2030-01-01"}]
)
def test_changes_that_may_not_be_are_refused(
    urban: UrbanManagement, client: httpx.Client, changes: dict[str, str]
) -> None:
    key = next(iter(urban.rows["places"]))
    before = dict(urban.rows["places"][key])
    said = client.put(f"/api/places/{key}", json=changes).json()
    assert said["code"] == 409
    assert said["msg"]
    assert urban.rows["places"][key] == before
    assert client.put("/api/places/none", json={"Name": "x"}).json()["code"] == 409


def test_the_police_hold_every_row_in_text(village: District, tmp_path: Path) -> None:
    _police_hold_every_row(village, f"sqlite:///{tmp_path / 'police.sqlite'}")


def test_the_police_may_use_postgresql(village: District, empty_database_url: str) -> None:
    _police_hold_every_row(village, empty_database_url)


@pytest.mark.long
def test_the_police_may_use_mariadb(village: District, mariadb_url: str) -> None:
    _police_hold_every_row(village, mariadb_url)


def _police_hold_every_row(village: District, url: str) -> None:
    system = PublicSecurity(url).load(village.views["public_security"])
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        for dataset, name in TABLES.items():
            rows = connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all()
            native = village.rows("public_security", dataset).to_dict("records")
            assert sorted(str(dict(row)) for row in rows) == sorted(map(str, native))
    engine.dispose()
    system.stop()


def test_the_police_take_a_later_state_by_changed_rows(village: District, tmp_path: Path) -> None:
    after = village.later(1, 0.1)
    system = PublicSecurity(f"sqlite:///{tmp_path / 'p.sqlite'}").load(
        village.views["public_security"]
    )
    written = system.advance(village.views["public_security"], after.views["public_security"])
    assert 0 < written < 0.3 * sum(map(len, village.views["public_security"].rows.values()))
    with sa.create_engine(system.url).connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM zk_rkxx")).mappings().all()
    native = after.rows("public_security", "residents").to_dict("records")
    assert sorted(str(dict(row)) for row in rows) == sorted(map(str, native))
    system.stop()


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ({"xz": "13800000000"}, "1", ""),
        ({"ywbh": "R000000000000"}, "2", "无此记录"),
        ({"zdmc": "rybh"}, "2", "字段不可变更"),
        ({"zdmc": "nothing"}, "2", "字段不可变更"),
        ({"ywb": "zk_else"}, "2", "无此业务表"),
    ],
)
def test_the_police_check_what_is_proposed(
    village: District, tmp_path: Path, change: dict[str, str], state: str, reason: str
) -> None:
    url = f"sqlite:///{tmp_path / 'police.sqlite'}"
    system = PublicSecurity(url, refuses=0.0).load(village.views["public_security"])
    key = village.rows("public_security", "residents")["rybh"].iloc[0]
    line = {"fkbh": "d-1", "ywb": "zk_rkxx", "ywbh": key, "zdmc": "dh", "yz": "", "xz": "1",
            "yj": "", "fksj": "20260901000000", "clzt": "0", "clyj": "", **change}  # fmt: skip
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(f":{name}" for name in line)
        connection.execute(sa.text(f"INSERT INTO zk_hcfk VALUES ({names})"), line)
    assert system.answer() == 1
    assert system.answer() == 0
    with engine.connect() as connection:
        said = connection.execute(sa.text("SELECT clzt, clyj FROM zk_hcfk")).one()
        row = connection.execute(
            sa.text("SELECT dh, gxsj FROM zk_rkxx WHERE rybh = :k"), {"k": key}
        ).one()
    assert tuple(said) == (state, reason)
    assert (row[0] == line["xz"]) == (state == "1")
    engine.dispose()
    system.stop()


def write_return(folder: Path, name: str, rows: list[list[str]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["数据集", "编号", "字段", "原值", "新值", "来源", "时间"], *rows]:
        sheet.append(row)
    book.save(folder / "outbox" / f"回流_{name}.xlsx")


def test_the_office_answers_returns_and_delivers_what_it_entered(
    village: District, tmp_path: Path
) -> None:
    office = StreetOffice(tmp_path, refuses=0.0)
    view = village.later(1, 0.0).views["street_office"]
    office.deliver(view, village.world.now)
    key = view.rows["residents"]["人员编号"].iloc[3]
    write_return(tmp_path, "d1", [
        ["residents", key, "联系电话", "", "16900000000", "worker", ""],
        ["人口信息", "SQ000-000000", "联系电话", "", "1", "", ""],
        ["residents", key, "人员编号", "", "1", "", ""],
    ])  # fmt: skip
    assert office.answer() == 1
    assert office.answer() == 0, "once each"
    with (tmp_path / "outbox" / "回执_d1.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["结果"] for line in lines] == ["已更新", "不予更新", "不予更新"]
    assert [bool(line["原因"]) for line in lines] == [False, True, True]
    later = village.later(1, 0.0).views["street_office"]
    office.deliver(later, village.world.now + 60)
    rows = later.rows["residents"]
    assert rows.loc[rows["人员编号"] == key, "联系电话"].iloc[0] == "16900000000"


class _Hub(ThreadingHTTPServer):
    """A hub that notes what is pushed: the outermost edge of the property system."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.pushed: Queue[tuple[str, str, list[dict[str, str]]]] = Queue()


class _Requests(BaseHTTPRequestHandler):
    server: _Hub

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        answer: dict[str, object] = {"access_token": "t"}
        if not self.path.startswith("/oauth"):
            text = body.decode()
            rows = (
                json.loads(text)
                if text[0] == "["
                else [json.loads(one) for one in text.splitlines()]
            )
            self.server.pushed.put((self.path, self.headers["Idempotency-Key"], rows))
            answer = {"received": len(rows)}
        said = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[_Hub]:
    server = _Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def companies(village: District, hub: _Hub, tmp_path: Path) -> Iterator[PropertySystem]:
    system = PropertySystem(tmp_path, SECRET, refuses=0.0).load(village.views["property"]).start()
    yield system.connect(f"http://127.0.0.1:{hub.server_port}", "id", "secret")
    system.stop()


def post(
    system: PropertySystem, name: str, said: dict[str, object], secret: str = SECRET
) -> httpx.Response:
    body = json.dumps({"specversion": "1.0", "id": name, "data": said})
    moment = datetime.now(UTC)
    headers = {"webhook-id": name, "webhook-timestamp": str(int(moment.timestamp())),
               "webhook-signature": Webhook(secret).sign(name, moment, body)}  # fmt: skip
    return httpx.post(system.url, content=body, headers=headers)


def test_the_first_load_is_gb18030(village: District, companies: PropertySystem) -> None:
    for dataset in ("rooms", "owners"):
        text = (companies.folder / f"{dataset}.csv").read_bytes().decode("gb18030")
        lines = list(csv.DictReader(text.splitlines()))
        assert lines == village.rows("property", dataset).to_dict("records")


def test_a_signed_change_is_applied_and_pushed_back(companies: PropertySystem, hub: _Hub) -> None:
    key = next(iter(companies.rows["owners"]))
    said: dict[str, object] = {"dataset": "owners", "key": key, "changes": {"link": "16900000001"}}
    assert post(companies, "d1", said).status_code == 200
    path, _, rows = hub.pushed.get(timeout=10)
    assert path == "/v1/sources/property/owners/records"
    assert rows == [companies.rows["owners"][key]]
    assert rows[0]["link"] == "16900000001"
    assert post(companies, "d1", {**said, "changes": {"link": "0"}}).status_code == 200
    assert companies.rows["owners"][key]["link"] == "16900000001", "one effect for one id"


def test_changes_unsigned_or_impossible_are_refused(companies: PropertySystem) -> None:
    key = next(iter(companies.rows["rooms"]))
    said: dict[str, object] = {"dataset": "rooms", "key": key, "changes": {"lift": "1010"}}
    assert post(companies, "d1", said, "whsec_" + "A" * 32).status_code == 401
    for nth, wrong in enumerate(
        ({"key": "none"}, {"changes": {}}, {"changes": {"room_id": "1"}}, {"dataset": "x"})
    ):
        answer = post(companies, f"w{nth}", {**said, **wrong})
        assert answer.status_code == 409
        assert answer.json()["reason"]


def test_many_rows_go_as_one_stream(companies: PropertySystem, hub: _Hub) -> None:
    row = next(iter(companies.rows["rooms"].values()))
    rows = [{**row, "room_id": f"{nth:010d}"} for nth in range(2_500)]
    companies.push("rooms", rows)
    companies.push("rooms", rows[:10])
    many, few = hub.pushed.get(timeout=10), hub.pushed.get(timeout=10)
    assert many[2] == rows
    assert few[2] == rows[:10]
    assert many[1] != few[1]
    assert all(value for row in rows for value in row.values()), "nothing said is not sent"


def test_all_departments_run_together_and_life_goes_on(village: District, tmp_path: Path) -> None:
    with Departments(tmp_path / "demo", village) as departments:
        said = departments.environment()
        assert len(said) == 7
        assert all(name.startswith("HUB_SOURCES__") for name in said)
        waiting = departments.advance(2, 0.1)
        assert waiting["rooms"]
        assert waiting["owners"]
        assert len(list((tmp_path / "demo" / "street_office" / "inbox").iterdir())) == 2
        urban = departments.urban_management
        newest = httpx.get(
            f"{urban.url}/api/components", params={"updatedSince": "2026-09-01 02:00:00"},
            headers={"Authorization": f"Bearer {urban.token}"},
        ).json()  # fmt: skip
        assert newest["total"] > 0
    assert (tmp_path / "demo" / "truth" / "records.csv").stat().st_size > 10_000
