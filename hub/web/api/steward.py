"""What stewards look after: batches with their ledgers, quarantine, signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from hub.store.signals import close_signal
from hub.store.source_reads import (
    Asked,
    get_batch,
    list_batches,
    list_quarantine,
    list_signals,
)
from hub.store.visible import SourcesView, may_judge, visible_rows, visible_sources
from hub.web.access import Access, Reader, Writer
from hub.web.asked import Number, SourceAsked, Words, read_cursor
from hub.web.described import Batch, Quarantined, Signalled, page_model
from hub.web.problems import Problem
from hub.web.routes import answer, answers, page, router

routes = router("sources")

#: Reads rows below a number, so many of them.
Read = Callable[[int | None, int], list[Mapping[str, Any]]]


class BatchesAsked(SourceAsked):
    """Parameters of the list of batches."""

    state: Words | None = Field(None, max_length=40, description="Such as `held`.")


class QuarantineAsked(SourceAsked):
    """Parameters of the list of quarantine entries."""

    state: Literal["open", "released"] = "open"
    rule: Words | None = Field(None, max_length=80)
    field: Words | None = Field(None, max_length=80)
    fate: Literal["quarantine", "blank", "warn"] | None = None
    include: Literal["said"] | None = Field(
        None, description="`said` adds the values as sent; that needs a purpose."
    )


def _paged(
    request: Request, access: Access, asked: SourceAsked, number: str, read: Read
) -> Response:
    """Answer with a page of things that are numbered, the newest first."""
    bound = (number, asked.model_copy(update={"limit": 1, "cursor": None}))
    found = read(read_cursor(access, asked.cursor, bound), asked.limit + 1)
    shown = found[: asked.limit]
    onward = shown[-1][number] if len(found) > asked.limit else None
    return page(request, shown, onward and access.hub.cursors.write(onward, *bound))


@routes.get(
    "/batches",
    operation_id="list_batches",
    summary="List batches with their ledgers",
    responses=answers(page_model("BatchPage", Batch)),
)
def batches(request: Request, asked: Annotated[BatchesAsked, Query()], access: Reader) -> Response:
    """List batches, newest first."""
    view = visible_sources(access.caller)
    wanted = Asked(asked.source, asked.dataset, asked.state)
    with access.transaction() as connection:
        return _paged(
            request,
            access,
            asked,
            "batch_id",
            lambda before, limit: list_batches(
                connection, view, wanted, before=before, limit=limit
            ),
        )


@routes.get(
    "/batches/{batch_id}",
    operation_id="get_batch",
    summary="Read a batch with its ledger",
    responses=answers(Batch),
)
def batch(batch_id: Number, access: Reader) -> Response:
    """Read one batch; a client that pushes sees the batches of its source."""
    view = visible_sources(access.caller)
    with access.transaction() as connection:
        return answer(get_batch(connection, view, batch_id))


@routes.get(
    "/quarantine",
    operation_id="list_quarantine",
    summary="List records and values that broke a rule",
    responses=answers(page_model("QuarantinePage", Quarantined)),
)
def quarantine(
    request: Request, asked: Annotated[QuarantineAsked, Query()], access: Reader
) -> Response:
    """List quarantine entries, newest first."""
    said = asked.include is not None
    view = _whose_values(access) if said else visible_sources(access.caller)
    wanted = Asked(asked.source, asked.dataset, asked.state, asked.rule, asked.field, asked.fate)
    with access.transaction() as connection:
        shown: list[str] = []

        def read(before: int | None, limit: int) -> list[Mapping[str, Any]]:
            found = list_quarantine(connection, view, wanted, said=said, before=before, limit=limit)
            shown.extend(str(entry["quarantine_id"]) for entry in found)
            return found

        answered = _paged(request, access, asked, "quarantine_id", read)
        if said:
            about = f"quarantine {', '.join(shown)}"
            access.tell(connection, "quarantine", fields=["said"], about=about)
        return answered


def _whose_values(access: Access) -> SourcesView:
    access.need_purpose("values in quarantine")
    view = visible_rows(access.caller)
    if not view.every and view.own is None:
        raise Problem("forbidden", "values as sent are for stewards and their own source")
    return view


class SignalsAsked(SourceAsked):
    """Parameters of the list of signals."""

    state: Literal["open", "closed"] = "open"


@routes.get(
    "/signals",
    operation_id="list_signals",
    summary="List news about sources themselves",
    responses=answers(page_model("SignalPage", Signalled)),
)
def signals(request: Request, asked: Annotated[SignalsAsked, Query()], access: Reader) -> Response:
    """List signals, newest first; open ones unless closed ones are asked for."""
    view = visible_sources(access.caller)
    wanted = Asked(asked.source, asked.dataset, asked.state)
    with access.transaction() as connection:
        return _paged(
            request,
            access,
            asked,
            "signal_id",
            lambda before, limit: list_signals(
                connection, view, wanted, before=before, limit=limit
            ),
        )


@routes.post(
    "/signals/{signal_id}/close",
    operation_id="close_signal",
    summary="Close a signal that is known",
    responses=answers(Signalled),
)
def close(signal_id: Number, access: Writer) -> Response:
    """Close a signal: it is not told again while the source goes on saying it."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "signals are closed by stewards")
    view = visible_sources(access.caller)
    with access.transaction() as connection:
        signal = close_signal(connection, view, signal_id, access.caller.client_id)
        access.tell(connection, "close", about=f"signal {signal_id}")
        return answer(signal)
