"""Looking after the audit: checking it, sealing its days, handing it to outsiders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from hub import audit_check
from hub.config import Settings
from hub.database import engine
from hub.errors import WrongUse
from hub.jobs.export import whole_file
from hub.store import audit_months, spooled
from hub.store.audit import Entry, record
from hub.store.audit_reads import Asked, Root, chain, list_audit

CALLER = "hub audit"

#: How often whoever waits for a check hears of it.
_SAY_EVERY = 10_000


def settle(settings: Settings) -> int:
    """Have the audit hold what was told before; return how many entries lie in spools still."""
    return spooled.settle(engine(settings), settings.home)


def verify(
    settings: Settings,
    *,
    roots: Path | None = None,
    unsealed: bool = False,
    watch: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Say what was deleted, changed or reordered in the audit, and where; nothing if nothing was.

    ``roots`` is a file of roots kept elsewhere; ``unsealed`` looks only at what has no root yet.
    """
    settle(settings)
    with _one_state(settings) as connection:
        sealed = audit_months.last_sealed(connection) if unsealed else None
        since = sealed and date.fromordinal(sealed.toordinal() + 1)
        lines = _watched(chain(connection, since), watch)
        return list(audit_check.faults(lines, _kept(roots or roots_file(settings))))


def export(settings: Settings, file: Path, since: date | None = None) -> int:
    """Write the audit as an outsider can check it (`hub audit script`); return the entries."""
    entries = 0
    settle(settings)
    with whole_file(file) as target, _one_state(settings) as connection:
        for line in chain(connection, since):
            target.write(orjson.dumps(line) + b"\n")
            entries += "entry" in line
    _tell(settings, Entry(CALLER, "export audit", about=f"{entries} entries"))
    return entries


def seal(settings: Settings) -> list[Root]:
    """Keep the root of each day that is over, in the database and in `roots_file`."""
    settle(settings)
    with engine(settings).begin() as connection:
        sealed = audit_months.seal(connection)
        _append(roots_file(settings), sealed)
    return sealed


def turn_months(settings: Settings) -> list[str]:
    """Make months ahead and drop those kept long enough; return the dropped ones."""
    with engine(settings).begin() as connection:
        return audit_months.turn_months(connection)


def who(settings: Settings, entity_id: str, limit: int) -> list[Mapping[str, Any]]:
    """List who has read or written an entity, newest first; that is told as well."""
    asked = Asked(entity=entity_id)
    settle(settings)
    with engine(settings).connect() as connection:
        found = list_audit(connection, asked, before=None, limit=limit)
    _tell(settings, Entry(CALLER, "read audit", "steward", entity_ids=[entity_id]))
    return found


def roots_file(settings: Settings) -> Path:
    """Return the file that daily roots are appended to, to be copied to where nobody changes it."""
    return settings.home / "audit" / "roots.csv"


@contextmanager
def _one_state(settings: Settings) -> Iterator[Connection]:
    with engine(settings).connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _watched(
    lines: Iterator[Mapping[str, Any]], watch: Callable[[int], None]
) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(lines):
        if number % _SAY_EVERY == 0:
            watch(number)
        yield line


def _tell(settings: Settings, entry: Entry) -> None:
    with engine(settings).begin() as connection:
        record(connection, entry)


def _kept(file: Path) -> dict[int, str]:
    """Read the roots that were kept: the hash by the number of the entry that it is of."""
    if not file.exists():
        return {}
    try:
        rows = [line.split(",") for line in file.read_text(encoding="utf-8").split()]
        return {int(number): kept for _, number, kept in rows}
    except (OSError, ValueError):
        raise WrongUse(f"{file} does not hold lines of day,number,hash") from None


def _append(file: Path, roots: list[Root]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{root.day},{root.audit_id},{root.hash}\n" for root in roots)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as target:
        target.write(lines)
        target.flush()
        os.fsync(target.fileno())
