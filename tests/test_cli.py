"""The command line: results as tables or one JSON document, one clear line for every error."""

from __future__ import annotations

import csv
import http.client
import ipaddress
import json
import os
import select
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow.parquet as pq
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Engine, text

from hub.cli import main
from hub.limits import LEAST_PEOPLE, MOST_PEOPLE

HEADER = "网格编号,网格名称,网格类型,社区代码,网格长,联系电话,网格员,边界,更新时间"
GRIDS = [
    "630102001001001,北关第一网格,社区网格,630102001001,王小明,09718123456,李四、张三,"
    '"POLYGON((101.78 36.61,101.79 36.61,101.79 36.62,101.78 36.61))",2026-09-01',
    "630102001001002,=北关第二网格,社区网格,630102001001,,,,,2026-09-01",
]
# The fields the design promises, in its order.
LEDGER = (
    *("source", "dataset", "batch_id", "received", "accepted", "unchanged", "quarantined"),
    *("withdrawn", "repeated", "missing", "held", "seconds"),
)
RESOLVED = ("records", "entities", "created", "changed", "merged", "split", "review", "seconds")
COMMANDS = ("demo", "up", "migrate", "serve", "sync", "resolve", "export", "rebuild", "schema")
Hub = Callable[..., Any]
SERVES = [sys.executable, "-m", "hub.cli"]


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings in the environment, as a user has them."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    return tmp_path / "home"


