"""Filling a form: send it, see what was recognised, say what was not, take it back filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from hub.jobs.forms import DEPARTMENTS, SUBJECTS, Asked, Column, Table
from hub.jobs.forms.filling import tables_of
from hub.parse.cells import Unreadable
from hub.parse.filled import name_of
from hub.parse.form import read_form
from hub.store.forms import (
    Upload,
    cells_filled,
    forget_header,
    get_upload,
    keep_upload,
    list_headers,
    teach_header,
)
from hub.store.visible import may_teach
from hub.web.access import Access
from hub.web.api.forms import asked_for
from hub.web.console import shown
from hub.web.console.areas import grid_choices
from hub.web.console.forms import Sent, form_sent
from hub.web.console.pages import HEADERS, page, words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.form import XLSX, filled
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import MODELS, Person, field, fields
from schemas.chinese import folded
from schemas.kinds import Geometry

routes = router("console")
_PATH = "/console/forms"
_TAUGHT = f"{_PATH}/taught"
_ONE = f"{_PATH}/{{upload_id}}"
Form = Annotated[Sent, Depends(form_sent)]
#: So many columns that are not known are asked about; a page has its bounds.
MOST_ASKED = 20
#: The choice by which a column is left empty.
EMPTY = "-"
#: For whose forms a header may be taught.
TAUGHT = ("department", "everywhere")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent."""

    name: str
    content: bytes


async def file_sent(request: Request) -> File:
    """Read the file of a form; an empty one where none was chosen."""
    form = await request.form()
    sent = form.get("file")
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    name = (sent.filename if isinstance(sent, UploadFile) else None) or ""
    await form.close()
    return File("".join(filter(str.isprintable, name))[-_LONGEST_NAME:], content)


@routes.get(_PATH, operation_id="show_form_upload", include_in_schema=False)
def show(request: Request, access: Reading) -> Response:
    """Ask for a form, and show how much typing was spared."""
    return _upload_page(request, access, Sent({}), {})


@routes.post(_PATH, operation_id="send_form", include_in_schema=False)
def send(
    request: Request, sent: Form, file: Annotated[File, Depends(file_sent)], access: Writing
) -> Response:
    """Keep a form for an hour, and lead to what was recognised of it."""
    errors: dict[str, str] = {}
    grid = field(Person, "grid_code").kind.judge_one(sent.one("grid")).value
    if sent.one("grid") and grid is None:
        errors["grid"] = "forms.wrong_grid"
    upload = Upload(
        token_hex(16),
        file.name,
        sent.one("department"),
        sent.one("record_type") or None,
        grid,
        file.content,
    )
    try:
        with access.transaction() as connection:
            tables_of(connection, read_form(file.content), _asked(access, upload))
            if not errors:
                keep_upload(connection, access.caller.client_id, upload)
    except Unreadable:
        errors["file"] = "forms.unreadable" if file.content else "forms.no_file"
    if errors:
        return _upload_page(request, access, sent, errors)
    return RedirectResponse(f"{_PATH}/{upload.upload_id}", 303)


def _upload_page(
    request: Request, access: Access, sent: Sent, errors: Mapping[str, str]
) -> Response:
    t = words(request)
    with access.transaction() as connection:
        spared = cells_filled(connection)
        grids = grid_choices(access, connection)
    return page(
        request,
        "form_upload.html",
        422 if errors else 200,
        back=_PATH,
        spared=spared,
        grids=grids,
        errors={name: t(key) for name, key in errors.items()},
        departments=[(name, shown.source_title(t, name)) for name in DEPARTMENTS],
        subjects=[(name, shown.type_title(t, MODELS[name])) for name in SUBJECTS],
        sent={name: sent.one(name) for name in ("department", "record_type", "grid")},
        teaches=may_teach(access.caller),
    )


def _asked(access: Access, upload: Upload) -> Asked:
    return asked_for(access, upload.department, upload.record_type, upload.grid)


@routes.get(_TAUGHT, operation_id="show_taught_headers", include_in_schema=False)
def taught(request: Request, access: Reading) -> Response:
    """Show what stewards have taught of headers."""
    t = words(request)
    with access.transaction() as connection:
        known = list_headers(connection)
    rows = [
        {
            "id": one.header_id,
            "header": one.header,
            "means": _title(t, one.record_type, one.field),
            "about": shown.type_title(t, MODELS[one.record_type]),
            "whose": shown.source_title(t, one.department) if one.department else None,
            "at": shown.moment(one.at),
        }
        for one in known
    ]
    return page(request, "form_taught.html", rows=rows, teaches=may_teach(access.caller))


