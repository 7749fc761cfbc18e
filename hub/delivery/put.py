"""Changes by REST: PUT with an Idempotency-Key, read back by GET."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from hub.connector import Dataset
from hub.delivery.parcel import Fate, Outcome, Parcel, Readable, Target
from hub.fetch import RestSettings
from hub.parse import Unreadable
from hub.parse.rows import load_json
from hub.written import Row

_OK, _REFUSED = 200, 409
#: Statuses with which it asks everybody to come later.
_AWAY = frozenset({429, 502, 503})
#: Statuses with which a server says for certain that it has not begun.
_NOT_BEGUN = frozenset({401, 403, 404, 429})


class Put(Target, Readable):
    """A platform that takes changes of single rows."""

    def __init__(self, settings: RestSettings) -> None:
        # Departments' systems are inside: a proxy of the environment does not lead to them.
        self._client = httpx.Client(
            base_url=str(settings.url).rstrip("/"),
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=settings.timeout,
            trust_env=False,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def send(self, parcel: Parcel) -> Outcome:
        """Put the changed cells of a row."""
        headers = {"Idempotency-Key": parcel.delivery_id}
        path = _path(parcel.dataset, parcel.key)
        try:
            response = self._client.put(path, json=parcel.changes, headers=headers)
        except httpx.HTTPError as error:
            return lost(error)
        if response.status_code != _OK:
            return turned_away(response)
        try:
            said: Any = load_json(response.content)
            code = int(said["code"])
        except (Unreadable, KeyError, TypeError, ValueError):
            return Outcome("unknown", "an answer that is not as agreed")
        if code == _REFUSED:
            return Outcome("refused", str(said.get("msg") or "refused"))
        if code == _OK:
            return Outcome("accepted")
        return Outcome("failed" if code in _NOT_BEGUN else "unknown", f"code {code}")

    def read(self, dataset: Dataset, key: str) -> Row | None:
        """Get a row as it is now."""
        try:
            said: Any = load_json(self._client.get(_path(dataset, key)).content)
            row = said["row"] if int(said["code"]) == _OK else None
        except (httpx.HTTPError, Unreadable, KeyError, TypeError, ValueError):
            return None
        return {str(name): str(value) for name, value in row.items()} if row else None


def _path(dataset: Dataset, key: str) -> str:
    return f"/api/{dataset.location}/{quote(key, safe='')}"


def lost(error: httpx.HTTPError) -> Outcome:
    """Say what has become of a request that was not answered."""
    never = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return Outcome(
        "failed" if never else "unknown", f"no answer ({type(error).__name__})", down=True
    )


def turned_away(response: httpx.Response) -> Outcome:
    """Say what has become of a request that was answered by an error."""
    status = response.status_code
    after = retry_after(response.headers.get("Retry-After"))
    fate: Fate = "unknown" if status >= 500 else "failed"
    return Outcome(fate, f"HTTP {status}", after, down=status in _AWAY)


def retry_after(said: str | None) -> float | None:
    """Read how many seconds to wait, given as such or as a date; None where nothing is said."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