@pytest.fixture
def office(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A street office that has delivered its grids."""
    folder = tmp_path / "office"
    deliver(folder, "20260901T020000", GRIDS)
    monkeypatch.setenv("HUB_SOURCES__STREET_OFFICE__FOLDER", str(folder))
    return folder


def deliver(folder: Path, name: str, lines: list[str]) -> None:
    delivery = folder / "inbox" / name
    delivery.mkdir(parents=True)
    (delivery / "网格信息.csv").write_text("\n".join([HEADER, *lines]), encoding="gb18030")
    (delivery / "_SUCCESS").touch()


@pytest.fixture
def hub(home: Path, capsys: pytest.CaptureFixture[str]) -> Hub:
    """Run a command that has to succeed, and read its JSON document."""

    def run(*arguments: object) -> Any:
        assert code_of(*arguments, "--json") == 0
        return json.loads(capsys.readouterr().out)

    return run


def code_of(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_help_names_every_command_and_comes_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    heavy = ("pandas", "sqlalchemy", "pydantic", "fastapi", "great_expectations")
    code = f"import sys, hub.cli; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert code_of("--help") == 0
    shown = capsys.readouterr().out
    for command in (*COMMANDS, "source", "batch", "client"):
        assert f" {command} " in shown


def test_a_batchs_way_from_the_source_to_a_file(office: Path, hub: Hub, tmp_path: Path) -> None:
    synced = hub("sync")
    (batch,) = synced["batches"]
    assert tuple(batch) == LEDGER
    assert (batch["dataset"], batch["received"], batch["accepted"]) == ("grids", 2, 2)
    assert batch["held"] is False
    resolved = hub("resolve")
    assert tuple(resolved) == RESOLVED
    assert (resolved["records"], resolved["created"]) == (2, 2)
    assert hub("export", "links", "-o", tmp_path / "links.csv")["rows"] == 2
    with (tmp_path / "links.csv").open(encoding="utf-8", newline="") as lines:
        links = list(csv.DictReader(lines))
    assert list(links[0]) == ["entity", "source", "dataset", "key", "golden_id"]
    assert [(link["entity"], link["key"]) for link in links] == [
        ("grid", "630102001001001"),
        ("grid", "630102001001002"),
    ]
    assert hub("sync")["batches"] == []
    assert hub("resolve", "--full")["changed"] == 0


def test_exports_say_the_same_in_every_format(office: Path, hub: Hub, tmp_path: Path) -> None:
    hub("sync")
    hub("resolve")
    for form in ("csv", "ndjson", "parquet"):
        assert hub("export", "grids", "--format", form, "-o", tmp_path / form)["rows"] == 2
    with (tmp_path / "csv").open(encoding="utf-8", newline="") as lines:
        flat = {row["grid_code"]: row for row in csv.DictReader(lines)}
    nested = [json.loads(line) for line in (tmp_path / "ndjson").read_text("utf-8").splitlines()]
    typed = pq.read_table(tmp_path / "parquet").to_pylist()
    by_code = {row["fields"]["grid_code"]: row for row in nested}
    assert flat.keys() == by_code.keys() == {row["grid_code"] for row in typed}
    for row in typed:
        golden = by_code[row["grid_code"]]
        for name in ("id", "version", "updated_at"):
            assert row[name] == golden[name]
        assert row["grid_worker_names"] == golden["fields"].get("grid_worker_names")
    assert by_code["630102001001001"]["fields"]["grid_worker_names"] == ["李四", "张三"]
    assert by_code["630102001001001"]["fields"]["grid_boundary"]["type"] == "Polygon"


def test_a_spreadsheet_gets_no_formula_and_a_program_every_character(
    office: Path, hub: Hub, tmp_path: Path
) -> None:
    hub("sync")
    hub("resolve")
    hub("export", "grids", "-o", tmp_path / "grids.csv")
    hub("export", "grids", "--format", "ndjson", "-o", tmp_path / "grids.ndjson")
    assert "'=北关第二网格" in (tmp_path / "grids.csv").read_text("utf-8")
    assert '"=北关第二网格"' in (tmp_path / "grids.ndjson").read_text("utf-8")


def test_an_export_is_in_the_audit(office: Path, hub: Hub, tmp_path: Path, engine: Engine) -> None:
    hub("export", "persons", "--purpose", "statistics", "-o", tmp_path / "persons.csv")
    with engine.connect() as connection:
        entry = connection.execute(
            text("SELECT caller, purpose, record_type, fields FROM audit WHERE action = 'export'")
        ).one()
    assert entry[:3] == ("hub export", "statistics", "person")
    assert "citizen_id_no" in entry.fields


def test_an_export_is_in_the_audit_with_every_entity_it_tells_of(
    office: Path, hub: Hub, tmp_path: Path, engine: Engine
) -> None:
    hub("sync")
    hub("resolve")
    hub("export", "grids", "--format", "ndjson", "-o", tmp_path / "grids")
    hub("export", "links", "-o", tmp_path / "links")
    lines = (tmp_path / "grids").read_text("utf-8").splitlines()
    ids = {json.loads(line)["id"] for line in lines}
    assert ids
    with engine.connect() as connection:
        query = "SELECT entity_ids FROM audit WHERE action = 'export' ORDER BY audit_id"
        told = [set(row.entity_ids) for row in connection.execute(text(query))]
    assert told[0] == ids
    assert told[1] >= ids


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_an_export_of_nothing_is_a_whole_file(hub: Hub, tmp_path: Path, form: str) -> None:
    file = tmp_path / "cameras"
    assert hub("export", "cameras", "--format", form, "-o", file)["rows"] == 0
    if form == "parquet":
        assert "device_code" in pq.read_schema(file).names
    else:
        assert file.read_text("utf-8").startswith(
            "" if form == "ndjson" else "id,version,updated_at"
        )


def test_an_export_that_cannot_be_written_leaves_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of("export", "persons", "-o", tmp_path / "none" / "persons.csv") == 2
    assert code_of("export", "persons", "--purpose", "fun", "-o", tmp_path / "p.csv") == 2
    assert code_of("export", "moons", "-o", tmp_path / "p.csv") == 2
    assert code_of("export", "persons", "--format", "xls", "-o", tmp_path / "p.csv") == 2
    assert_lines(capsys, 4)
    assert list(tmp_path.glob("*p*.csv")) == []


def assert_lines(capsys: pytest.CaptureFixture[str], count: int) -> list[str]:
    """Errors are one clear line each on standard error, and nothing is on standard output."""
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == count
    assert all(line.startswith("hub: ") for line in lines)
    assert "Traceback" not in err
    return lines


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync", "moonbase"),
        ("sync", "property"),
        ("sync", "--jsno"),
        ("moon",),
        ("batch", "release", "7"),
        ("batch", "release", "seven"),
        ("client", "add", "x", "--role", "king"),
        ("client", "add", "x", "--role", "department", "--source", "moonbase"),
        ("client", "add", "x"),
        ("schema", "moon"),
        ("source", "test", "moonbase"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_and_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert code_of(*arguments) == 2
    assert_lines(capsys, 1)


def test_a_wrong_setting_is_one_line_and_code_2(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DISTRICT__DIVISION", "Xining")
    assert code_of("sync") == 2
    (line,) = assert_lines(capsys, 1)
    assert "HUB_DISTRICT__DIVISION" in line
    assert "Xining" not in line


def test_a_database_that_is_down_is_one_line_and_code_3(
    office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("HUB_DATABASE_URL", f"postgresql://hub:secret@127.0.0.1:{port}/hub")
    for command in (["sync"], ["resolve"], ["batch", "list"], ["migrate"]):
        assert code_of(*command) == 3
        assert "secret" not in assert_lines(capsys, 1)[0]


def test_a_source_that_is_down_is_code_3_and_stops_no_other(
    office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    monkeypatch.setenv("HUB_SOURCES__URBAN_MANAGEMENT__URL", url)
    monkeypatch.setenv("HUB_SOURCES__URBAN_MANAGEMENT__TOKEN", "secret")
    assert code_of("sync", "--json") == 3
    out, err = capsys.readouterr()
    assert [batch["source"] for batch in json.loads(out)["batches"]] == ["street_office"]
    assert err.startswith("hub: urban_management: ")
    assert len(err.splitlines()) == 1
    assert code_of("source", "test", "--json") == 3
    answers = {
        each["source"]: each["failure"] for each in json.loads(capsys.readouterr().out)["sources"]
    }
    assert answers["street_office"] is None
    assert answers["urban_management"]


def test_what_nobody_expected_is_one_line_with_a_reference_and_logged_without_values(
    home: Path, hub: Hub, capsys: pytest.CaptureFixture[str], engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE resolve_queue RENAME TO moved"))
    assert code_of("resolve") == 3
    (line,) = assert_lines(capsys, 1)
    log = (home / "logs" / "hub.log").read_text("utf-8")
    reference = line.split("reference ")[1].split()[0]
    assert reference in log
    assert "in resolve" in log


def test_a_held_batch_is_listed_released_and_only_once(
    office: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [
        f"630102001001{n:03},网格{n},社区网格,630102001001,,,,,2026-09-01" for n in range(1, 101)
    ]
    deliver(office, "20260902T020000", many)
    hub("sync")
    deliver(office, "20260903T020000", many[:40])
    held = hub("sync")["batches"][-1]
    assert held["held"] is True
    listed = hub("batch", "list", "--held")["batches"]
    assert [each["batch_id"] for each in listed] == [held["batch_id"]]
    assert listed[0]["flaw"]
    released = hub("batch", "release", held["batch_id"])
    assert (released["state"], released["missing"]) == ("kept", 60)
    assert code_of("batch", "refuse", held["batch_id"]) == 2
    assert_lines(capsys, 1)


def test_a_clients_secret_is_printed_once_and_lets_it_in(hub: Hub, home: Path) -> None:
    said = hub("client", "add", "police", "--role", "department", "--source", "public_security")
    assert said["client_id"]
    assert said["source"] == "public_security"
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(said["client_secret"].encode() in each for each in kept)
    served = subprocess.Popen(
        [*SERVES, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert served.stdout is not None
        address = json.loads(served.stdout.readline())["address"]
        login = (said["client_id"], said["client_secret"])
        with httpx.Client(transport=httpx.HTTPTransport(retries=9)) as api:
            grant = {"grant_type": "client_credentials"}
            answer = api.post(f"{address}/oauth/token", data=grant, auth=login)
        assert answer.status_code == httpx.codes.OK
        assert answer.json()["access_token"]
    finally:
        served.terminate()
        served.wait(30)
        served.stdout and served.stdout.close()


@pytest.fixture
def certified(tmp_path: Path) -> dict[str, str]:
    """A certificate of this machine, by itself, and its key: as settings name them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    signed = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(hours=1), now + timedelta(hours=1)
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = {
        "certificate": signed.add_extension(here, False).sign(key, SHA256()).public_bytes(pem),
        "key": key.private_bytes(pem, *plain),
    }
    for part, said in files.items():
        (tmp_path / part).write_bytes(said)
    return {f"HUB_TLS__{part.upper()}": str(tmp_path / part) for part in files}


def test_it_speaks_tls_where_it_has_a_certificate_and_keeps_idle_connections(
    home: Path, certified: dict[str, str]
) -> None:
    served = subprocess.Popen(
        [*SERVES, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | certified,
    )
    try:
        assert served.stdout is not None
        address = json.loads(served.stdout.readline())["address"]
        assert address.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=certified["HUB_TLS__CERTIFICATE"])
        with httpx.Client(
            transport=httpx.HTTPTransport(verify=trusted, retries=9), timeout=60
        ) as api:
            assert api.get(f"{address}/healthz").status_code == httpx.codes.OK
        door = urlsplit(address)
        line = http.client.HTTPSConnection(str(door.hostname), door.port, context=trusted)
        with closing(line):
            line.request("GET", "/healthz")
            assert line.getresponse().read()
            first = line.sock
            # Five seconds are the server's usual patience; what it closes can be read from.
            assert not select.select([first], [], [], 7)[0]
            line.request("GET", "/healthz")
            assert line.getresponse().read()
            assert line.sock is first
    finally:
        served.terminate()
        served.wait(30)
        served.stdout and served.stdout.close()


def test_a_certificate_that_is_none_is_one_line_and_code_2(
    home: Path, certified: dict[str, str]
) -> None:
    for name, said in (("HUB_TLS__KEY", "/none"), ("HUB_TLS__CERTIFICATE", __file__)):
        served = subprocess.run(
            [*SERVES, "serve", "--port", "0"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | certified | {name: said, "PYTHONWARNINGS": "ignore"},
        )
        assert served.returncode == 2
        assert len(served.stderr.splitlines()) == 1
        assert served.stderr.startswith("hub: cannot speak TLS by HUB_TLS__CERTIFICATE")


def test_a_port_in_use_is_one_line_and_code_2(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        served = subprocess.run(
            [*SERVES, "serve", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
    assert served.returncode == 2
    assert len(served.stderr.splitlines()) == 1
    assert served.stderr.startswith("hub: ")


def test_the_schema_is_shown_whole_and_by_record_type(hub: Hub) -> None:
    assert len(hub("schema")["record_types"]) == 8
    person = hub("schema", "person")
    assert {"code": "POP-005", "level": "L3"}.items() <= person["fields"][4].items()
    assert hub("schema", "--write") == {"written": [], "changes": {}}


@pytest.mark.parametrize("command", [["demo"], ["bench", "sync"]])
@pytest.mark.parametrize("people", [LEAST_PEOPLE - 1, MOST_PEOPLE + 1])
def test_a_district_of_a_size_that_there_is_not_is_wrong_use(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], people: int
) -> None:
    """Whoever draws the district and whoever asks for it take the bounds from one place."""
    assert code_of(*command, "--people", f"{people}") == 2
    said = capsys.readouterr().err
    assert f"equal to {LEAST_PEOPLE if people < LEAST_PEOPLE else MOST_PEOPLE};" in said
    assert not home.exists()


def test_migrating_twice_changes_nothing(hub: Hub) -> None:
    assert hub("migrate") == hub("migrate")


def test_tables_are_for_people(office: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["sync"],
        ["resolve"],
        ["batch", "list"],
        ["source", "list"],
        ["schema", "grid"],
    ):
        assert code_of(*command) == 0
    shown = capsys.readouterr().out
    for word in ("quarantined", "street_office", "grids", "街道", "网格编码", "entities"):
        assert word in shown
