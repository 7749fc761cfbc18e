"""Asking a paged REST interface, patiently: what may pass is tried again, what will not is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx
import pandas as pd
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

from hub.connector import Dataset
from hub.errors import SourceUnavailable
from hub.parse import Unreadable, rows_frame
from hub.parse.rows import load_json, may_be_unstorable

_OK, _UNAUTHORISED, _TOO_MANY = 200, 401, 429


@dataclass(frozen=True)
class Answer:
    """One page: its rows, and how many rows there are on all pages."""

    rows: pd.DataFrame
    total: int


class _Passing(Exception):
    """Something that may be over in a moment, with the seconds the source asks to wait."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


class Api:
    """The interface of one source: a connection, a token, and how patiently to ask."""

    def __init__(
        self,
        source: str,
        url: str,
        token: str,
        *,
        tries: int,
        pause: float,
        patience: float,
        timeout: float,
    ) -> None:
        self.source = source
        self._patience = patience
        self._backoff = wait_random_exponential(multiplier=pause, max=patience)
        self._tries = tries
        # Departments' systems are inside: a proxy of the environment does not lead to them.
        self._client = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def page(self, dataset: Dataset, number: int, size: int, since: str | None) -> Answer:
        """Return one page of a dataset; SourceUnavailable says in a line why there is none."""
        params = {"pageNum": str(number), "pageSize": str(size)}
        params |= {"updatedSince": since} if since else {}
        retrying = Retrying(
            stop=stop_after_attempt(self._tries),
            wait=self._wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            return retrying(self._ask, f"/api/{dataset.location}", params)
        except _Passing as error:
            reason = f"{error}, {self._tries} times in a row"
        except _Refused as error:
            reason = str(error)
        raise SourceUnavailable(f"source {self.source}, dataset {dataset.name}: {reason}")

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome and state.outcome.exception()
        asked = error.after if isinstance(error, _Passing) else None
        return self._backoff(state) if asked is None else asked

    def _ask(self, path: str, params: Mapping[str, str]) -> Answer:
        try:
            response = self._client.get(path, params=params)
        except httpx.TransportError as error:
            raise _Passing(f"no answer ({type(error).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Passing(f"an answer that cannot be read ({type(error).__name__})") from None
        self._check_status(response)
        return _answer(response.content)

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == _TOO_MANY:
            after = _retry_after(response.headers.get("Retry-After"))
            if after is not None and after > self._patience:
                raise _Refused(f"asks to come back in {after:.0f} seconds")
            raise _Passing("HTTP 429", after)
        if status >= 500:
            raise _Passing(f"HTTP {status}")
        if status in (_UNAUTHORISED, 403):
            raise _Refused(f"the token was refused (HTTP {status})")
        if status != _OK:
            raise _Refused(f"HTTP {status}")


class _Refused(Exception):
    """Something that asking again will not change."""


def _answer(body: bytes) -> Answer:
    """Read the envelope, in which errors hide behind HTTP 200."""
    try:
        envelope: Any = load_json(body)
        code = int(envelope["code"])
        if code == _UNAUTHORISED:
            raise _Refused("the token was refused (code 401)")
        if code != _OK:
            raise _Passing(f"code {code}")
        rows = rows_frame(envelope["rows"], careful=may_be_unstorable(body))
        return Answer(rows, int(envelope["total"]))
    except (Unreadable, KeyError, TypeError, ValueError):
        raise _Passing("an answer that is not as agreed") from None


def _retry_after(said: str | None) -> float | None:
    """Read how many seconds to wait, given as such or as a date; None where nothing is said."""
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
