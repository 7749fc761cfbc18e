"""Logging in at an OpenID provider: authorisation code with PKCE; accounts stay the hub's own.

The provider says who somebody is; whether they may come in, and as what, accounts say.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from hub.config import Oidc
from hub.errors import Unavailable

#: How long somebody may take at the provider's.
WITHIN = 600
_PATIENCE = 10.0
#: What a provider signs with; "none", and a secret shared with others, do not count.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class ProviderFailed(Unavailable):
    """The OpenID provider did not answer, or not as it should."""


class NotProven(Exception):
    """What came back from the provider's does not show who somebody is."""


@dataclass(frozen=True)
class Begun:
    """A login under way: where to send the browser, and what it brings back to us in a cookie."""

    address: str
    cookie: str


@dataclass(frozen=True)
class Provider:
    """An OpenID provider, and how a browser's way to it and back is bound together."""

    said: Oidc
    secret: bytes
    callback: str

    def begin(self, onto: str) -> Begun:
        """Begin a login; ``onto`` is where the person goes on."""
        kept = {name: secrets.token_urlsafe(32) for name in ("nonce", "verifier")}
        with self._client() as client:
            address, state = client.create_authorization_url(
                self._metadata(client)["authorization_endpoint"],
                code_verifier=kept["verifier"],
                nonce=kept["nonce"],
            )
        return Begun(address, self._serializer().dumps({**kept, "state": state, "next": onto}))

    def finish(self, cookie: str, state: str, code: str) -> tuple[str, str]:
        """Return the name of who has logged in, and where they go on; raise NotProven."""
        try:
            kept = self._serializer().loads(cookie, max_age=WITHIN)
        except BadData:
            raise NotProven("the login took too long, or began elsewhere") from None
        if not secrets.compare_digest(kept["state"].encode(), state.encode()):
            raise NotProven("the login began elsewhere")
        with self._client() as client:
            metadata = self._metadata(client)
            token = client.fetch_token(
                metadata["token_endpoint"], code=code, code_verifier=kept["verifier"]
            )
            keys = _got(client, metadata["jwks_uri"])
        claims = self._claims(str(token.get("id_token")), keys, kept["nonce"])
        name = claims.get(self.said.claim)
        if not isinstance(name, str) or not name:
            raise NotProven(f"the provider does not say {self.said.claim}")
        return name, kept["next"]

    def _claims(self, token: str, keys: Any, nonce: str) -> Mapping[str, Any]:
        try:
            read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": self.said.issuer},
                aud={"essential": True, "value": self.said.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(read.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise NotProven("the provider's token does not count") from None
        claims: Mapping[str, Any] = read.claims
        return claims

    def _metadata(self, client: OAuth2Session) -> Mapping[str, Any]:
        address = self.said.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = _got(client, address)
        if found.get("issuer") != self.said.issuer:
            raise ProviderFailed("the OpenID provider calls itself otherwise than the setting does")
        metadata: Mapping[str, Any] = found
        return metadata

    @contextmanager
    def _client(self) -> Iterator[OAuth2Session]:
        secret = self.said.client_secret
        try:
            with OAuth2Session(
                self.said.client_id,
                secret and secret.get_secret_value(),
                scope=self.said.scope,
                redirect_uri=self.callback,
                code_challenge_method="S256",
                token_endpoint_auth_method="client_secret_basic" if secret else "none",
                default_timeout=_PATIENCE,
            ) as client:
                yield client
        except AuthlibBaseError:
            raise NotProven("the provider refuses the login") from None
        except (RequestException, ValueError, KeyError):
            # Their words may quote the request, with the code in it.
            raise ProviderFailed("the OpenID provider does not answer as it should") from None

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="oidc")


def _got(client: OAuth2Session, address: str) -> Any:
    answered = client.get(address, withhold_token=True)
    answered.raise_for_status()
    return answered.json()
