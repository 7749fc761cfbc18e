"""Telling a subscriber: one event a message, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import httpx
from standardwebhooks.webhooks import Webhook

from hub.config import Subscribers
from hub.delivery.addresses import NotAllowed, place_of
from hub.delivery.put import retry_after

#: Seconds for which an answer is waited for.
TIMEOUT = 15.0
_GONE = 410
#: So much of an answer, for so many seconds, is read to keep the connection.
_MOST, _LONGEST = 1 << 14, 2.0


@dataclass(frozen=True, slots=True)
class Posted:
    """What has become of a message; ``after``: how many seconds to leave the subscriber alone."""

    taken: bool
    reason: str | None = None
    after: float | None = None
    #: Whether the subscriber wants nothing ever again.
    gone: bool = False


def new_secret() -> str:
    """Return a secret that nobody has had before."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Subscriber:
    """An address that is told of changes, by the secrets that it may know."""

    def __init__(self, url: str, keys: Sequence[str], allowed: Subscribers) -> None:
        self._url, self._allowed = url, allowed
        self._webhooks = [Webhook(key) for key in keys]
        # Nothing it answers leads anywhere else, and no proxy of the environment leads to it.
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def post(self, message_id: str, body: str) -> Posted:
        """Send a message once; nothing here raises because of the other side."""
        try:
            place = place_of(self._url, self._allowed)
            headers = {"Host": place.name, **self._headers(message_id, body)}
            request = self._client.build_request(
                "POST",
                place.url,
                content=body,
                headers=headers,
                extensions={"sni_hostname": place.host},
            )
            response = self._client.send(request, stream=True)
            _pass_over(response)
        except NotAllowed as error:
            return Posted(False, str(error))
        except httpx.HTTPError as error:
            return Posted(False, f"no answer ({type(error).__name__})")
        status = response.status_code
        if response.is_success:
            return Posted(True)
        after = retry_after(response.headers.get("Retry-After"))
        return Posted(False, f"HTTP {status}", after, gone=status == _GONE)

    def _headers(self, message_id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        signed = (webhook.sign(message_id, now, body) for webhook in self._webhooks)
        return {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }


def _pass_over(response: httpx.Response) -> None:
    """Read what an answer says besides, which is of no account and might have no end."""
    size, end = 0, monotonic() + _LONGEST
    with closing(response):
        for part in response.iter_raw():
            size += len(part)
            if size > _MOST or monotonic() > end:
                return
