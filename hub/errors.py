"""What can go wrong, sorted by what the caller does about it.

    HubError                    one clear line; everything the hub raises on purpose
    ├── ConfigError             correct a setting, then start again          exit 2
    ├── WrongUse                ask differently: an argument is wrong        exit 2, HTTP 400
    │   ├── NotFound            the thing asked for is not there             exit 2, HTTP 404
    │   └── Conflict            the state of the thing forbids it now        exit 2, HTTP 409
    └── Unavailable             try again later                              exit 3, HTTP 503
        ├── SourceUnavailable   a department's system did not answer
        └── DatabaseUnavailable PostgreSQL did not answer

A message is one line, fit for a log and for a stranger: it names settings, sources, datasets,
columns, rules and counts, never a value of a row.
"""

from __future__ import annotations

from typing import ClassVar


class HubError(Exception):
    """Say in one line what went wrong, with the HTTP status and exit code that tell it on."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str) -> None:
        # Drivers wrap their messages over several lines; here one line is a promise.
        super().__init__(" ".join(message.split()))


class ConfigError(HubError):
    """A setting is missing, misspelt or has an impossible value."""

    exit_code = 2


class WrongUse(HubError):
    """The caller asked for something that cannot be meant."""

    status = 400
    exit_code = 2


class NotFound(WrongUse):
    """What was asked for by id, name or key is not there."""

    status = 404


class Conflict(WrongUse):
    """The thing asked for is in a state that forbids it now."""

    status = 409


class Unavailable(HubError):
    """Something outside the hub did not answer; the same call may succeed later."""

    status = 503


class SourceUnavailable(Unavailable):
    """A department's system could not be reached, or broke off while it was read."""


class DatabaseUnavailable(Unavailable):
    """PostgreSQL could not be started, reached or logged in to."""
