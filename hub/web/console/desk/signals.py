"""Signals: news about the sources themselves, until they are no longer so, or known."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from hub.store.signals import close_signal
from hub.store.source_reads import Asked, list_signals
from hub.store.visible import may_judge, visible_sources
from hub.web.asked import Number, Words, read_cursor
from hub.web.console.desk.batches import told_signal
from hub.web.console.desk.listed import LISTED, Narrowed, source_options
from hub.web.console.desk.places import desk_page
from hub.web.console.navigation import DESK_HOME
from hub.web.console.pages import words
from hub.web.console.visiting import Reading, Writing
from hub.web.problems import Problem
from hub.web.routes import router
from hub.web.sessions import onward

routes = router("console")
PATH = f"{DESK_HOME}/signals"


class SignalsNarrowed(Narrowed):
    """Parameters of the list of signals."""

    state: Literal["open", "closed"] = "open"


class CloseSent(BaseModel):
    """The form that closes a signal."""

    model_config = ConfigDict(hide_input_in_errors=True)

    next: Words = Field(PATH, max_length=400)
    form_token: Words = Field("", max_length=200)


@routes.get(PATH, operation_id="show_signals", include_in_schema=False)
def signals(
    request: Request, asked: Annotated[SignalsNarrowed, Query()], access: Reading
) -> Response:
    """Show what the sources tell of themselves, newest first."""
    t, view = words(request), visible_sources(access.caller)
    bound = ("desk signals", tuple(asked.chosen().items()))
    before = read_cursor(access, asked.cursor, bound)
    wanted = Asked(asked.source, asked.dataset, asked.state)
    with access.transaction() as connection:
        found = list_signals(connection, view, wanted, before=before, limit=LISTED + 1)
    onto = None
    if len(found) > LISTED:
        onto = access.hub.cursors.write(found[LISTED - 1]["signal_id"], *bound)
    return desk_page(
        request,
        "desk/signals.html",
        asked=asked,
        sources=source_options(t),
        states=[(state, t("signal.state." + state)) for state in ("open", "closed")],
        signals=[told_signal(t, one) for one in found[:LISTED]],
        here=asked.address(PATH),
        first=asked.address(PATH) if asked.cursor else None,
        next=asked.address(PATH, cursor=onto) if onto else None,
        may_close=may_judge(access.caller) and asked.state == "open",
    )


@routes.post(f"{PATH}/{{signal_id}}", operation_id="close_shown_signal", include_in_schema=False)
def close(signal_id: Number, sent: Annotated[CloseSent, Form()], access: Writing) -> Response:
    """Close a signal that is known, and go back to the list."""
    if not may_judge(access.caller):
        raise Problem("forbidden", "signals are closed by stewards")
    with access.transaction() as connection:
        view = visible_sources(access.caller)
        close_signal(connection, view, signal_id, access.caller.client_id)
        access.tell(connection, "close", about=f"signal {signal_id}")
    return RedirectResponse(onward(sent.next, PATH), 303)
