"""Bulk exports: golden records as NDJSON files, resumable, and where the feed goes on from them."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response

from hub.store.exports import Export, ask_export, get_export
from hub.web import described
from hub.web.access import Access, Reader, Writer
from hub.web.api.changes import feed_cursor
from hub.web.asked import Words
from hub.web.exporter import Exporter, folder
from hub.web.once import Answer, IdempotencyKey, once
from hub.web.problems import Problem, invalid
from hub.web.routes import answer, answers, router
from schemas import COLLECTIONS, MODELS

routes = router("exports")


class ExportAsked(BaseModel):
    """What is to be exported."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    collection: Words = Field(examples=["places"], json_schema_extra={"enum": list(COLLECTIONS)})
    fields: list[Words] | None = Field(
        None, min_length=1, max_length=108, description="Names of fields; none: all."
    )


@routes.post(
    "/exports",
    operation_id="ask_export",
    summary="Ask for all golden records of a collection as files",
    responses=answers(described.Export, 409, status=202, said="Being made; see Content-Location"),
)
def ask(
    request: Request, asked: ExportAsked, access: Writer, idempotency_key: IdempotencyKey
) -> Response:
    """Files appear when the export is done; `cursor` then continues into the feed."""
    model = COLLECTIONS.get(asked.collection)
    if model is None:
        raise invalid("there is no such collection", pointer="/collection")
    names = None if asked.fields is None else sorted(set(asked.fields))
    access.view(model, names)
    exporter: Exporter = request.app.state.exporter

    def effect(keep: Any) -> Answer:
        export_id = f"e-{secrets.token_hex(12)}"
        with access.transaction() as connection:
            export = ask_export(
                connection,
                export_id,
                access.caller.client_id,
                model.record_type,
                names,
                access.purpose,
            )
            place = f"/v1/exports/{export_id}"
            document = {**_document(access, export), "created_at": export.created_at.isoformat()}
            made = Answer(202, document, {"Content-Location": place, "Location": place})
            keep(connection, made)
            access.tell(connection, "ask for export", about=f"export {export_id}")
        exporter.wake()
        return made

    said = (asked.collection, *(names or ()), access.purpose or "")
    return once(access, "exports", idempotency_key, said, effect)


@routes.get(
    "/exports/{export_id}",
    operation_id="get_export",
    summary="Read how far an export is, and where its files are",
    responses=answers(described.Export),
)
def get(export_id: Words, access: Reader) -> Response:
    """Read one's own export."""
    with access.transaction() as connection:
        export = get_export(connection, export_id, access.caller.client_id)
    waiting = export.state in ("queued", "running")
    return answer(_document(access, export), headers={"Retry-After": "1"} if waiting else {})


@routes.get(
    "/exports/{export_id}/files/{name}",
    operation_id="get_export_file",
    summary="Read a file of an export, whole or a range of it",
    responses=answers(None, 206, 410, 416)
    | {
        200: {"description": "NDJSON", "content": {"application/x-ndjson": {}}},
        206: {"description": "Part of the file", "content": {"application/x-ndjson": {}}},
    },
)
def file(request: Request, export_id: Words, name: Words, access: Reader) -> Response:
    """Read golden records, one a line; after a break go on with the header `Range`."""
    with access.transaction() as connection:
        export = get_export(connection, export_id, access.caller.client_id)
        made = replace(access, purpose=export.purpose)
        view = made.view(MODELS[export.record_type], export.fields)
        if export.view is not None and export.view != view.signature:
            raise Problem("forbidden", "what was granted has changed since; ask for a new export")
        if export.state == "expired":
            raise Problem("retired", "the files were removed")
        kept = next((one for one in export.files if one.name == name), None)
        path = folder(access.hub, export_id) / name
        if kept is None or not path.is_file():
            raise Problem("not-found", "the export has no such file")
        access.tell(connection, "read export", about=f"export {export_id} {name}")
    _check_range(request.headers.get("range"), kept.bytes)
    headers = {"ETag": f'"{kept.sha256}"', "Cache-Control": "private, no-cache"}
    return FileResponse(Path(path), headers=headers, media_type="application/x-ndjson")


def _check_range(said: str | None, size: int) -> None:
    """Answer 416 here where a range is none of the file: the framework's answer is no problem."""
    if said is None:
        return
    found = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", said.replace(" ", ""))
    first, last = found.groups() if found else ("", "")
    if not first and not last:
        raise Problem("malformed", "Range is not one range of bytes")
    if (first and int(first) >= size) or (first and last and int(last) < int(first)):
        raise Problem("range", headers={"Content-Range": f"bytes */{size}"})


def _document(access: Access, export: Export) -> dict[str, Any]:
    place = f"/v1/exports/{export.export_id}/files"
    position = export.position
    return {
        "export_id": export.export_id,
        "collection": MODELS[export.record_type].collection,
        "state": export.state,
        "rows": export.row_count,
        "files": [
            {
                "name": one.name,
                "href": f"{place}/{one.name}",
                "rows": one.rows,
                "bytes": one.bytes,
                "sha256": one.sha256,
            }
            for one in export.files
        ],
        "cursor": position and feed_cursor(access, position.epoch, position),
        "created_at": export.created_at,
        "finished_at": export.finished_at,
    }
