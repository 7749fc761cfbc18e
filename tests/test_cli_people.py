"""Commands about who may come in, and about who has been there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hub.cli import main
from hub.store import users
from hub.store.audit import Entry, record
from hub.store.clients import recognise

Hub = Callable[..., Any]


@pytest.fixture
def hub(
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Hub:
    """Run a command; read its JSON document, or the words of its failure."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)

    def run(*arguments: str, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json"] if code in (0, 3) else list(arguments))
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return json.loads(said.out) if code in (0, 3) else said.err

    return run


def test_a_person_is_added_by_a_link_listed_and_shut_out(hub: Hub, engine: Engine) -> None:
    added = hub("user", "add", "李网格", "--role", "worker", "--area", "630102001001")
    address, token = added["link"].rsplit("/", 1)
    assert address == "http://127.0.0.1:8630/welcome"
    (listed,) = hub("user", "list")["users"]
    assert (listed["name"], listed["has_password"]) == ("李网格", False)
    assert "link" not in listed
    again = hub("user", "link", "李网格")["link"].rsplit("/", 1)[1]
    with engine.begin() as connection:
        assert users.find_link(connection, token) is None
        users.set_password(connection, again, "a password of some length")
    assert hub("user", "disable", "李网格")["disabled"] is True
    with engine.begin() as connection:
        assert users.recognise(connection, "李网格", "a password of some length") is None
        told = connection.execute(text("SELECT about FROM audit WHERE action = 'account'"))
        assert told.scalars().all() == ["add worker", "link", "disable"]


@pytest.mark.parametrize(
    "wrong",
    [
        *(["--role", "king"], ["--role", "department"], ["--role", "worker", "--area", "63"]),
        *(["--role", "worker", "--source", "property"], ["--role", "department", "--source", "x"]),
    ],
)
def test_who_cannot_be_meant_is_not_let_in(hub: Hub, engine: Engine, wrong: list[str]) -> None:
    assert hub("user", "add", "somebody", *wrong, code=2).startswith("hub: ")
    with engine.connect() as connection:
        assert users.list_accounts(connection) == []


def test_a_clients_secret_is_changed_and_the_client_shut_out(hub: Hub, engine: Engine) -> None:
    added = hub("client", "add", "console", "--role", "steward")
    changed = hub("client", "rotate", added["client_id"], "--hours", "1")
    with engine.connect() as connection:
        for secret in (added["client_secret"], changed["client_secret"]):
            assert recognise(connection, added["client_id"], secret) is not None
    assert hub("client", "revoke", added["client_id"])["revoked"] is True
    assert "no such client" in hub("client", "rotate", added["client_id"], code=2)
    (listed,) = hub("client", "list")["clients"]
    assert listed["revoked_at"] is not None
    assert "secret" not in str(listed)
    assert hub("client", "rotate-key")["kid"] != hub("client", "rotate-key")["kid"]


def test_an_outsider_checks_what_the_hub_exports(
    hub: Hub, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as connection:
        for number in range(3):
            record(connection, Entry(f"c-{number}", "read", "care", "person", ["P1"], ["name"]))
    assert hub("audit", "verify") == {"faults": []}
    who = hub("audit", "who", "P1")["entries"]
    assert [one["caller"] for one in who] == ["c-2", "c-1", "c-0"]
    export, script = tmp_path / "export", tmp_path / "check.py"
    assert hub("audit", "export", "-o", str(export))["entries"] == 4
    with pytest.raises(SystemExit):
        main(["audit", "script"])
    script.write_text(capsys.readouterr().out)
    check = [sys.executable, "-I", str(script), str(export)]
    assert subprocess.run(check, check=False).returncode == 0
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(lines).replace("c-1", "c-9"))
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.stdout == "entry 2 is not as it was written: changed\n"
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM audit WHERE audit_id = 2"))
    found = hub("audit", "verify", code=3)
    assert found == {"faults": ["entry 2 is missing: deleted"]}
    assert hub("audit", "seal") == {"roots": []}
