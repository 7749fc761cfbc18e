"""The commonest request, one golden record by token: answered before the framework is asked.

Finding a route, its parameters and a thread take longer than the reading. What is not as usual -
another parameter or header, a caller that was shut out, a record that is not served, a database
or a disk that fails - is left to the route, which answers the same and more.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.database import FAILURES
from hub.errors import HubError
from hub.web.access import Access, at_hand
from hub.web.api.records import document
from hub.web.etags import etag
from hub.web.problems import Problem
from hub.web.routes import answer
from hub.web.running import Hub
from schemas import COLLECTIONS

_ONE = re.compile("/v1/([a-z_]+)/([A-Z][0-9a-f]{32})")
#: Headers that have the route answer something else, or look at a body.
_UNUSUAL = frozenset({b"if-none-match", b"content-length", b"transfer-encoding", b"content-type"})

Admit = Callable[[Hub, str | None, str | None, str | None], Awaitable[Access | None]]


@dataclass(frozen=True)
class Taken:
    """The route that was answered in place of, as metrics name it."""

    path: str


_TAKEN = {name: Taken(f"/v1/{name}/{{entity_id}}") for name in COLLECTIONS}


class Lane:
    """Answers what is as usual, and passes on everything else."""

    def __init__(self, app: ASGIApp, hub: Hub, admit: Admit = at_hand) -> None:
        self.app, self.hub, self.admit = app, hub, admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or pass it on."""
        found = _ONE.fullmatch(scope["path"]) if scope.get("method") == "GET" else None
        response = None
        if found is not None and not scope["query_string"]:
            try:
                response = await self._read(scope, found[1], found[2])
            except (Problem, HubError, *FAILURES):
                response = None
        if found is not None and response is not None:
            scope["route"] = _TAKEN[found[1]]
        await (response or self.app)(scope, receive, send)

    async def _read(self, scope: Scope, collection: str, entity_id: str) -> Response | None:
        headers = dict(scope["headers"])
        if len(headers) < len(scope["headers"]) or not _UNUSUAL.isdisjoint(headers):
            return None
        model = COLLECTIONS.get(collection)
        access = await self._access(scope, headers) if model else None
        if model is None or access is None:
            return None
        view = access.view(model)
        entry = access.entry("read", view, [entity_id])
        record = await self.hub.quick.read(view, entity_id, entry)
        if record is None:
            return None
        return answer(document(record), headers={"ETag": etag(view, record.version)})

    async def _access(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Access | None:
        said, purpose = (
            headers[name].decode("latin-1") if name in headers else None
            for name in (b"authorization", b"hub-purpose")
        )
        origin = scope["client"][0] if scope.get("client") else None
        return await self.admit(self.hub, said, purpose, origin) if said else None
