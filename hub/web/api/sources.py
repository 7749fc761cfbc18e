"""Sources: what the hub has under a source's key, and rows that a source hands over itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from connectors import CONNECTORS
from hub.errors import NotFound
from hub.jobs import push
from hub.model import PushedRow, PushResult
from hub.store.source_reads import LandedRow, find_records, find_row, made_of, open_entries
from hub.store.visible import Denied, PurposeMissing, View, may_push, visible_rows
from hub.web.access import Access, Reader, Writer
from hub.web.asked import Asked, Words
from hub.web.described import Pushed, Sourced
from hub.web.finisher import Finisher
from hub.web.once import Answer, Effect, MaybeIdempotencyKey, once
from hub.web.problems import Problem
from hub.web.routes import answer, answers, router
from hub.web.rows import ARRAY, LINES, Rows, sent_rows
from hub.web.running import push_turn
from schemas import MODELS

routes = router("sources")

_BODY = {
    "requestBody": {
        "required": True,
        "description": "Rows as the source has them: an array of objects, or one object a line.",
        "content": {
            ARRAY: {
                "schema": {"type": "array", "minItems": 1, "items": {"type": "object"}},
                "example": [{"room_id": "R1", "community_name": "康东小区"}],
            },
            LINES: {"schema": {"type": "string"}},
        },
    }
}


class PushAsked(Asked):
    """Parameters of a push."""

    dry_run: bool = Field(False, description="Say what would become of the rows, change nothing.")


@routes.get(
    "/sources/{source}/{dataset}/records/{key:path}",
    operation_id="get_source_record",
    summary="Read what the hub has under a source's key",
    responses=answers(Sourced),
)
def by_key(source: Words, dataset: Words, key: Words, access: Reader) -> Response:
    """Return the records made of a row, the row itself by right, and what is open in quarantine."""
    with access.transaction(snapshot=True) as connection:
        types, row_key = made_of(connection, source, dataset, key)
        landed = find_row(connection, source, dataset, row_key or key)
        if landed is None and not types:
            raise NotFound("this dataset has no record of this key")
        names = sorted(types | _home(source, dataset))
        views = _views(access, names, source)
        raw = visible_rows(access.caller).shows_rows(source, names)
        if raw and not views:
            access.need_purpose("rows as sent")
        records = [
            one
            for view in views.values()
            for one in find_records(connection, view, source, dataset, key)
        ]
        entries = open_entries(connection, source, dataset, row_key or key, said=raw)
        about = f"{source} {dataset}" + (" row" if raw else "")
        for name, view in views.items():
            ids = [one.golden_id for one in records if one.record_type == name and one.golden_id]
            access.tell(connection, "read by key", view, ids, about=about)
        if raw and not views:
            access.tell(connection, "read by key", fields=["row"], about=about)
    records.sort(key=lambda one: one.key != key)
    found = {"source": source, "dataset": dataset, "key": key, **_landed(landed, row=raw)}
    golden_id = next((one.golden_id for one in records if one.golden_id), None)
    return answer({**found, "golden_id": golden_id, "records": records, "quarantine": entries})


def _views(access: Access, names: Iterable[str], source: str) -> dict[str, View]:
    """Return the views of those types that the caller may see; Denied where it may see none."""
    views: dict[str, View] = {}
    refused: Denied | None = None
    for name in names:
        try:
            views[name] = access.view_of_source(MODELS[name], source)
        except PurposeMissing:
            raise
        except Denied as error:
            refused = error
    if refused is not None and not views:
        raise refused
    return views


def _landed(landed: LandedRow | None, *, row: bool) -> dict[str, Any]:
    said = {
        "state": landed and landed.state,
        "batch_id": landed and landed.batch_id,
        "recorded_at": landed and landed.recorded_at,
    }
    return said | ({"row": landed.row} if landed and row else {})


def _home(source: str, dataset: str) -> frozenset[str]:
    """Return the record type that a dataset is foremost about, where a connector says so."""
    connector = CONNECTORS.get(source)
    found = connector and connector.dataset(dataset)
    return frozenset({found.model.record_type} if found else ())


@routes.post(
    "/sources/{source}/{dataset}/records",
    operation_id="push_records",
    summary="Hand rows over to the hub",
    responses=answers(Pushed, 409)
    | {202: {"model": Pushed, "description": "Landed; see Location"}},
    openapi_extra=_BODY,
)
def push_rows(
    source: Words,
    dataset: Words,
    asked: Annotated[PushAsked, Query()],
    access: Writer,
    rows: Annotated[Rows, Depends(sent_rows)],
    _turn: Annotated[None, Depends(push_turn)],
    request: Request,
    idempotency_key: MaybeIdempotencyKey = None,
) -> Response:
    """Take rows in. Up to 1,000 are linked and published before the answer; of more, the answer
    is 202 once they have landed, and the batch tells what became of them.
    """
    known = CONNECTORS.get(source)
    if not may_push(access.caller, source) or (known and not known.has_system):
        raise Problem("forbidden", f"this client does not stand for the source {source}")
    pages, few = rows.first(push.MOST_AT_ONCE)
    if asked.dry_run:
        with access.transaction() as connection:
            access.tell(connection, "push", about=f"{source} {dataset} dry run")
        result = push.try_push(access.hub.settings, source, dataset, pages)
        return answer(_document(result, dry_run=True))
    taken = push.pushed if few else push.landed

    def effect(keep: Any) -> Answer:
        with taken(access.hub.settings, source, dataset, pages) as (connection, result):
            made = _answer(result)
            keep(connection, made)
            about = f"{source} {dataset} batch {result.batch_id}"
            access.tell(connection, "push", about=about)
        if not few:
            finisher: Finisher = request.app.state.finisher
            finisher.wake()
        return made

    kept: Effect = effect
    said = (source, dataset, rows.media_type, rows.digest)
    return once(access, f"push {source} {dataset}", idempotency_key, said, kept)


def _answer(result: PushResult) -> Answer:
    place = f"/v1/batches/{result.batch_id}"
    if result.rows is None:
        return Answer(202, _document(result), {"Location": place, "Content-Location": place})
    return Answer(200, _document(result), {"Content-Location": place})


def _document(result: PushResult, *, dry_run: bool = False) -> dict[str, Any]:
    ledger = {name: getattr(result.ledger, name) for name in type(result.ledger).__slots__}
    return {
        "batch_id": None if dry_run else result.batch_id,
        "dry_run": dry_run,
        "state": result.state,
        "flaw": result.flaw,
        **ledger,
        "results": [_result(row) for row in result.rows or ()],
    }


def _result(row: PushedRow) -> dict[str, Any]:
    return {
        "index": row.index,
        "key": row.key,
        "outcome": row.outcome,
        "golden_id": row.golden_id,
        "problems": [
            {
                "field": problem.field,
                "rule": problem.rule,
                "message": problem.message.zh,
                "message_en": problem.message.en,
            }
            for problem in row.problems
        ],
    }
