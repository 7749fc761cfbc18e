"""The copy of what is held of somebody: values with their sources, who has read them, what for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hub.errors import Conflict
from hub.store import erasure, tables
from hub.store.entries import list_entries
from hub.store.provenance_reads import Version, Witness, list_versions, witnesses
from hub.store.resident_requests import ResidentRequest
from hub.store.retention import PERIODS
from hub.store.visible import View
from schemas import field

#: Versions and entries of somebody that a copy shows at most.
MOST = 1_000


def copy_of(connection: Connection, view: View, request: ResidentRequest) -> dict[str, Any]:
    """Return all that is held of whom a request is about: values, sources, recipients, purposes.

    Nothing is shown before it was seen to who asks.
    """
    if request.entity_id is None or request.state not in ("verified", "answered"):
        raise Conflict("a copy is given once it was seen to who asks")
    entity_id = erasure.present_id(connection, request.entity_id)
    versions = list_versions(connection, view, entity_id, before=None, limit=MOST)
    served = versions[0]
    said = witnesses(connection, view, served.members)
    entries = list_entries(connection, entity_id, before=None, limit=MOST)
    return {
        "person_id": entity_id,
        "request_id": request.request_id,
        "served": [_served(view, served, said, name) for name in served.fields],
        "records": [_record(said[one]) for one in served.members if one in said],
        "former": [_former(one) for one in versions[1:]],
        "entries": [
            {"at": one.at, "reason": one.reason, "fields": dict(one.fields)} for one in entries
        ],
        "recipients": [
            {str(name): value for name, value in row._mapping.items()}
            for row in (*_readers(connection, entity_id), *_told(connection, entity_id))
        ],
        "kept_for_days": {one.name: one.days for one in PERIODS},
    }


def _served(view: View, version: Version, said: Mapping[int, Witness], name: str) -> dict[str, Any]:
    place, _ = version.origins.get(name, (0, 0))
    members = version.members
    witness = said.get(members[place]) if place < len(members) else None
    spec = field(view.model, name)
    return {
        "field": name,
        "title_zh": spec.title_zh,
        "title_en": spec.title_en,
        "value": version.fields[name],
        "source": witness and witness.source,
        "since": witness and witness.said_since(name),
        "authority": spec.authority,
    }


def _record(one: Witness) -> dict[str, Any]:
    return {
        "source": one.source,
        "dataset": one.dataset,
        "key": one.key,
        "received_at": one.received_at,
        "fields": {name: value for name, value in one.fields.items() if value is not None},
    }


def _former(one: Version) -> dict[str, Any]:
    return {"version": one.version, "until": one.until, "fields": one.fields}


def _readers(connection: Connection, entity_id: str) -> Sequence[sa.Row[Any]]:
    """Return who has read somebody, for which purpose, how often and when; people by their role."""
    audit, client, account = tables.audit, tables.client, tables.account
    who = sa.func.coalesce(client.c.name, account.c.source, account.c.role, audit.c.caller)
    columns = (who.label("recipient"), audit.c.purpose, audit.c.action)
    query = (
        sa.select(
            *columns,
            sa.func.count().label("times"),
            sa.func.min(audit.c.at).label("first_at"),
            sa.func.max(audit.c.at).label("last_at"),
        )
        .outerjoin_from(audit, client, client.c.client_id == audit.c.caller)
        .outerjoin(account, account.c.account_id == audit.c.caller)
        .where(audit.c.entity_ids.overlap(_ids(connection, entity_id)))
        .group_by(*columns)
    )
    return connection.execute(query.order_by(sa.desc("last_at"))).all()


def _told(connection: Connection, entity_id: str) -> Sequence[sa.Row[Any]]:
    """Return which departments were told of changes of somebody, how often and when."""
    table = tables.delivery
    said = sa.literal("delivery")
    query = sa.select(
        table.c.source.label("recipient"),
        said.label("purpose"),
        said.label("action"),
        sa.func.count().label("times"),
        sa.func.min(table.c.handed_at).label("first_at"),
        sa.func.max(table.c.handed_at).label("last_at"),
    ).where(table.c.entity_id.in_(_ids(connection, entity_id)), table.c.handed_at.is_not(None))
    return connection.execute(query.group_by(table.c.source).order_by(table.c.source)).all()


def _ids(connection: Connection, entity_id: str) -> list[str]:
    table = tables.entity
    former = sa.select(table.c.entity_id).where(table.c.superseded_by == entity_id)
    return [entity_id, *connection.scalars(former)]
