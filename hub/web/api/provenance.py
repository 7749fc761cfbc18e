"""Why this value: provenance of golden records at any time, and every version there was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from hub.golden import RULES
from hub.store.entries import causes_of
from hub.store.provenance_reads import Version, Witness, get_version, list_versions, witnesses
from hub.store.visible import View
from hub.web.access import Reader
from hub.web.asked import CursorText, EntityId, Limit, Moment, Projection, read_cursor
from hub.web.described import explained_model, page_model, version_model
from hub.web.routes import answer, answers, page, router
from schemas import Section

#: Rules by which the hub itself makes a value: no record has said it.
_OWN = frozenset({"minted", "census"})


class ProvenanceAsked(Projection):
    """Parameters of a golden record's provenance."""

    as_of: Moment | None = Field(
        None, description="Explain what was served at this time.", examples=["2026-09-01T08:00:00Z"]
    )


class HistoryAsked(Projection):
    """Parameters of the list of a golden record's versions."""

    limit: Limit = 100
    cursor: CursorText | None = None


def explained(
    connection: Connection, view: View, entity_id: str, as_of: datetime | None = None
) -> dict[str, Any]:
    """Say for each visible field why it has its value, and which values lost."""
    view = view.of_one(connection, entity_id)
    version = get_version(connection, view, entity_id, as_of)
    seen = witnesses(connection, view, version.members, as_of)
    ordered = sorted(seen.values(), key=lambda who: (who.source, who.dataset, who.key))
    reasons = {name: _reason(name, version, seen, ordered) for name in view.names}
    return {
        "id": entity_id,
        "version": version.version,
        "updated_at": version.updated_at,
        "records": [
            {"source": who.source, "dataset": who.dataset, "key": who.key} for who in ordered
        ],
        "fields": {
            name: reason
            for name, reason in reasons.items()
            if reason["value"] is not None or reason["lost"]
        },
    }


def _reason(
    name: str, version: Version, seen: Mapping[int, Witness], ordered: list[Witness]
) -> dict[str, Any]:
    value = version.fields.get(name)
    member, code = version.origins.get(name, (None, None))
    rule = None if code is None else RULES[code]
    winner = None
    if member is not None and member < len(version.members) and rule not in _OWN:
        winner = seen.get(version.members[member])
    lost = [
        {"value": who.fields[name], "origin": _origin(name, who)}
        for who in ordered
        if who.fields.get(name) not in (None, value)
    ]
    return {
        "value": value,
        "mark": version.marks.get(name),
        "rule": rule,
        "origin": winner and _origin(name, winner),
        "lost": lost,
    }


def _origin(name: str, who: Witness) -> dict[str, object]:
    return {
        "source": who.source,
        "dataset": who.dataset,
        "key": who.key,
        "since": who.said_since(name),
        "batch_id": who.batch_id,
        "received_at": who.received_at,
    }


def shown_version(
    version: Version, before: Version | None, cause: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Say what a version holds, and what it changed in the one before."""
    former = before.fields if before else {}
    marks = before.marks if before else {}
    names = dict.fromkeys((*version.fields, *former))
    changed = [
        name
        for name in names
        if version.fields.get(name) != former.get(name)
        or version.marks.get(name) != marks.get(name)
    ]
    return {
        "version": version.version,
        "updated_at": version.updated_at,
        "until": version.until,
        "retired": version.retired,
        "changed": changed,
        "cause": cause,
        "fields": version.fields,
        "marks": version.marks,
    }


def provenance_routes(model: type[Section]) -> APIRouter:
    """Return the routes that explain the golden records of a type."""
    routes = router(model.collection)
    _add_provenance(routes, model)
    _add_history(routes, model)
    return routes


def _add_provenance(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}/{{entity_id}}/provenance",
        operation_id=f"explain_{model.record_type}",
        summary=f"Explain why a {model.record_type} has its values, now or at a time",
        responses=answers(explained_model(model), 308, 410),
    )
    def explain(
        entity_id: EntityId, asked: Annotated[ProvenanceAsked, Query()], access: Reader
    ) -> Response:
        view = access.view(model, asked.names())
        with access.transaction(snapshot=True) as connection:
            reasons = explained(connection, view, entity_id, asked.as_of)
            access.tell(connection, "provenance", view, [entity_id])
        return answer(reasons)


def _add_history(routes: APIRouter, model: type[Section]) -> None:
    @routes.get(
        f"/{model.collection}/{{entity_id}}/history",
        operation_id=f"list_{model.record_type}_versions",
        summary=f"List all versions of a {model.record_type}, newest first",
        responses=answers(page_model(f"{model.__name__}History", version_model(model)), 308),
    )
    def history(
        request: Request,
        entity_id: EntityId,
        asked: Annotated[HistoryAsked, Query()],
        access: Reader,
    ) -> Response:
        view = access.view(model, asked.names())
        bound = ("history", entity_id, view.signature)
        before = read_cursor(access, asked.cursor, bound)
        with access.transaction(snapshot=True) as connection:
            shown = view.of_one(connection, entity_id)
            found = list_versions(
                connection, shown, entity_id, before=before, limit=asked.limit + 1
            )
            access.tell(connection, "history", view, [entity_id])
            causes = causes_of(connection, entity_id)
        older = [*found[1:], None]
        versions = [
            shown_version(version, former, causes.get(version.version))
            for version, former in zip(found, older, strict=True)
        ][: asked.limit]
        more = len(found) > asked.limit
        cursor = access.hub.cursors.write(versions[-1]["version"], *bound) if more else None
        return page(request, versions, cursor)
