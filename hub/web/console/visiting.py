"""Who reads a page, and what for: the same `Access` as the API's, with the purpose they stated.

A purpose is stated once and kept in a cookie; until then it is the one that goes with the role.
Every read is audited with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, Security

from hub.store.visible import Role
from hub.web.access import Access, access
from hub.web.console.pages import PURPOSE
from hub.web.problems import Problem
from hub.web.sessions import logged_in, remember

#: What somebody of a role usually reads for.
USUAL: Mapping[Role, str] = {
    "worker": "visit",
    "steward": "steward",
    "admin": "steward",
    "auditor": "steward",
    "department": "verification",
}


async def visiting(request: Request, given: Annotated[Access, Depends(access)]) -> Access:
    """Return what the person who asks for a page may read, for the purpose they have stated."""
    who = logged_in(request)
    if who is None:
        # A program's token is good for the API; pages are for people.
        raise Problem("unauthorised")
    purpose = stated(request, given)
    remember(request, replace(who, purpose=purpose))
    return replace(given, purpose=purpose)


def stated(request: Request, given: Access) -> str | None:
    """Return the purpose that was stated, or the usual one; None where none is covered."""
    covered = given.caller.purposes()
    usual = USUAL[given.caller.role]
    chosen = request.cookies.get(PURPOSE, usual)
    return next((one for one in (chosen, usual) if one in covered), None)


Reading = Annotated[Access, Security(visiting, scopes=["read"])]
Writing = Annotated[Access, Security(visiting, scopes=["write"])]
#: For pages that show nothing but what the console is.
READING = [Security(visiting, scopes=["read"])]
