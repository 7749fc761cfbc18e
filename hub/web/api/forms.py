"""Forms: a workbook sent with headers of its own, given back filled with what is known."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub.jobs.forms import DEPARTMENTS, SUBJECTS, Asked
from hub.parse.form import read_form
from hub.web.access import Access, Writer
from hub.web.asked import Asked as Parameters
from hub.web.asked import Words
from hub.web.console.words import LANGUAGES, words_of
from hub.web.form import XLSX, filled
from hub.web.problems import Problem, invalid
from hub.web.routes import answer, answers, check_media_type, router

routes = router("forms")
_MULTIPART = "multipart/form-data"
_BINARY = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The form as it is: two or more of its headers have to be known.",
        "content": {
            XLSX: {"schema": _BINARY},
            _MULTIPART: {"schema": {"type": "object", "properties": {"file": _BINARY}}},
        },
    }
}


class FormAsked(Parameters):
    """How a form is to be filled."""

    department: Words = Field(
        "", description="Whose form it is.", json_schema_extra={"enum": ["", *DEPARTMENTS]}
    )
    record_type: Words | None = Field(
        None,
        description="What its rows are about; none: as its headers tell.",
        json_schema_extra={"enum": list(SUBJECTS)},
    )
    grid: Words | None = Field(
        None, max_length=15, description="Whose residents or houses fill an empty form."
    )
    language: Words = Field("zh", json_schema_extra={"enum": list(LANGUAGES)})


class FormColumn(BaseModel):
    """A column of a form, and the field that it was recognised as."""

    sheet: str
    place: str
    header: str
    field: str | None
    known_by: str | None


class FormNote(BaseModel):
    """Something that was left to people."""

    sheet: str
    place: str
    columns: str
    state: str


class FormReport(BaseModel):
    """How a form is filled: numbers of cells and rows by what becomes of them, and where."""

    record_type: str
    cells: dict[str, int]
    rows: dict[str, int]
    over: int
    columns: list[FormColumn]
    notes: list[FormNote]


async def sent_form(request: Request, _: Writer) -> bytes:
    """Take in a form: the body itself, or the file in it."""
    if check_media_type(request, frozenset({XLSX, _MULTIPART})) == XLSX:
        return await request.body()
    async with request.form() as form:
        files = (one for _, one in form.multi_items() if isinstance(one, UploadFile))
        file = next(files, None)
        content = None if file is None else await file.read()
    if content is None:
        raise Problem("invalid", "there is no file in what was sent")
    return content


_ANSWERS: dict[int | str, dict[str, Any]] = answers(FormReport)
_ANSWERS[200]["content"] = {XLSX: {"schema": _BINARY}}


@routes.post(
    "/forms",
    operation_id="fill_form",
    summary="Fill a department's form with what is known",
    responses=_ANSWERS,
    openapi_extra=_BODY,
)
def fill_form(
    request: Request,
    content: Annotated[bytes, Depends(sent_form)],
    asked: Annotated[FormAsked, Query()],
    access: Writer,
) -> Response:
    """Answer the filled workbook; to `Accept: application/json` how it would be filled."""
    form = read_form(content)
    told = asked_for(access, asked.department, asked.record_type, asked.grid)
    report_only = "application/json" in request.headers.get("accept", "")
    with access.transaction() as connection:
        pick = words_of(asked.language).title
        made = filled(access, connection, form, told, pick, counts=not report_only)
    report = made.report
    if report_only:
        return answer(report.document())
    headers = {
        "Cache-Control": "no-store",
        "Vary": "Authorization, Hub-Purpose, Accept",
        "Hub-Form-Cells": str(report.cells["filled"]),
        "Hub-Form-Rows": str(report.rows["found"]),
        "Hub-Form-Rows-Left": str(report.left + report.over),
    }
    return Response(made.content, 200, headers, XLSX)


def asked_for(access: Access, department: str, record_type: str | None, grid: str | None) -> Asked:
    """Return how a form is to be filled; answer 422 where that is impossible."""
    if department and department not in DEPARTMENTS:
        raise invalid("there is no such department", parameter="department")
    if record_type and record_type not in SUBJECTS:
        raise invalid("rows are not about this", parameter="record_type")
    area_code = access.hub.settings.district.area_code
    return Asked(department, grid or None, record_type or None, area_code=area_code)
