"""Batches: the ledger of every one, and one page for each with what it told and what it broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from hub.store.quarantine import count_open
from hub.store.source_reads import Asked, get_batch, list_batches, list_signals
from hub.store.users import find_account
from hub.store.visible import may_judge, visible_sources
from hub.web.asked import Number, Words, read_cursor
from hub.web.console import shown
from hub.web.console.charts import Chart, counts_by_turn
from hub.web.console.desk.flaws import told_flaw
from hub.web.console.desk.labels import (
    FATES,
    STATES,
    dataset_title,
    expectation_title,
    field_title,
    number,
    rule_title,
    signal_title,
)
from hub.web.console.desk.listed import LISTED, Narrowed, dataset_options, source_options
from hub.web.console.desk.places import desk_page
from hub.web.console.desk.runs import told_batch
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading
from hub.web.console.words import Words as Texts
from hub.web.routes import router

routes = router("console")
PATH = f"{DESK_HOME}/runs/batches"
#: What the ledger counts, in the order in which it is shown.
LEDGER = ("received", "accepted", "unchanged", "quarantined", "withdrawn", "repeated", "missing")
#: Signals and checks that a batch's page lists.
MOST = 50


class BatchesNarrowed(Narrowed):
    """Parameters of the ledger."""

    state: Words | None = Field(None, max_length=40)


@routes.get(PATH, operation_id="show_batches", include_in_schema=False)
def batches(
    request: Request, asked: Annotated[BatchesNarrowed, Query()], access: Reading
) -> Response:
    """Show the ledger, newest first."""
    t, view = words(request), visible_sources(access.caller)
    datasets = dataset_options(t, asked.source)
    if asked.dataset not in dict(datasets):
        # Another source was chosen than the one whose dataset it is.
        asked = asked.model_copy(update={"dataset": None})
    bound = ("desk batches", tuple(asked.chosen().items()))
    before = read_cursor(access, asked.cursor, bound)
    wanted = Asked(asked.source, asked.dataset, asked.state)
    with access.transaction() as connection:
        found = list_batches(connection, view, wanted, before=before, limit=LISTED + 1)
    listed = [told_batch(t, one) for one in found[:LISTED]]
    onward = None
    if len(found) > LISTED:
        onward = access.hub.cursors.write(found[LISTED - 1]["batch_id"], *bound)
    return desk_page(
        request,
        "desk/batches.html",
        batches=listed,
        asked=asked,
        sources=source_options(t),
        datasets=datasets,
        states=[(state, t("batch.state." + state)) for state in STATES],
        chart=_volumes(t, listed) if asked.dataset and listed else None,
        dataset=dataset_title(t, asked.source or "", asked.dataset) if asked.dataset else None,
        first=asked.address(PATH) if asked.cursor else None,
        next=asked.address(PATH, cursor=onward) if onward else None,
    )


def _volumes(t: Texts, listed: Sequence[Mapping[str, Any]]) -> Chart:
    said = [(one["at"], one["received"], one["state"] == "held") for one in reversed(listed)]
    return counts_by_turn(t("batches.chart"), said)


@routes.get(f"{PATH}/{{batch_id}}", operation_id="show_batch", include_in_schema=False)
def batch(request: Request, batch_id: Number, access: Reading) -> Response:
    """Show a batch: its ledger, why it is held if it is, what it told, what it broke."""
    t, view = words(request), visible_sources(access.caller)
    with access.transaction(snapshot=True) as connection:
        found = get_batch(connection, view, batch_id)
        of_batch = Asked(found["source"], found["dataset"], batch_id=batch_id)
        told = list_signals(connection, view, of_batch, before=None, limit=MOST)
        broken = count_open(
            connection, ("record_type", "field", "rule", "fate"), view=view, batch_id=batch_id
        )
        account = find_account(connection, found["decided_by"] or "")
    return desk_page(
        request,
        "desk/batch.html",
        batch=told_batch(t, found),
        decided_by=account.name if account else found["decided_by"],
        flaw=told_flaw(t, found["source"], found["dataset"], found["flaw"]),
        ledger=[(name, number(found[name])) for name in LEDGER],
        signals=[told_signal(t, one) for one in told],
        broken=[told_broken(t, one.aspects, one.entries) for one in broken],
        checks=_checks(t, found["quality"]),
        may_decide=may_judge(access.caller),
    )


def told_signal(t: Texts, signal: Mapping[str, Any]) -> dict[str, Any]:
    """Return a signal as pages show it."""
    return {
        **signal,
        "title": signal_title(t, signal["kind"]),
        "source_title": shown.source_title(t, signal["source"]),
        "dataset_title": dataset_title(t, signal["source"], signal["dataset"]),
        "since": shown.moment(signal["at"]),
    }


def told_broken(t: Texts, aspects: Sequence[str | None], entries: int) -> dict[str, Any]:
    """Return how often a rule was broken in a field: by record type, field, rule and fate."""
    record_type, name, rule, fate = aspects
    return {
        "field": name,
        "title": field_title(t, record_type, name),
        "rule": rule,
        "says": rule_title(t, str(rule)),
        "fate": fate,
        "kind": FATES[str(fate)],
        "entries": number(entries),
    }


def _checks(t: Texts, quality: Any) -> list[dict[str, Any]]:
    """Return what the expectations over the whole batch found."""
    return [
        {
            "title": field_title(t, report["record_type"], check["field"]),
            "rule": expectation_title(t, check["rule"]),
            "unexpected": number(check["unexpected"]),
            "total": number(check["total"]),
        }
        for report in quality or ()
        for check in report["checks"]
        if check["unexpected"]
    ][:MOST]
