"""Who calls, and what for: every route beyond health and metadata asks for one of these.

`Reader` and `Writer` are the one way to a view, to a transaction and to the audit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2, SecurityScopes
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from hub.store import audit
from hub.store.users import find_session
from hub.store.visible import (
    PURPOSES,
    SCOPES,
    Caller,
    PurposeMissing,
    View,
    need_purpose,
    need_searchable,
    visible,
    visible_records,
)
from hub.web.problems import Problem
from hub.web.running import Hub, running
from hub.web.sessions import SAFE, LoggedIn, form_token_of, remember, session_of
from hub.web.tokens import BadToken, Token
from schemas import Section

_scheme = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/oauth/token",
            scopes={"read": "Read what the role may see", "write": "Send rows, ask for exports"},
        )
    ),
    scheme_name="client",
    description="Client credentials; the token is a JWT as in RFC 9068.",
    auto_error=False,
)

Purpose = Annotated[
    str | None,
    Header(
        alias="Hub-Purpose",
        description="What fields of level L3 and L4 are read for.",
        json_schema_extra={"enum": list(PURPOSES)},
    ),
]


@dataclass(frozen=True)
class Access:
    """One request's rights: what its caller sees, and the transactions in which it is answered."""

    hub: Hub
    caller: Caller
    purpose: str | None
    origin: str | None
    #: The access token; None for people, whose sessions are looked up with each call.
    token_id: str | None = None
    #: Whether what is told belongs to what is written, and is kept with it.
    writes: bool = False
    _told: list[audit.Entry] = field(default_factory=list)

    def renewed(self) -> Access:
        """Return the access as it is now: rights may have ended since the request came."""
        return replace(self, caller=self.hub.entitlements.read(self.caller))

    def reading(self) -> Access:
        """Return the access for what is only read, as when a form is shown again."""
        return replace(self, writes=False, _told=[])

    def view(
        self,
        model: type[Section],
        names: Collection[str] | None = None,
        *,
        values: bool = True,
        also: Collection[str] = (),
    ) -> View:
        """Return what the caller sees of a record type; ``also`` names fields that are compared."""
        if also:
            compared = visible(self.caller, model, names=also, purpose=self.purpose)
            need_searchable(compared, also)
        return visible(self.caller, model, names=names, purpose=self.purpose, values=values)

    def view_of_source(self, model: type[Section], source: str) -> View:
        """Return what the caller sees of the records that a source has sent itself."""
        return visible_records(self.caller, model, source, purpose=self.purpose)

    def need_purpose(self, *names: str) -> None:
        """Insist on a purpose for personal things that are no fields: rows, relations."""
        need_purpose(self.purpose, names, self.caller.purposes())

    @contextmanager
    def transaction(self, *, snapshot: bool = False, once: bool = False) -> Iterator[Connection]:
        """Open the transaction that the answer is read in; it ends before the answer leaves.

        So does what was told of reading in it: the audit has it when the block is left. ``once``
        is for what only reads, and by one statement.
        """
        with self.hub.transaction(snapshot=snapshot, once=once) as connection:
            if not self.hub.lets_in(connection, self.caller.client_id, self.token_id):
                raise unauthorised("the client was shut out, or its token taken back")
            yield connection
        if self._told:
            self.hub.journal.keep(self._told)
            self._told.clear()

    def tell(
        self,
        connection: Connection,
        action: str,
        view: View | None = None,
        ids: Sequence[str] = (),
        *,
        fields: Collection[str] = (),
        about: str | None = None,
    ) -> None:
        """Write into the audit what was read or written, as far as there is something to tell."""
        entry = self.entry(action, view, ids, fields=fields, about=about)
        if entry is None:
            return
        if self.writes:
            audit.record(connection, entry)
        else:
            self._told.append(entry)

    def entry(
        self,
        action: str,
        view: View | None = None,
        ids: Sequence[str] = (),
        *,
        fields: Collection[str] = (),
        about: str | None = None,
    ) -> audit.Entry | None:
        """Return what there is to tell; None of reads of nothing personal."""
        named = list(dict.fromkeys((*(view.personal if view else ()), *fields)))
        if view is not None and not named:
            return None
        return audit.Entry(
            caller=self.caller.client_id,
            action=action,
            purpose=self.purpose,
            record_type=view.model.record_type if view else None,
            entity_ids=ids,
            fields=named,
            about=about,
            origin=self.origin,
        )


async def access(
    request: Request,
    scopes: SecurityScopes,
    hub: Annotated[Hub, Depends(running)],
    said: Annotated[str | None, Depends(_scheme)],
    purpose: Purpose = None,
) -> Access:
    """Tell who calls, by access token or session; answer 401, 403 or 429 to whom may not."""
    session = session_of(request) if said is None else None
    token_id = None
    if session is not None:
        said_token = None if request.method in SAFE else await form_token_of(request)
        caller = await run_in_threadpool(_logged_in, request, hub, session, said_token)
    else:
        token = _token(hub, said)
        caller, token_id = token.caller, token.token_id
    hub.calls.check(caller.client_id)
    lacking = set(scopes.scopes) - caller.scopes
    if lacking:
        challenge = f'Bearer error="insufficient_scope", scope="{scopes.scope_str}"'
        headers = {"WWW-Authenticate": challenge}
        raise Problem("forbidden", f"the scope {scopes.scope_str} is needed", headers=headers)
    if purpose is not None and purpose not in PURPOSES:
        raise PurposeMissing(f"Hub-Purpose has to be one of: {', '.join(PURPOSES)}")
    entitled = hub.entitlements.known(caller)
    if entitled is None:
        entitled = await run_in_threadpool(hub.entitlements.read, caller)
    origin = request.client.host if request.client else None
    return Access(hub, entitled, purpose, origin, token_id, writes="write" in scopes.scopes)


async def at_hand(
    hub: Hub, said: str | None, purpose: str | None, origin: str | None
) -> Access | None:
    """Return a reader's access without a thread of its own; None where the route is to answer.

    Raises, as a route would be answered, where the caller may not read.
    """
    token = _token(hub, said)
    if "read" not in token.caller.scopes or purpose not in (None, *PURPOSES):
        return None
    hub.calls.check(token.caller.client_id)
    entitled = await hub.admitted(token.caller, token.token_id)
    if entitled is None:
        return None
    return Access(hub, entitled, purpose, origin, token.token_id)


def _token(hub: Hub, said: str | None) -> Token:
    scheme, _, token = (said or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorised()
    try:
        return hub.tokens.read(token.strip())
    except BadToken as error:
        raise unauthorised(str(error)) from None


def _logged_in(request: Request, hub: Hub, session: str, form_token: str | None) -> Caller:
    with hub.transaction() as connection:
        found = find_session(connection, session)
    if found is None:
        raise unauthorised("the session has ended")
    if request.method not in SAFE:
        hub.sessions.check_form(session, form_token)
    remember(request, LoggedIn(found.account, hub.sessions.form_token(session)))
    return found.account.caller(SCOPES[found.account.role])


def unauthorised(why: str | None = None) -> Problem:
    """Return the problem of a request without a token that counts."""
    error = ', error="invalid_token"' if why else ""
    return Problem("unauthorised", why, headers={"WWW-Authenticate": f'Bearer realm="hub"{error}'})


Reader = Annotated[Access, Security(access, scopes=["read"])]
#: For routes that show nothing but what the hub is.
READING = [Security(access, scopes=["read"])]
Writer = Annotated[Access, Security(access, scopes=["write"])]
