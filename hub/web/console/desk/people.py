"""Who is let in: people with their one-time links, and the systems that call the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from connectors import CONNECTORS
from hub.errors import Conflict, WrongUse
from hub.store import users
from hub.store.clients import list_clients
from hub.store.users import Account
from hub.store.visible import ROLES, need_admin
from hub.web.access import Access
from hub.web.console import shown
from hub.web.console.areas import area_names, community_choices
from hub.web.console.desk.listed import Form, source_options
from hub.web.console.desk.places import desk_page
from hub.web.console.forms import Sent
from hub.web.console.pages import words
from hub.web.console.visiting import Reading, Writing
from hub.web.console.words import Words
from hub.web.problems import Problem
from hub.web.routes import router

T = TypeVar("T")

routes = router("console")
LIST = "/console/desk/people"


@routes.get(LIST, operation_id="show_people", include_in_schema=False)
def people(request: Request, access: Reading) -> Response:
    """Show who is let in, and how."""
    return _page(request, access, Sent({}))


def _page(
    request: Request,
    access: Access,
    sent: Sent,
    errors: Mapping[str, str] | None = None,
    invited: Mapping[str, str] | None = None,
) -> Response:
    need_admin(access.caller)
    t = words(request)
    with access.transaction() as connection:
        accounts, clients = users.list_accounts(connection), list_clients(connection)
        codes = {code for one in accounts for code in one["areas"]}
        areas = area_names(access.reading(), connection, codes)
    return desk_page(
        request,
        "desk/people.html",
        422 if errors else 200,
        people=[_person(t, access, one, areas) for one in accounts],
        codes=[(name, code) for code, name in community_choices(access)],
        clients=[_client(t, one) for one in clients],
        roles=[(one, t("role." + one)) for one in ROLES],
        sources=source_options(t),
        back=LIST,
        sent=sent,
        errors=errors or {},
        invited=invited,
        lasts=int(users.LINK_LASTS.total_seconds() // 3600),
    )


def _person(
    t: Words, access: Access, one: Mapping[str, Any], areas: Mapping[str, str]
) -> dict[str, Any]:
    state = "shut_out" if one["disabled_at"] else "let_in" if one["has_password"] else "invited"
    if state == "let_in" and one["locked_until"] and one["locked_until"] > datetime.now(UTC):
        state = "locked"
    return {
        "id": one["account_id"],
        "name": one["name"],
        "role": t("role." + one["role"]),
        "source": shown.source_title(t, one["source"]) if one["source"] else "",
        "areas": t("record.between").join(
            f"{areas[code]} ({code})" if code in areas else code for code in one["areas"]
        ),
        "since": shown.day(one["created_at"]),
        "state": state,
        "me": one["account_id"] == access.caller.client_id,
    }


def _client(t: Words, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": one["client_id"],
        "name": one["name"],
        "role": t("role." + one["role"]),
        "source": shown.source_title(t, one["source"]) if one["source"] else "",
        "since": shown.day(one["created_at"]),
        "state": "shut_out" if one["revoked_at"] else "let_in",
    }


@routes.post(LIST, operation_id="invite_person", include_in_schema=False)
def invite(request: Request, sent: Form, access: Writing) -> Response:
    """Let somebody in; the link by which they set a password is shown once."""
    need_admin(access.caller)
    t, role = words(request), sent.one("role")
    errors = _faults(t, sent)
    if errors:
        return _page(request, access, sent, errors)
    areas = sent.one("areas").replace("，", ",").replace(",", " ").split()
    try:
        with access.transaction() as connection:
            account = users.add_account(
                connection, sent.one("name"), role, source=sent.one("source") or None, areas=areas
            )
            token = users.new_link(connection, account)
            access.tell(connection, "account", about=f"add {role} {account.account_id}")
    except Conflict:
        return _page(request, access, sent, {"name": t("people.known")})
    except WrongUse:
        return _page(request, access, sent, {"areas": t("people.wrong_area")})
    return _page(request, access, Sent({}), invited=_link(request, access, account, token))


def _faults(t: Words, sent: Sent) -> dict[str, str]:
    errors = {}
    if not 1 <= len(sent.one("name")) <= 80:
        errors["name"] = t("people.no_name")
    if sent.one("role") not in ROLES:
        errors["role"] = t("people.no_role")
    if (sent.one("source") in CONNECTORS) != (sent.one("role") == "department"):
        errors["source"] = t("people.wrong_source")
    return errors


def _link(request: Request, access: Access, account: Account, token: str) -> dict[str, str]:
    settings = access.hub.settings
    here = settings.address or str(request.base_url).rstrip("/")
    return {"name": account.name, "link": settings.welcome(token, here)}


@routes.post(f"{LIST}/{{account_id}}/link", operation_id="renew_link", include_in_schema=False)
def link(request: Request, account_id: str, access: Writing) -> Response:
    """Show a new link for a new password, once; links before it count no more."""

    def renew(connection: Connection) -> tuple[Account, str]:
        account = users.find_account(connection, account_id)
        if account is None:
            raise Problem("not-found")
        return account, users.new_link(connection, account)

    account, token = _changed(access, f"link {account_id}", renew)
    return _page(request, access, Sent({}), invited=_link(request, access, account, token))


@routes.post(f"{LIST}/{{account_id}}/lock", operation_id="lock_person", include_in_schema=False)
def lock(account_id: str, access: Writing) -> Response:
    """Shut somebody out, wherever they are logged in; nobody does so to oneself."""
    if account_id == access.caller.client_id:
        raise Problem("forbidden", "nobody shuts oneself out")

    def shut(connection: Connection) -> None:
        account = users.find_account(connection, account_id)
        if account is None:
            raise Problem("not-found")
        users.disable(connection, account)

    _changed(access, f"disable {account_id}", shut)
    return RedirectResponse(LIST, 303)


@routes.post(f"{LIST}/{{account_id}}/unlock", operation_id="unlock_person", include_in_schema=False)
def unlock(account_id: str, access: Writing) -> Response:
    """Let somebody in again."""
    _changed(access, f"enable {account_id}", lambda made: users.enable(made, account_id))
    return RedirectResponse(LIST, 303)


def _changed(access: Access, about: str, change: Callable[[Connection], T]) -> T:
    """Change an account; the audit is told."""
    need_admin(access.caller)
    with access.transaction() as connection:
        done = change(connection)
        access.tell(connection, "account", about=about)
    return done
