"""How long the hub keeps what it keeps: one table of periods, and the statements that end them.

What is served, and what judges it (matches, judgements, links, ids), has no period here: it lives
as long as a source speaks of it. Of what is over, values go and numbers stay:

- versions that are no longer served (`golden_history`, `record_history`) are what provenance and
  ``as_of`` answer from. Whoever asks in the audit who has read a resident is owed what was read, so
  they are kept as long as the audit is, and not longer (PIPL, Art 19);
- ids, links and the keys of records stay for good, without values: an id is never reused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.model import Title
from hub.store import tables
from hub.store.audit_months import YEARS_KEPT
from schemas import MODELS, fields

#: Decree 809, Art 29.
THREE_YEARS = 366 * YEARS_KEPT
#: Rows that one transaction disposes of.
AT_ONCE = 20_000

#: What values are hashed to where there are none: no record and no golden record has this hash.
_BLANK = "'00000000-0000-0000-0000-000000000000'::uuid"
_OLD = "< now() - make_interval(days => :days)"


@dataclass(frozen=True, slots=True)
class Period:
    """For how many days something is kept, why so long, and how it is found and disposed of."""

    name: str
    title: Title
    days: int
    why: str
    tables: tuple[str, ...]
    #: SQL of the rows whose time is over, by the number of ``:days``.
    condition: str
    #: Whether rows stay, without their values.
    blanked: bool = False


def _of_types(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in MODELS)


_STAGED = ("staged_row", "staged_fault", "staged_tie", *_of_types("staged"))
_LAW = "Decree 809, Art 29: what was done with shared data stays on record for three years"

#: In the order in which they are disposed of.
PERIODS: tuple[Period, ...] = (
    Period(
        "idempotency",
        Title("防重复请求的答复", "answers kept for requests sent again"),
        7,
        "a client that has not retried for a week will not",
        ("idempotency",),
        f"at {_OLD}",
    ),
    Period(
        "sessions",
        Title("已结束的登录", "sessions that have ended"),
        30,
        "to look into a lock-out or a theft; logins are in the audit as well",
        ("session",),
        f"least(expires_at, coalesce(ended_at, expires_at)) {_OLD}",
    ),
    Period(
        "login_links",
        Title("已失效的登录链接", "links that are used or expired"),
        30,
        "as sessions",
        ("login_link",),
        f"least(expires_at, coalesce(used_at, expires_at)) {_OLD}",
    ),
    Period(
        "revoked_tokens",
        Title("已撤销的令牌", "access tokens taken back"),
        1,
        "a token that has expired needs no taking back",
        ("revoked_token",),
        f"expires_at {_OLD}",
    ),
    Period(
        "staged_rows",
        Title("已终结批次的暂存行", "staged rows of batches that are over"),
        7,
        "whoever refused a batch may want to look at it once more",
        _STAGED,
        "batch_id IN (SELECT batch_id FROM batch WHERE state IN ('kept', 'replaced', 'refused')"
        f" AND coalesce(finished_at, received_at) {_OLD})",
    ),
    Period(
        "raw_rows",
        Title("已撤销记录的原始行", "raw rows of withdrawn records"),
        90,
        "a snapshot that withdrew by mistake is noticed within a quarter",
        ("landing",),
        "state IN ('withdrawn', 'missing') AND batch_id IN (SELECT batch_id FROM batch"
        f" WHERE coalesce(finished_at, received_at) {_OLD})",
    ),
    Period(
        "quarantine",
        Title("已消除的隔离项", "quarantine that was mended"),
        180,
        "two quarters of figures by which a department sees what it has mended",
        ("quarantine",),
        f"released_at {_OLD}",
    ),
    Period(
        "exports",
        Title("导出登记", "what was noted of exports; their files go after 7 days"),
        THREE_YEARS,
        _LAW,
        ("export",),
        f"state IN ('expired', 'failed') AND created_at {_OLD}",
    ),
    Period(
        "entries",
        Title("工作者录入登记", "who entered what, when and why"),
        THREE_YEARS,
        _LAW,
        ("entry",),
        f"at {_OLD}",
    ),
    Period(
        "corrections",
        Title("已答复的校核", "corrections that were answered"),
        THREE_YEARS,
        _LAW,
        ("correction",),
        f"state <> 'open' AND answered_at {_OLD}",
    ),
    Period(
        "deliveries",
        Title("已了结的回流", "deliveries that have ended, with their values"),
        THREE_YEARS,
        _LAW,
        ("delivery_field", "delivery"),
        "delivery_id IN (SELECT delivery_id FROM delivery WHERE state IN"
        f" ('refused', 'confirmed', 'differs') AND at {_OLD})",
    ),
    Period(
        "record_versions",
        Title("来源记录的旧版本", "what records said before"),
        THREE_YEARS,
        "provenance of what was read is owed as long as the audit tells who read it",
        ("record_history",),
        f"until {_OLD}",
    ),
    Period(
        "golden_versions",
        Title("主记录的旧版本", "versions that are no longer served"),
        THREE_YEARS,
        "as record_versions",
        ("golden_history",),
        f"until {_OLD}",
    ),
    Period(
        "withdrawn_records",
        Title("已撤销记录的内容", "values of withdrawn records"),
        THREE_YEARS,
        "as record_versions; key and link stay, so that its id comes back with it",
        _of_types("record"),
        f"content_hash <> {_BLANK} AND withdrawn_at {_OLD}",
        blanked=True,
    ),
    Period(
        "retired_golden",
        Title("已停用主记录的内容", "values of golden records that are no longer served"),
        THREE_YEARS,
        "as record_versions; the id stays",
        _of_types("golden"),
        f"content_hash <> {_BLANK} AND retired_at {_OLD}",
        blanked=True,
    ),
    Period(
        "resident_requests",
        Title("居民申请", "what residents asked, once it was answered"),
        THREE_YEARS,
        "to show that it was answered in time, and why it was refused",
        ("resident_request",),
        f"ended_at {_OLD}",
    ),
    Period(
        "request_trails",
        Title("居民申请的办理过程", "the steps of requests that are gone"),
        0,
        "with its request",
        ("resident_step", "erasure_ask"),
        "request_id NOT IN (SELECT request_id FROM resident_request) AND :days = 0",
    ),
)

#: Kept by partition; see `hub.store.audit_months`, which the DAG `audit` turns.
AUDIT = Period(
    "audit",
    Title("审计", "who read and wrote what"),
    THREE_YEARS,
    f"{_LAW}; whole months, after their root is sealed",
    ("audit",),
    f"at {_OLD}",
)


def due(connection: Connection, period: Period) -> int:
    """Count the rows whose time is over."""
    counts = " + ".join(
        f"(SELECT count(*) FROM {name} WHERE {period.condition})" for name in period.tables
    )
    return int(connection.scalar(sa.text(f"SELECT {counts}"), {"days": period.days}) or 0)


def dispose(connection: Connection, period: Period, table: str, most: int) -> int:
    """Dispose of rows of a table whose time is over, at most so many; return how many it were."""
    these = f"""ctid = ANY(ARRAY(SELECT ctid FROM {table}
        WHERE {period.condition} LIMIT :most FOR UPDATE SKIP LOCKED))"""
    statement = _blank(table) if period.blanked else f"DELETE FROM {table}"
    done = connection.execute(
        sa.text(f"{statement} WHERE {these}"), {"days": period.days, "most": most}
    )
    return int(done.rowcount)


def blank_of(table: str, condition: str) -> str:
    """Write the statement that takes the values out of records or golden records that are over."""
    return f"{_blank(table)} WHERE content_hash <> {_BLANK} AND {condition}"


def _blank(table: str) -> str:
    kind, _, record_type = table.partition("_")
    names: Sequence[str] = [spec.name for spec in fields(MODELS[record_type])]
    if kind == "record":
        names = [*names, "address_key", "compound_key", "evidence", "notes", "since"]
    emptied = ", ".join(f"{name} = NULL" for name in names)
    marks = ", marks = '{}'" if kind == "golden" else ""
    return f"UPDATE {table} SET content_hash = {_BLANK}{marks}, {emptied}"


class Ended(NamedTuple):
    """A grant that has ended and is not disposed of."""

    grant_id: int
    client_id: str
    record_type: str


def ended_grants(connection: Connection) -> list[Ended]:
    """Return the grants that have ended and are not disposed of."""
    table = tables.field_grant
    query = sa.select(table.c.grant_id, table.c.client_id, table.c.record_type).where(
        table.c.disposed_at.is_(None),
        sa.or_(table.c.until <= sa.func.now(), table.c.revoked_at.is_not(None)),
    )
    return [Ended(*row) for row in connection.execute(query.order_by(table.c.grant_id))]


def note_disposed(connection: Connection, grant_id: int) -> None:
    """Write down that what was delivered by a grant is disposed of."""
    table = tables.field_grant
    done = table.update().where(table.c.grant_id == grant_id)
    connection.execute(done.values(disposed_at=sa.func.now()))
