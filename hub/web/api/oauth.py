"""Access tokens by client credentials (RFC 6749), and the metadata that says so (RFC 8414)."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Annotated, Any, Literal
from urllib.parse import unquote_plus

import orjson
from fastapi import Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from hub.store.audit import Entry, record
from hub.store.clients import Client, recognise, revoke_token
from hub.store.visible import SCOPES
from hub.web.asked import Words
from hub.web.problems import Problem
from hub.web.routes import answer, answers, router
from hub.web.running import Hub, running
from hub.web.tokens import ALGORITHM, LIFETIME, BadToken

_METHODS = ["client_secret_basic", "client_secret_post"]

routes = router("oauth")
Running = Annotated[Hub, Depends(running)]


class Named(BaseModel):
    """A form in which a client names itself, if it does not by HTTP Basic."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client_id: Words | None = None
    client_secret: Words | None = None


class RevocationAsked(Named):
    """The form by which a token is taken back."""

    token: Words
    token_type_hint: Words | None = None


class TokenAsked(Named):
    """The form of a token request."""

    grant_type: Words = Field(json_schema_extra={"enum": ["client_credentials"]})
    scope: Words | None = Field(None, json_schema_extra={"pattern": "^(read|write|read write)$"})


class Token(BaseModel):
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class Refused(Exception):
    """A token request failed; the error is one of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


@routes.post(
    "/oauth/token",
    operation_id="issue_token",
    summary="Issue an access token by client credentials",
    responses=answers(Token),
)
def token(request: Request, form: Annotated[TokenAsked, Form()], hub: Running) -> Response:
    """The answer of an error is a problem document with the members of RFC 6749 beside."""
    origin = request.client.host if request.client else None
    try:
        if form.grant_type != "client_credentials":
            raise Refused("unsupported_grant_type", "grant_type has to be client_credentials")
        client_id, secret = _credentials(request.headers.get("authorization"), form)
        client = _recognised(hub, client_id, secret, origin)
        scopes = _scopes(client, form.scope)
    except Refused as error:
        return _refusal(request, error)
    issued = {
        "access_token": hub.tokens.issue(client, scopes, _issuer(request)),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": " ".join(sorted(scopes)),
    }
    return answer(issued, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


@routes.post(
    "/oauth/revoke",
    operation_id="revoke_token",
    summary="Take an access token back before its time",
    responses=answers(),
)
def revoke(request: Request, form: Annotated[RevocationAsked, Form()], hub: Running) -> Response:
    """Take back a token of the client's own (RFC 7009); of any other the answer is the same."""
    origin = request.client.host if request.client else None
    try:
        client_id, secret = _credentials(request.headers.get("authorization"), form)
        client = _recognised(hub, client_id, secret, origin)
    except Refused as error:
        return _refusal(request, error)
    with suppress(BadToken):
        token = hub.tokens.read(form.token)
        if token.caller.client_id == client.client_id:
            with hub.transaction() as connection:
                revoke_token(connection, token.token_id, token.expires)
                record(connection, Entry(client.client_id, "revoke token", origin=origin))
    return answer({}, headers={"Cache-Control": "no-store"})


def _credentials(header: str | None, form: Named) -> tuple[str, str]:
    if header is None:
        if not form.client_id or not form.client_secret:
            raise Refused("invalid_client", "client_id and client_secret are needed")
        return form.client_id, form.client_secret
    scheme, _, said = header.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if scheme.lower() != "basic" or not colon or "\x00" in client_id + secret:
        raise Refused("invalid_client", "the header Authorization cannot be read")
    return unquote_plus(client_id), unquote_plus(secret)


def _recognised(hub: Hub, client_id: str, secret: str, origin: str | None) -> Client:
    place = f"{client_id} {origin}"
    hub.failures.check(place, cost=0)
    with hub.transaction() as connection:
        client = recognise(connection, client_id, secret)
        action = "token" if client else "token refused"
        # An unknown client's name may be anything somebody typed, a secret even.
        entry = Entry(client.client_id if client else "unknown", action, origin=origin)
        record(connection, entry)
    if client is None:
        hub.failures.check(place)
        raise Refused("invalid_client", "there is no such client, or that is not its secret")
    return client


def _scopes(client: Client, asked: str | None) -> frozenset[str]:
    granted = SCOPES[client.role]
    scopes = frozenset((asked or "").split()) or granted
    if not scopes <= granted:
        raise Refused("invalid_scope", f"the scopes of this client are {' '.join(sorted(granted))}")
    return scopes


def _refusal(request: Request, error: Refused) -> Response:
    kind = "unauthorised" if error.error == "invalid_client" else "malformed"
    headers = {"WWW-Authenticate": 'Basic realm="hub"'} if kind == "unauthorised" else {}
    said: dict[str, Any] = {"error": error.error, "error_description": error.description}
    answered = Problem(kind, error.description, headers=headers, **said).answer()
    wanted = request.headers.get("accept", "")
    if "application/json" in wanted and "problem+json" not in wanted:
        # OAuth libraries ask for, and insist on, plain JSON.
        answered.headers["Content-Type"] = "application/json"
    return answered


def _issuer(request: Request) -> str:
    return str(request.base_url).rstrip("/")


@routes.get(
    "/.well-known/oauth-authorization-server",
    operation_id="get_oauth_metadata",
    summary="Read the metadata of the authorisation server",
    responses={**answers(), 200: {"description": "RFC 8414", "content": {"application/json": {}}}},
)
async def metadata(request: Request) -> Response:
    """Say where tokens are issued and how (RFC 8414)."""
    issuer = _issuer(request)
    return answer(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "revocation_endpoint_auth_methods_supported": _METHODS,
            "jwks_uri": f"{issuer}/oauth/jwks",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": sorted(frozenset().union(*SCOPES.values())),
            "token_endpoint_auth_methods_supported": _METHODS,
        }
    )


@routes.get(
    "/oauth/jwks",
    operation_id="get_jwks",
    summary="Read the public keys that tokens are signed with",
    responses={**answers(), 200: {"description": "RFC 7517", "content": {"application/json": {}}}},
)
async def jwks(hub: Running) -> Response:
    """Give the key to whoever wants to check a token, and the one before while its tokens count."""
    public = [
        {**key.as_dict(private=False), "kid": key.kid, "use": "sig", "alg": ALGORITHM}
        for key in hub.tokens.keys.all
    ]
    return Response(orjson.dumps({"keys": public}), media_type="application/json")
