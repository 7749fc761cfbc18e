"""Access tokens: JWTs as RFC 9068 describes them, signed and read by the hub alone."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.store.clients import Client
from hub.store.visible import ROLES, SCOPES, Caller
from hub.web.keys import TokenKeys

ALGORITHM = "RS256"
LIFETIME = 900
AUDIENCE = "urn:hub:api"
# As many tokens as are remembered to be good; reading one anew costs little.
_MOST = 10_000


class BadToken(Exception):
    """The token is not one of ours, or its time is over."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: who calls, which token it is, and until when it counts."""

    caller: Caller
    token_id: str
    expires: float


@dataclass
class Tokens:
    """Issues access tokens and tells who sent one."""

    keys: TokenKeys
    _known: dict[str, Token] = field(default_factory=dict)

    def issue(self, client: Client, scopes: frozenset[str], issuer: str) -> str:
        """Return a token for a client."""
        now = int(time.time())
        key = self.keys.current
        header = {"typ": "at+jwt", "alg": ALGORITHM, "kid": key.kid}
        claims = {
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": client.client_id,
            "client_id": client.client_id,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": secrets.token_hex(16),
            "scope": " ".join(sorted(scopes)),
            "roles": [client.role],
        }
        claims |= {"source": client.source} if client.source else {}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def read(self, token: str) -> Token:
        """Return what a token says; raise BadToken where it does not count."""
        known = self._known.get(token)
        if known is None:
            known = self._read(token)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[token] = known
        if known.expires <= time.time():
            self._known.pop(token, None)
            raise BadToken("the token has expired")
        return known

    def _read(self, token: str) -> Token:
        try:
            read = jwt.decode(token, KeySet(list(self.keys.all)), algorithms=[ALGORITHM])
            claims = read.claims
            expires = float(claims["exp"])
            (role,) = claims["roles"]
            client_id, token_id = str(claims["client_id"]), str(claims["jti"])
            scopes = frozenset(str(claims["scope"]).split())
        except (JoseError, KeyError, TypeError, ValueError):
            raise BadToken("the token is not one of this hub") from None
        if read.header.get("typ") != "at+jwt" or claims.get("aud") != AUDIENCE or role not in ROLES:
            raise BadToken("the token is not an access token of this hub")
        caller = Caller(client_id, role, claims.get("source"), scopes & SCOPES[role])
        return Token(caller, token_id, expires)
