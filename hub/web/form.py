"""Filling a form for a caller: read by `visible`, told to the audit once, counted."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.jobs.forms import Asked, Filled, fill
from hub.jobs.forms.report import Pick
from hub.parse.form import Form
from hub.store.forms import count_fill
from hub.web.access import Access

#: The media type of workbooks.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def filled(
    access: Access, connection: Connection, form: Form, asked: Asked, pick: Pick, *, counts: bool
) -> Filled:
    """Fill a form with what the caller may see; ``counts``: somebody gets it."""
    made = fill(connection, form, asked, access.view, pick)
    report = made.report
    cells = report.cells["filled"]
    about = f"form: {cells} cells" if counts else "form: report"
    access.tell(connection, "fill form", made.view, made.ids, about=about)
    if counts:
        count_fill(
            connection,
            access.caller.client_id,
            asked.department,
            report.record_type,
            found=report.rows["found"],
            left=report.left,
            cells=cells,
        )
    return made
