"""Quarantine: what broke which rule, entry by entry, and what the department has to mend."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from connectors import CONNECTORS
from hub.jobs.quarantine import export_quarantine
from hub.store.quarantine import Count, count_open
from hub.store.source_reads import Asked, get_quarantined, list_quarantine
from hub.store.visible import SourcesView, visible_rows, visible_sources
from hub.web.access import Access
from hub.web.asked import Number, Words, read_cursor
from hub.web.console import shown
from hub.web.console.desk.labels import (
    FATES,
    dataset_title,
    field_title,
    number,
    rule_title,
)
from hub.web.console.desk.listed import LISTED, Narrowed, source_options
from hub.web.console.desk.places import desk_page
from hub.web.console.formats import Expected, expected_of
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import HEADERS, words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words as Texts
from hub.web.problems import Problem
from hub.web.routes import router
from schemas import MODELS, field

routes = router("console")
PATH = f"{DESK_HOME}/quarantine"
#: By what entries are summed up.
_BY = ("source", "dataset", "record_type", "field", "rule", "fate")
#: Sums that are shown; the most frequent come first.
MOST = 60
#: Of more entries than these nobody sees one more or less: their sums may be a minute old.
MANY = 10_000
#: What was not taken, be it a whole record or a value.
UNUSED = "unused"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class QuarantineNarrowed(Narrowed):
    """Parameters of the quarantine: which entries are looked at."""

    rule: Words | None = Field(None, max_length=80)
    field: Words | None = Field(None, max_length=80)
    fate: Literal["unused", "quarantine", "blank", "warn"] | None = None
    state: Literal["open", "released"] = "open"
    batch_id: Number | None = None

    def wanted(self) -> Asked:
        """Return which entries the store is asked for."""
        unused = self.fate == UNUSED
        fate = None if unused else self.fate
        about = (self.source, self.dataset, self.state, self.rule, self.field, fate)
        return Asked(*about, self.batch_id, unused)


@routes.get(PATH, operation_id="show_quarantine", include_in_schema=False)
def quarantine(
    request: Request, asked: Annotated[QuarantineNarrowed, Query()], access: Reading
) -> Response:
    """Show what is open by source, field and rule; and the entries of what was chosen."""
    t, view = words(request), visible_sources(access.caller)
    bound = ("desk quarantine", tuple(asked.chosen().items()))
    before = read_cursor(access, asked.cursor, bound)
    with access.transaction() as connection:
        counts = access.hub.recent.figure(
            ("quarantine", view, asked.source),
            lambda: count_open(connection, _BY, asked.source, view=view),
            lambda counts: sum(one.entries for one in counts) > MANY,
        )
        entries = list_quarantine(
            connection, view, asked.wanted(), said=False, before=before, limit=LISTED + 1
        )
    onward = None
    if len(entries) > LISTED:
        onward = access.hub.cursors.write(entries[LISTED - 1]["quarantine_id"], *bound)
    kept = [one for one in counts if _fits(asked, one)]
    return desk_page(
        request,
        "desk/quarantine.html",
        asked=asked,
        options=_options(t, asked, counts),
        sums=[_sum(t, asked, one) for one in kept[:MOST]],
        more_sums=max(0, len(kept) - MOST),
        total=number(sum(one.entries for one in kept)),
        entries=[_entry(t, asked, one) for one in entries[:LISTED]],
        first=asked.address(PATH) if asked.cursor else None,
        next=asked.address(PATH, cursor=onward) if onward else None,
        workbook=asked.source if _may_send(access, asked.source) else None,
        source_title=shown.source_title(t, asked.source) if asked.source else "",
    )


def _fits(asked: QuarantineNarrowed, one: Count) -> bool:
    said = dict(zip(_BY, one.aspects, strict=True))
    if asked.fate == UNUSED:
        said["fate"] = UNUSED if said["fate"] != "warn" else None
    narrowed = (asked.dataset, asked.rule, asked.field, asked.fate)
    names = ("dataset", "rule", "field", "fate")
    return all(want in (None, said[name]) for name, want in zip(names, narrowed, strict=True))


def _options(
    t: Texts, asked: QuarantineNarrowed, counts: Sequence[Count]
) -> dict[str, list[tuple[str, str]]]:
    """Return what there is to choose from: what is open of the sources, and what was chosen."""
    datasets = {one: one for one in (asked.dataset,) if one}
    titles = {one: one for one in (asked.field,) if one}
    rules = {one: rule_title(t, one) for one in (asked.rule,) if one}
    for one in counts:
        source, dataset, record_type, name, rule, _ = one.aspects
        datasets[str(dataset)] = dataset_title(t, str(source), str(dataset))
        rules[str(rule)] = rule_title(t, str(rule))
        if name:
            titles[name] = field_title(t, record_type, name)
    return {
        "source": source_options(t),
        "dataset": sorted(datasets.items()),
        "field": sorted(titles.items(), key=lambda pair: pair[1]),
        "rule": sorted(rules.items(), key=lambda pair: pair[1]),
        "fate": [(fate, t("fate." + fate)) for fate in (UNUSED, *FATES)],
        "state": [(state, t("quarantine.state." + state)) for state in ("open", "released")],
    }


def _sum(t: Texts, asked: QuarantineNarrowed, one: Count) -> dict[str, Any]:
    source, dataset, record_type, name, rule, fate = one.aspects
    chosen = {"source": source, "dataset": dataset, "field": name, "rule": rule, "fate": fate}
    return {
        "source": shown.source_title(t, str(source)),
        "dataset": dataset_title(t, str(source), str(dataset)),
        "field": field_title(t, record_type, name),
        "rule": rule_title(t, str(rule)),
        "fate": fate,
        "kind": FATES[str(fate)],
        "entries": number(one.entries),
        "since": shown.day(one.since),
        "path": asked.address(PATH, **chosen) + "#entries",
    }


def _entry(t: Texts, asked: QuarantineNarrowed, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **entry,
        "path": asked.address(f"{PATH}/{entry['quarantine_id']}"),
        "source_title": shown.source_title(t, entry["source"]),
        "dataset_title": dataset_title(t, entry["source"], entry["dataset"]),
        "field_title": field_title(t, entry["record_type"], entry["field"]),
        "says": rule_title(t, entry["rule"]),
        "kind": FATES[entry["fate"]],
        "since": shown.moment(entry["opened_at"]),
        "until": shown.moment(entry["released_at"]),
    }


@routes.get(f"{PATH}/{{quarantine_id}}", operation_id="show_quarantined", include_in_schema=False)
def entry(
    request: Request,
    quarantine_id: Number,
    asked: Annotated[QuarantineNarrowed, Query()],
    access: Reading,
) -> Response:
    """Show one entry: what was said, why it is not used, what the department has to do."""
    t, view, said = words(request), *_view(access)
    with access.transaction() as connection:
        found = get_quarantined(connection, view, quarantine_id, said=said)
        onward = _beside(connection, view, asked, quarantine_id)
        if said:
            access.tell(
                connection, "quarantine", fields=["said"], about=f"quarantine {quarantine_id}"
            )
    return desk_page(
        request,
        "desk/quarantined.html",
        entry=_entry(t, asked, found),
        said=found.get("said"),
        may_see=said,
        expected=_expected(t, found),
        back_to=asked.address(PATH),
        next=asked.address(f"{PATH}/{onward}") if onward else None,
        workbook=found["source"] if _may_send(access, found["source"]) else None,
    )


def _view(access: Access) -> tuple[SourcesView, bool]:
    """Return what is seen of entries, and whether what was said is: by grant, for a purpose."""
    rows = visible_rows(access.caller)
    said = access.purpose is not None and (rows.every or rows.own is not None)
    return (rows if said else visible_sources(access.caller)), said


def _beside(
    connection: Connection, view: SourcesView, asked: QuarantineNarrowed, before: int
) -> int | None:
    """Return the next entry of what was chosen, so that a steward can go through them all."""
    found = list_quarantine(connection, view, asked.wanted(), said=False, before=before, limit=1)
    return found[0]["quarantine_id"] if found else None


def _expected(t: Texts, entry: Mapping[str, Any]) -> Expected | None:
    if entry["record_type"] is None or entry["field"] is None:
        return None
    return expected_of(t, field(MODELS[entry["record_type"]], entry["field"]))


def _may_send(access: Access, source: str | None) -> bool:
    rows = visible_rows(access.caller)
    covered = access.purpose is not None and source in CONNECTORS
    return covered and source is not None and rows.includes(source)


class WorkbookSent(BaseModel):
    """The form that asks for a department's workbook."""

    model_config = ConfigDict(hide_input_in_errors=True)

    source: Words = Field(max_length=60)
    warnings: Words = Field("", max_length=5)
    form_token: Words = Field("", max_length=200)


@routes.post(f"{PATH}/workbook", operation_id="write_quarantine", include_in_schema=False)
def workbook(request: Request, sent: Annotated[WorkbookSent, Form()], access: Writing) -> Response:
    """Hand over what a department should mend as the workbook that goes back to it."""
    if not _may_send(access, sent.source):
        raise Problem("forbidden", "what was said is for stewards and for its own source")
    witness: Callable[[Connection], None] = lambda connection: access.tell(  # noqa: E731
        connection, "export", fields=["said"], about=f"quarantine of {sent.source}"
    )
    t, view = words(request), visible_rows(access.caller)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "quarantine.xlsx"
        export_quarantine(
            access.hub.settings,
            sent.source,
            file,
            warnings=bool(sent.warnings),
            view=view,
            witness=witness,
        )
        content = file.read_bytes()
    name = quote(t("quarantine.file", source=shown.source_title(t, sent.source)))
    said = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, 200, {**HEADERS, **said}, XLSX)
