"""Cursors: where a list goes on, written so that nobody can read much from them or make one up."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from itsdangerous import BadData, URLSafeSerializer


class BadCursor(Exception):
    """The cursor was not made by this hub for this list."""


class Cursors:
    """Writes and reads cursors; each is bound to the list, its filters and its reader's view."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, place: object, *bound_to: object) -> str:
        """Return the cursor of a place in a list."""
        text = self._serializer(bound_to).dumps(place)
        return text if isinstance(text, str) else text.decode()

    def read(self, cursor: str, *bound_to: object) -> Any:
        """Return the place that a cursor stands for; raise BadCursor for one of another list."""
        try:
            return self._serializer(bound_to).loads(cursor)
        except (BadData, UnicodeError, ValueError):
            raise BadCursor from None

    def _serializer(self, bound_to: tuple[object, ...]) -> URLSafeSerializer:
        salt = blake2b(repr(bound_to).encode(), digest_size=16).digest()
        return URLSafeSerializer(self._secret, salt=salt)
