"""What one running API holds: settings, connections, keys, limits. Routes get it by dependency."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from hub.config import Settings
from hub.database import engine as engine_of
from hub.errors import Unavailable
from hub.store.audit import Journal
from hub.store.clients import find_client, is_token_revoked
from hub.store.quick import Quick
from hub.store.roles import API_ROLE
from hub.store.spooled import Spooled, settle
from hub.store.users import find_account
from hub.store.visible import Caller
from hub.web.cursors import Cursors
from hub.web.entitled import KEPT, Entitlements
from hub.web.keys import TokenKeys, cursor_secret, session_secret
from hub.web.limits import Limits, Meter, Turns
from hub.web.recent import Recent
from hub.web.sessions import Sessions
from hub.web.together import Together
from hub.web.tokens import Tokens

#: As many connections as threads answer requests, at most.
CONNECTIONS = 20
#: For so long a client that was shut out may still be let in.
SHUT_OUT_WITHIN = 5.0
#: With so many seconds left it is looked again who was let in, and what was granted.
LOOKED_AHEAD = KEPT / 2
# Of so many callers it is remembered that they were let in.
_MOST = 10_000


@dataclass
class Hub:
    """The hub as the routes see it."""

    settings: Settings
    engine: Engine
    #: Connections of which each statement is a transaction of its own.
    reading: Engine
    tokens: Tokens
    cursors: Cursors
    limits: Limits
    calls: Meter
    failures: Meter
    pushes: Turns
    entitlements: Entitlements
    journal: Journal
    spooled: Spooled
    quick: Quick
    sessions: Sessions
    recent: Recent = field(default_factory=Recent)
    _looks: Together[Caller | None] = field(default_factory=Together)
    #: Set when the API ends: whoever waits for something stops waiting.
    ending: threading.Event = field(default_factory=threading.Event)
    _let_in: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def transaction(self, *, snapshot: bool = False, once: bool = False) -> Iterator[Connection]:
        """Open a transaction, committed at the end; ``snapshot`` has all reads see one state.

        ``once`` is for what only reads, statement by statement: the server need not be told
        where it begins and ends.
        """
        with (self.reading if once else self.engine).connect() as connection:
            if snapshot:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def settle_audit(self) -> None:
        """Have the audit hold what was answered before: whoever reads it calls this first."""
        if settle(self.engine, self.settings.home):
            raise Unavailable("some of what was read is not in the audit yet; ask again")

    def let_in_until(self, caller_id: str, token_id: str | None) -> float:
        """Return until when a caller is let in by this token because it was a moment ago."""
        return self._let_in.get(f"{caller_id} {token_id}", 0.0)

    def lets_in(self, connection: Connection, caller_id: str, token_id: str | None) -> bool:
        """Tell whether neither a caller nor a token was shut out since the token was issued."""
        if self.let_in_until(caller_id, token_id) > time.monotonic():
            return True
        return self.looks_up(connection, caller_id, token_id)

    def looks_up(self, connection: Connection, caller_id: str, token_id: str | None) -> bool:
        """Tell the same, as it is now."""
        now, known = time.monotonic(), f"{caller_id} {token_id}"
        if len(self._let_in) >= _MOST:
            self._let_in.clear()
        gone = find_client(connection, caller_id) is None and (
            find_account(connection, caller_id) is None
        )
        if gone or (token_id is not None and is_token_revoked(connection, token_id)):
            self._let_in.pop(known, None)
            return False
        self._let_in[known] = now + SHUT_OUT_WITHIN
        return True

    async def admitted(self, caller: Caller, token_id: str | None) -> Caller | None:
        """Return a caller with its rights; None where it, or its token, was shut out.

        Both are known for a moment only. Who comes when that is over waits for one look at the
        database, with all who come meanwhile; of who goes on asking it is taken before.
        """
        known = self.let_in_until(caller.client_id, token_id)
        left = min(known, self.entitlements.until(caller)) - time.monotonic()
        if left < LOOKED_AHEAD:
            # What is asked before something was granted or revoked is nothing to who comes after.
            of = (caller, token_id, self.entitlements.forgotten)
            look = self._looks.begin(of, partial(self._look, caller, token_id))
            if left <= 0:
                return await asyncio.shield(look)
        return self.entitlements.known(caller)

    def _look(self, caller: Caller, token_id: str | None) -> Caller | None:
        entitled = self.entitlements.renewed(caller)
        with self.transaction(once=True) as connection:
            return entitled if self.looks_up(connection, caller.client_id, token_id) else None


def start(settings: Settings, limits: Limits) -> Hub:
    """Make what a running API needs; connections are opened when they are first used."""
    bounded = _bounded(settings)
    engine = engine_of(bounded, name="hub api", pool=CONNECTIONS)
    spooled = Spooled(bounded)
    return Hub(
        bounded,
        engine,
        engine_of(bounded, name="hub api reading", pool=CONNECTIONS, level="AUTOCOMMIT"),
        Tokens(TokenKeys(settings.home)),
        Cursors(cursor_secret(settings.home)),
        limits,
        Meter(limits.calls_per_second, limits.calls_at_once),
        Meter(limits.failures_per_second, limits.failures_at_once),
        Turns(limits.pushes, limits.pushes_waiting, limits.push_patience),
        Entitlements(engine),
        Journal(engine),
        spooled,
        Quick(bounded, spooled),
        Sessions(session_secret(settings.home)),
    )


def _bounded(settings: Settings) -> Settings:
    """Have everything that the API does be done as the role that cannot change the audit."""
    login = {"database_url": settings.api_database_url} if settings.api_database_url else {}
    return settings.model_copy(update={**login, "database_role": API_ROLE})


async def running(request: Request) -> Hub:
    """Give a route the hub that it runs in."""
    hub: Hub = request.app.state.hub
    return hub


async def push_turn(hub: Annotated[Hub, Depends(running)]) -> AsyncIterator[None]:
    """Let a push, read to its end, wait for its turn."""
    async with hub.pushes.turn():
        yield