@routes.post(_TAUGHT, operation_id="forget_taught_header", include_in_schema=False)
def forget(sent: Form, access: Writing) -> Response:
    """Take back what was taught of a header."""
    if not may_teach(access.caller):
        raise Problem("forbidden")
    number = sent.one("header")
    if not (number.isdecimal() and number.isascii() and len(number) < 18):
        raise Problem("not-found")
    with access.transaction() as connection:
        gone = forget_header(connection, int(number))
        access.tell(connection, "forget form header", about=f"header {gone.header_id}")
    return RedirectResponse(_TAUGHT, 303)


def _title(t: Words, record_type: str, name: str | None) -> str | None:
    known = {spec.name: spec for spec in fields(MODELS[record_type])}
    return shown.title_of(t, known[name]) if name in known and name else None


@routes.get(_ONE, operation_id="show_form", include_in_schema=False)
def recognised(request: Request, upload_id: str, access: Reading) -> Response:
    """Show which columns of a form are known, and ask about the others."""
    t = words(request)
    with access.transaction() as connection:
        upload = get_upload(connection, upload_id, access.caller.client_id)
        tables = tables_of(connection, read_form(upload.content), _asked(access, upload))
    record_type = tables[0].record_type
    specs = [one for one in fields(MODELS[record_type]) if not isinstance(one.kind, Geometry)]
    named = [(spec.name, shown.title_of(t, spec)) for spec in specs]
    return page(
        request,
        "form_columns.html",
        back=f"{_PATH}/{upload_id}",
        path=f"{_PATH}/{upload_id}",
        name=upload.name,
        about=shown.type_title(t, MODELS[record_type]),
        grid=upload.grid,
        known=[
            {
                "place": _letters(one),
                "header": one.header,
                "means": _title(t, record_type, one.meaning.field),
                "how": t(f"forms.how.{one.meaning.how}"),
            }
            for table in tables
            for one in table.known
            if one.meaning is not None
        ],
        unknown=[
            {"id": key, "place": _letters(one), "header": one.header} for key, one in _open(tables)
        ],
        options=[(EMPTY, t("forms.leave_empty")), *named],
        teaches=may_teach(access.caller),
        scopes=[
            (one, t(f"forms.teach.{one}"))
            for one in TAUGHT
            if upload.department or one != "department"
        ],
    )


def _letters(column: Column) -> str:
    return name_of((0, column.place)).rstrip("1")


def _open(tables: list[Table]) -> Iterator[tuple[str, Column]]:
    """Yield the columns that are asked about, each header once, with what their answer is under."""
    seen: set[str] = set()
    for one in (column for table in tables for column in table.unknown):
        if folded(one.header) not in seen and len(seen) < MOST_ASKED:
            seen.add(folded(one.header))
            yield f"column-{len(seen)}", one


@routes.post(_ONE, operation_id="fill_sent_form", include_in_schema=False)
def download(request: Request, upload_id: str, sent: Form, access: Writing) -> Response:
    """Give a form back filled; a steward's answers count from now on, others' this once."""
    t = words(request)
    with access.transaction() as connection:
        upload = get_upload(connection, upload_id, access.caller.client_id)
        form, asked = read_form(upload.content), _asked(access, upload)
        tables = tables_of(connection, form, asked)
        record_type = tables[0].record_type
        known = {spec.name for spec in fields(MODELS[record_type])}
        said = {one.header: sent.one(key) for key, one in _open(tables)}
        chosen = {
            header: None if answer == EMPTY else answer
            for header, answer in said.items()
            if answer == EMPTY or answer in known
        }
        if sent.one("teach") in TAUGHT and may_teach(access.caller):
            whose = upload.department if sent.one("teach") == "department" else ""
            for header, name in chosen.items():
                by = access.caller.client_id
                teach_header(connection, whose, record_type, header, name, by)
                access.tell(connection, "teach form header", about=f"{record_type} {name or ''}")
        once = {folded(header): name for header, name in chosen.items()}
        told = replace(asked, chosen=once, record_type=record_type)
        made = filled(access, connection, form, told, t.title, counts=True)
    return Response(made.content, 200, {**HEADERS, **_attached(t, upload.name)}, XLSX)


def _attached(t: Words, name: str) -> dict[str, str]:
    stem = name.removesuffix(".xlsx") or t("forms.file")
    told = quote(stem + "-" + t("forms.filled") + ".xlsx", safe="")
    return {"Content-Disposition": f"attachment; filename=\"form.xlsx\"; filename*=UTF-8''{told}"}
